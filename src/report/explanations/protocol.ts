// Pages about what goes on once there is a connection: HTTP, WS-Management, the remote shell, time. Source: wsman.md 2.12, 2.13, 6.
import { act, here, server, type Page } from './page.ts';

const trace = here('see every request and its status', 'fencepost collect --limit HOST --trace');
const doctor = here('see how far one gets', 'fencepost doctor --limit HOST');
const eventLog = server(
  'read what WinRM itself noted',
  'wevtutil qe Microsoft-Windows-WinRM/Operational /c:20 /rd:true /f:text',
);
const shellSettings = server('see the limits of the remote shell', 'winrm get winrm/config/winrs');

export const protocolPages = {
  'http/status': {
    meaning: 'The server answered with an HTTP status and no WS-Management message.',
    causes: [
      '400: the connection was no longer authenticated, or the message could not be decrypted',
      '404: the path is not that of WinRM; 502, 504 or 407: a proxy stands between',
      '503: WinRM is starting, stopping or overloaded; 500: it failed without saying why',
    ],
    cures: [doctor, server('see whether WinRM runs', 'sc query winrm'), eventLog],
    see: ['http/not-winrm', 'connect/lost'],
  },
  'http/not-winrm': {
    meaning: 'Something answers on this port, but it is not WinRM.',
    causes: [
      'address, port or path are those of a web site, a portal or a proxy',
      'http is spoken to an https port, or the other way round',
      'a firewall shows its own page',
    ],
    cures: [
      here('see what answers', 'curl -si -X POST http://HOST:5985/wsman -H "Content-Length: 0"'),
      doctor,
      server('see what WinRM listens on', 'winrm enumerate winrm/config/listener'),
    ],
    see: ['connect/refused', 'http/status'],
  },
  'wire/invalid': {
    meaning: 'An answer of the server could not be read as WS-Management.',
    causes: [
      'something on the way changes answers',
      'a server that is not Windows',
      'an answer this version does not know',
    ],
    cures: [trace, act('reach the host without a proxy; if it stays so, report the output of --debug')],
    see: ['http/not-winrm', 'internal/bug'],
  },
  'wire/unsealed': {
    meaning: 'An answer that must be encrypted came in clear, or its seal does not hold. It was not read.',
    causes: ['something on the way changes the traffic', 'the other end is not the server one logged on to'],
    cures: [trace, act('find out what stands between; do not allow unencrypted traffic on the server')],
    see: ['auth/unsafe', 'auth/server'],
  },
  'wire/fault': {
    meaning: 'WinRM refused a request; its number and words are in the message.',
    causes: [
      'remote shells are turned off on the server',
      'the shell plug-in is missing or damaged',
      'WinRM was restarted in the middle',
    ],
    cures: [
      server('let Windows explain the number', 'winrm helpmsg CODE'),
      shellSettings,
      server('allow remote shells', 'winrm set winrm/config/winrs @{AllowRemoteShellAccess="true"}'),
    ],
    see: ['wire/access-denied', 'wire/quota'],
  },
  'wire/access-denied': {
    meaning: 'The logon worked, but the account may not use WinRM or its shell.',
    causes: [
      'the account is neither in Administrators nor in Remote Management Users of the server',
      'a local account other than Administrator: UAC takes its rights away over the network',
      'the rights of the WinRM service or of its shell plug-in were changed',
    ],
    cures: [
      server('see who is an administrator', 'net localgroup Administrators'),
      server('add the account', 'net localgroup Administrators CORP\\SVC /add'),
      server(
        'for local accounts only',
        'reg add HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System /v LocalAccountTokenFilterPolicy /t REG_DWORD /d 1 /f',
      ),
      server('see the rights of the service', 'winrm get winrm/config/service'),
    ],
    see: ['auth/refused', 'step/no-effect'],
  },
  'wire/quota': {
    meaning: 'A limit of WinRM is reached: too many shells, operations, users or too much load.',
    causes: [
      'shells of other tools were left open; they go after their idle timeout',
      'another controller uses the same account at the same time',
      'an earlier version of a tool leaks operations until WinRM is restarted',
    ],
    cures: [
      server('see the open shells', 'winrm enumerate shell'),
      shellSettings,
      here('ask fewer hosts at once, or wait some minutes', 'fencepost collect --concurrency 10'),
      server('as a last resort, which ends all remote sessions', 'net stop winrm && net start winrm'),
    ],
    see: ['wire/fault'],
  },
  'wire/shell-gone': {
    meaning:
      'The remote shell is not there any more. What was asked is asked again; a change is not, the host is read instead.',
    causes: [
      'WinRM or the server was restarted',
      'the shell was idle for too long, or somebody removed it',
      'a load balancer sent the request to another server',
    ],
    cures: [doctor, eventLog, act('reach each server by its own name, never through a load balancer')],
    see: ['connect/lost', 'step/unread'],
  },
  'wire/too-large': {
    meaning: 'A message is larger than the server, or Fencepost, allows.',
    causes: ['MaxEnvelopeSizekb was set very low', 'it is not WinRM that answers'],
    cures: [
      server('see the limit', 'winrm get winrm/config'),
      server('set the usual one', 'winrm set winrm/config @{MaxEnvelopeSizekb="500"}'),
    ],
    see: ['command/too-long', 'http/not-winrm'],
  },
  'cim/not-found': {
    meaning: 'The server has no such CIM class, namespace or instance, or the query has a mistake.',
    causes: [
      'the class is newer than this Windows: MSFT_NetTCPSetting in root/StandardCimv2 came with Windows Server 2012',
      'the WMI repository of the server is damaged, or the provider of the class is not registered',
      'a name in the query or a selector is misspelt',
    ],
    cures: [
      server('ask the same there', 'winrm enumerate wmi/root/standardcimv2/MSFT_NetTCPSetting'),
      server('check the WMI repository', 'winmgmt /verifyrepository'),
    ],
    see: ['wire/access-denied', 'wire/fault'],
  },
  'command/too-long': {
    meaning: 'The questions for one host do not fit into one command line of Windows (8191 characters).',
    causes: ['a playbook with very many ports or services', 'a wide range, each port of which is looked for'],
    cures: [act('split the playbook into several, with fewer ports and services each')],
    see: ['playbook/invalid'],
  },
  'deadline/request': {
    meaning: 'The server did not answer one request within its time.',
    causes: [
      'the server is overloaded, or its disk hangs',
      'a command on it waits for something',
      'request_timeout_s is too short for this line',
    ],
    cures: [trace, act('give it longer: winrm: { operation_timeout_s: 60, request_timeout_s: 75 }'), doctor],
    see: ['deadline/host', 'connect/timeout'],
  },
  'deadline/host': {
    meaning: 'One host took longer than it may; it was left, and what was found out is in its verdict.',
    causes: ['a slow or overloaded server', 'a service that does not stop or start', 'host_timeout_s is too short'],
    cures: [
      here('see what it waits for', 'fencepost collect --limit HOST --trace'),
      act('give it longer: winrm: { host_timeout_s: 900 }'),
    ],
    see: ['deadline/request', 'in-doubt'],
  },
  interrupted: {
    meaning: 'Somebody pressed Ctrl-C, or the process was told to end.',
    causes: ['a person changed their mind', 'a CI runner reached its time limit', 'the jump host is shutting down'],
    cures: [
      here('see what was changed', 'fencepost runs show RUN'),
      here('go on', 'fencepost resume RUN'),
      here('take it back', 'fencepost rollback RUN'),
      here('have a run end in order before a CI runner kills it', 'fencepost apply PLAN --yes --deadline 50m'),
    ],
    see: ['not-reached', 'run/cannot-resume'],
  },
  'change/refused-read-only': {
    meaning: 'A stage that only asks tried to send a change. It was stopped before anything was sent.',
    causes: ['a bug in Fencepost'],
    cures: [here('run again and report the output', 'fencepost COMMAND --debug')],
    see: ['internal/bug'],
  },
} as const satisfies Readonly<Record<string, Page>>;

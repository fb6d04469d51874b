// Pages about what goes on once there is a connection: HTTP, WS-Management, the remote shell, time. Source: wsman.md 2.12, 2.13, 6.
import { act, here, server, type Page } from './page.ts';

const trace = here('see every request and its status', 'fencepost collect --limit HOST --trace');
const doctor = here('check each step of the connection', 'fencepost doctor --limit HOST');
const eventLog = server(
  'read the WinRM event log',
  'wevtutil qe Microsoft-Windows-WinRM/Operational /c:20 /rd:true /f:text',
);
const shellSettings = server('see the limits of the remote shell', 'winrm get winrm/config/winrs');

export const protocolPages = {
  'http/status': {
    meaning: 'The server answered with an HTTP status but no WS-Management message.',
    causes: [
      '400: the connection was no longer authenticated, or the message could not be decrypted',
      '404: the path is not WinRM; 502, 504 or 407: a proxy is in between',
      '503: WinRM is starting, stopping or overloaded; 500: it failed without a reason',
    ],
    cures: [doctor, server('check whether WinRM is running', 'sc query winrm'), eventLog],
    see: ['http/not-winrm', 'connect/lost'],
  },
  'http/not-winrm': {
    meaning: 'Something answers on this port, but it is not WinRM.',
    causes: [
      'the address, port or path belongs to a web site, a portal or a proxy',
      'http is used on an https port, or the reverse',
      'a firewall answers with its own page',
    ],
    cures: [
      here('see what answers', 'curl -si -X POST http://HOST:5985/wsman -H "Content-Length: 0"'),
      doctor,
      server('see which ports WinRM listens on', 'winrm enumerate winrm/config/listener'),
    ],
    see: ['connect/refused', 'http/status'],
  },
  'wire/invalid': {
    meaning: 'An answer of the server could not be read as WS-Management.',
    causes: [
      'something in between changes answers',
      'a server that is not Windows',
      'an answer this version does not know',
    ],
    cures: [trace, act('connect without a proxy; if that does not help, report the output of --debug')],
    see: ['http/not-winrm', 'internal/bug'],
  },
  'wire/unsealed': {
    meaning: 'An answer that must be encrypted was not, or its signature is wrong. It was not used.',
    causes: ['something in between changes the traffic', 'the other end is not the server that you logged on to'],
    cures: [trace, act('find out what is in between; do not allow unencrypted traffic on the server')],
    see: ['auth/unsafe', 'auth/server'],
  },
  'wire/fault': {
    meaning: 'WinRM refused a request; the message has its number and text.',
    causes: [
      'remote shells are turned off on the server',
      'the shell plug-in is missing or damaged',
      'WinRM was restarted during the request',
    ],
    cures: [
      server('look up the number', 'winrm helpmsg CODE'),
      shellSettings,
      server('allow remote shells', 'winrm set winrm/config/winrs @{AllowRemoteShellAccess="true"}'),
    ],
    see: ['wire/access-denied', 'wire/quota'],
  },
  'wire/access-denied': {
    meaning: 'The logon worked, but the account may not use WinRM or its shell.',
    causes: [
      'the account is neither in Administrators nor in Remote Management Users of the server',
      'a local account other than Administrator: UAC filters its rights over the network',
      'the rights of the WinRM service or of its shell plug-in were changed',
    ],
    cures: [
      server('list the administrators', 'net localgroup Administrators'),
      server('add the account', 'net localgroup Administrators CORP\\SVC /add'),
      server(
        'for local accounts only',
        'reg add HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System /v LocalAccountTokenFilterPolicy /t REG_DWORD /d 1 /f',
      ),
      server('check the rights of the service', 'winrm get winrm/config/service'),
    ],
    see: ['auth/refused', 'step/no-effect'],
  },
  'wire/quota': {
    meaning: 'A WinRM limit was reached: too many shells, operations or users, or too much load.',
    causes: [
      'other tools left shells open; they end after their idle timeout',
      'another controller uses the same account at the same time',
      'an earlier version of a tool leaks operations until WinRM is restarted',
    ],
    cures: [
      server('list the open shells', 'winrm enumerate shell'),
      shellSettings,
      here('use fewer hosts at once, or wait a few minutes', 'fencepost collect --concurrency 10'),
      server('as a last resort (ends all remote sessions)', 'net stop winrm && net start winrm'),
    ],
    see: ['wire/fault'],
  },
  'wire/shell-gone': {
    meaning:
      'The remote shell no longer exists. Questions are asked again; a change is never sent again, the host is checked instead.',
    causes: [
      'WinRM or the server was restarted',
      'the shell was idle for too long, or someone removed it',
      'a load balancer sent the request to another server',
    ],
    cures: [doctor, eventLog, act('connect to each server by its own name, never through a load balancer')],
    see: ['connect/lost', 'step/unread'],
  },
  'wire/too-large': {
    meaning: 'A message is larger than the server, or Fencepost, allows.',
    causes: ['MaxEnvelopeSizekb is set very low', 'something other than WinRM answers'],
    cures: [
      server('see the limit', 'winrm get winrm/config'),
      server('set the default', 'winrm set winrm/config @{MaxEnvelopeSizekb="500"}'),
    ],
    see: ['command/too-long', 'http/not-winrm'],
  },
  'cim/not-found': {
    meaning: 'The server has no such CIM class, namespace or instance, or the query is wrong.',
    causes: [
      'the class is newer than this Windows: MSFT_NetTCPSetting in root/StandardCimv2 came with Windows Server 2012',
      'the WMI repository of the server is damaged, or the provider of the class is not registered',
      'a name in the query or a selector is misspelt',
    ],
    cures: [
      server('run the same query on the server', 'winrm enumerate wmi/root/standardcimv2/MSFT_NetTCPSetting'),
      server('check the WMI repository', 'winmgmt /verifyrepository'),
    ],
    see: ['wire/access-denied', 'wire/fault'],
  },
  'command/too-long': {
    meaning: 'The command line for one host is longer than Windows allows (8191 characters).',
    causes: ['a playbook with very many ports or services', 'a wide range of which each port is checked'],
    cures: [act('split the playbook into several, with fewer ports and services each')],
    see: ['playbook/invalid'],
  },
  'deadline/request': {
    meaning: 'The server did not answer a request in time.',
    causes: [
      'the server is overloaded, or its disk hangs',
      'a command on the server is waiting for something',
      'request_timeout_s is too short for this connection',
    ],
    cures: [trace, act('give it more time: winrm: { operation_timeout_s: 60, request_timeout_s: 75 }'), doctor],
    see: ['deadline/host', 'connect/timeout'],
  },
  'deadline/host': {
    meaning: 'One host took longer than its time limit. It was dropped; its verdict has what is known.',
    causes: ['a slow or overloaded server', 'a service that does not stop or start', 'host_timeout_s is too short'],
    cures: [
      here('see what it is waiting for', 'fencepost collect --limit HOST --trace'),
      act('give it more time: winrm: { host_timeout_s: 900 }'),
    ],
    see: ['deadline/request', 'in-doubt'],
  },
  interrupted: {
    meaning: 'Someone pressed Ctrl-C, or the process was told to stop.',
    causes: ['the operator stopped it', 'a CI runner reached its time limit', 'the jump host is shutting down'],
    cures: [
      here('see what was changed', 'fencepost runs show RUN'),
      here('continue', 'fencepost resume RUN'),
      here('roll back', 'fencepost rollback RUN'),
      here('let a run stop cleanly before a CI runner kills it', 'fencepost apply PLAN --yes --deadline 50m'),
    ],
    see: ['skipped', 'run/cannot-resume'],
  },
  'change/refused-read-only': {
    meaning: 'A read-only step tried to send a change. It was stopped before anything was sent.',
    causes: ['a bug in Fencepost'],
    cures: [here('run again and report the output', 'fencepost COMMAND --debug')],
    see: ['internal/bug'],
  },
} as const satisfies Readonly<Record<string, Page>>;

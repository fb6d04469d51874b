// Pages about what a plan finds on a host. Source: product.md ("What is desired, exactly") and windows.md sections 3 to 5.
import type { FindingCode } from '../../model/plan.ts';
import { guardFindingPages } from './guards.ts';
import { act, here, server, type Page } from './page.ts';

const holder = server('find the owner of the port', 'netstat -ano | findstr :9933');
const showProcess = server('see the program and services of a process id', 'tasklist /svc /fi "PID eq PID"');
const tables = server('see the exclusions', 'netsh interface ipv4 show excludedportrange protocol=tcp');
const dynamic = server('see the dynamic range (a start and a COUNT)', 'netsh interface ipv4 show dynamicport tcp');
const showImapPort = server(
  'see the port, in the Exchange Management Shell',
  'Get-ImapSettings | Format-List ProxyTargetPort',
);
const showPopPort = server('the same for POP3', 'Get-PopSettings | Format-List ProxyTargetPort');
const planAgain = here('plan again', 'fencepost plan --limit HOST');

export const findingPages: Readonly<Record<FindingCode, Page>> = {
  'facts-incomplete': {
    meaning:
      'An answer from the host is incomplete. Until it can be read, its ports are not called reserved or not reserved.',
    causes: [
      'an output format that this version does not know',
      'the account lacks the right to ask',
      'the answer was cut off',
    ],
    cures: [
      here('see the raw answers, for a bug report', 'fencepost collect --limit HOST --json'),
      here('see the rights of the account', 'fencepost doctor --limit HOST'),
    ],
    see: ['answer/incomplete'],
  },
  'account-rights': {
    meaning:
      'The account may read the port tables, but it may change nothing, and over WinRM it sees neither services (sc) nor processes (tasklist).',
    causes: [
      'it is in Remote Management Users, but not in Administrators of the server',
      'a local account other than Administrator: UAC filters its rights over the network',
    ],
    cures: [
      server('list the administrators', 'net localgroup Administrators'),
      server('add the account', 'net localgroup Administrators CORP\\SVC /add'),
      server(
        'for local accounts only',
        'reg add HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System /v LocalAccountTokenFilterPolicy /t REG_DWORD /d 1 /f',
      ),
      here('see the rights again', 'fencepost doctor --limit HOST'),
    ],
    see: ['wire/access-denied', 'facts-incomplete'],
  },
  'netsh-refused': {
    meaning:
      'Windows refused netsh: it ended with an error in place of an answer, so the ports of this host are not known.',
    causes: [
      'a policy forbids netsh.exe to this account (AppLocker, software restriction)',
      'security software stops netsh.exe',
      'the TCP/IP helper of netsh is damaged or removed',
    ],
    cures: [
      tables,
      server('see the policies that apply to the account', 'gpresult /r /user CORP\\SVC'),
      here('see the words of Windows', 'fencepost collect --limit HOST --json'),
    ],
    see: ['account-rights', 'netsh-too-old'],
  },
  'netsh-too-old': {
    meaning: 'The netsh of this Windows does not know excludedportrange.',
    causes: ['Windows Server 2008 R2 without the Microsoft fix KB2665809'],
    cures: [
      server('see whether the fix is installed', 'wmic qfe get HotFixID | findstr 2665809'),
      act('install KB2665809 and restart the server, or use a newer Windows'),
    ],
    see: [],
  },
  'foreign-range': {
    meaning:
      'Windows itself has reserved ports around the desired one (a row without *). The Exchange service could not open it either.',
    causes: ['winnat or Hyper-V took a block of ports at boot', 'HTTP.sys or RPC holds the port'],
    cures: [
      tables,
      server('if winnat has them: release its blocks (stops container networking)', 'net stop winnat'),
      here('add the exclusion at once', 'fencepost apply --limit HOST'),
      server('then start winnat again; it takes other ports', 'net start winnat'),
    ],
    see: ['range-in-the-way', 'held-by-stranger'],
  },
  'persistent-not-shown': {
    meaning:
      'The range is reserved now, but nothing shows whether it stays reserved after a reboot: netsh lists no permanent range at all, and the registry key that holds them could not be read. So it is called neither reserved nor until the next boot only.',
    causes: [
      'on some Windows, netsh shows no permanent range although there is one',
      'the account may not read the registry key, or the key has another form on this Windows',
    ],
    cures: [
      server(
        'see the permanent ranges in the registry',
        'reg query "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nsi\\{eb004a03-9b1a-11d4-9123-0050047759bc}\\29"',
      ),
      here('see the raw answers, for a bug report', 'fencepost collect --limit HOST --json'),
      server(
        'or delete the range, and let Fencepost add it again',
        'netsh interface ipv4 delete excludedportrange protocol=tcp startport=PORT numberofports=1 store=persistent',
      ),
      planAgain,
    ],
    see: ['facts-incomplete', 'step/no-effect'],
  },
  'range-in-the-way': {
    meaning:
      'An administered range overlaps the desired one but does not cover it in both stores. netsh allows no overlap, and deletes only whole ranges.',
    causes: ['someone excluded a wider or neighbouring range by hand', 'such a range is in one store only'],
    cures: [
      tables,
      server(
        'delete that range, with its exact start and count',
        'netsh interface ipv4 delete excludedportrange protocol=tcp startport=START numberofports=COUNT store=persistent',
      ),
      act('or put that whole range into the playbook instead'),
    ],
    see: ['foreign-range'],
  },
  'held-by-own-service': {
    meaning: 'The service that the port is for is using it, and Windows cannot exclude a port in use.',
    causes: ['the service is running, as it should'],
    cures: [
      act('allow the restart in the playbook: when_held: { by_own_service: restart }'),
      server('or stop it yourself for the change', 'sc stop MSExchangeIMAP4BE'),
      server(
        'a disabled service cannot be started again: set its start type first',
        'sc config MSExchangeIMAP4BE start= demand',
      ),
    ],
    see: ['held-by-stranger', 'held-in-doubt'],
  },
  'held-by-stranger': {
    meaning:
      'Another process is using the port: the incident that the exclusion prevents. Windows cannot exclude a port in use.',
    causes: ['an RPC service got the port from the dynamic range', 'a client connection uses it as its local port'],
    cures: [
      holder,
      showProcess,
      server('restart that service at a convenient time', 'net stop SERVICE && net start SERVICE'),
      server(
        'if it is process 4 (System): see which application registered the port, then stop it or move its binding',
        'netsh http show servicestate view=requestq',
      ),
      here('then apply right away, before another process takes the port', 'fencepost apply --limit HOST'),
    ],
    see: ['foreign-range', 'held-in-doubt'],
  },
  'held-in-doubt': {
    meaning: 'The port is in use or closing, and it is unclear which process would free it.',
    causes: [
      'connections in TIME_WAIT',
      'a service that is starting, stopping or paused',
      'a worker that was left behind or started by hand while its service is stopped',
      'a process that ended before the processes were listed',
      'a socket that is bound without listening',
      'the account may not see processes and services',
    ],
    cures: [
      holder,
      showProcess,
      server('a paused service: resume it, or stop it for the change', 'sc continue MSExchangeIMAP4BE'),
      server(
        'a socket that is bound without listening (Windows 10, Server 2016 and later)',
        'netstat -anoq | findstr :9933',
      ),
      act('where something is closing, starting or stopping: wait a few minutes'),
      planAgain,
    ],
    see: ['held-by-own-service', 'held-by-stranger'],
  },
  'outside-dynamic-range': {
    meaning:
      'The port is outside the dynamic range, so Windows does not hand it out: there is nothing to protect. It is reserved anyway, as a safeguard.',
    causes: [
      'the port is below the range, as 1993 and 1995 are (the back-end ports since 2013 CU23 at the latest)',
      'Exchange setup has not widened the dynamic range, or someone reset it',
    ],
    cures: [dynamic, act('nothing to do')],
    see: ['port-elsewhere', 'unusual-dynamic-range'],
  },
  'port-elsewhere': {
    meaning:
      'The service listens on another port than the one reserved for it: the exclusion protects nothing. Only servers set up with old builds (2013 CU5, CU6) use 9933 and 9955.',
    causes: [
      'Exchange was installed with 2013 CU23 or later: its back ends use 1993 and 1995, below the dynamic range',
      'someone set another ProxyTargetPort',
    ],
    cures: [
      showImapPort,
      showPopPort,
      act('name the port that is used in the playbook, or leave the host out where it lies outside the dynamic range'),
    ],
    see: ['port-unknown', 'outside-dynamic-range'],
  },
  'port-unknown': {
    meaning:
      'The service is not running, so nothing on the host shows which port it uses. It may be 9933 or 9955 (servers set up with old builds) or 1993 or 1995 (since 2013 CU23 at the latest), for which the exclusion protects nothing.',
    causes: [
      'the back-end services are started by hand by default, so stopped is no fault',
      'the service has just been started',
    ],
    cures: [showImapPort, showPopPort, act('or start the service once, and look again')],
    see: ['port-elsewhere'],
  },
  'backend-port-unset': {
    meaning:
      'The playbook says `port: backend`, and the inventory of this host does not say which port that is. Nothing is changed there: a guessed port might be the wrong one, and reserving it would protect nothing.',
    causes: [
      'the inventory is written by hand, without exchange_imap4_backend_port or exchange_pop3_backend_port for this host',
      'fencepost discover found no port of this server in the directory',
    ],
    cures: [
      here(
        'read the ports from the directory',
        'fencepost discover --domain corp.example --out inventory/exchange.yml --update',
      ),
      showImapPort,
      showPopPort,
      act('and set exchange_imap4_backend_port and exchange_pop3_backend_port for the host in the inventory'),
    ],
    see: ['backend-port-conflict', 'port-elsewhere'],
  },
  'backend-port-conflict': {
    meaning:
      'The playbook says `port: backend`, and on this host that port lies in a range of which the playbook says something else (for another service, with another state, or as a part of a wider range), or is that of both back ends. Nothing is changed there.',
    causes: [
      'the playbook has both port: backend and a number or range that some servers use as their back-end port',
      'both back ends of the host have the same port in the inventory',
    ],
    cures: [
      here('see what the inventory says', 'fencepost inventory --host HOST'),
      act('correct the port in the inventory, or leave the number or range out of the playbook'),
    ],
    see: ['backend-port-unset'],
  },
  'service-not-installed': {
    meaning: 'Exchange is installed, but this service is not. A port that is known is reserved anyway.',
    causes: ['an installation without the POP3 and IMAP4 services', 'a role without a back end'],
    cures: [server('list the Exchange services', 'sc query state= all | findstr MSExchange'), act('nothing to do')],
    see: ['port-elsewhere', 'not-exchange'],
  },
  'not-exchange': {
    meaning: 'No Exchange 2013 or later is installed on this host.',
    causes: ['the wrong host, or an old inventory entry', 'Exchange was removed'],
    cures: [
      server('see the version', 'reg query HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup'),
      here('see which groups the host is in', 'fencepost inventory --host HOST'),
    ],
    see: ['service-not-installed'],
  },
  'unusual-dynamic-range': {
    meaning:
      "The dynamic range is neither the Windows default (49152, 16384 ports) nor Exchange's (6005, 59530 ports). Where it starts below 6005, Windows may hand out ports that Exchange itself uses there: 1993, 1995, 2525 and others.",
    causes: ['someone set it', 'a Windows update reset it to start at 1024'],
    cures: [dynamic, act('find out whether it was set on purpose')],
    see: ['outside-dynamic-range'],
  },
  'dynamic-range-limits': {
    meaning:
      'The dynamic range that was found could not be brought back: Windows sets no range with fewer than 255 ports or below 1024. Nothing is changed that cannot be undone.',
    causes: ['something other than netsh set it', 'a value in the registry was edited'],
    cures: [dynamic, act('set it by hand, if nothing depends on the range that is there')],
    see: ['unusual-dynamic-range'],
  },
  'changed-since': {
    meaning: 'The host changed after the run, so a rollback would not find what the run left.',
    causes: [
      'someone changed an exclusion afterwards',
      'a reboot removed what was only in the active store',
      'a service that ran when the run finished was stopped by someone, or by a restart of Windows',
    ],
    cures: [
      here('see what the rollback would do', 'fencepost rollback RUN --dry-run'),
      here('to roll back anyway', 'fencepost rollback RUN --force'),
    ],
    see: ['rollback/changed-since', 'conflict'],
  },
  'unexpected-lines': {
    meaning:
      'Windows printed lines around its answers that are not part of them. The answers were read without those lines.',
    causes: [
      'a helper DLL of netsh cannot be loaded: a leftover of a removed program, or a damaged one',
      'Windows shows a notice about netsh',
      'a security product prints into the output of programs',
    ],
    cures: [
      server('see the lines', 'netsh interface ipv4 show excludedportrange protocol=tcp'),
      server('see the helper DLLs of netsh', 'reg query HKLM\\SOFTWARE\\Microsoft\\NetSh'),
      act('nothing else to do: it blocks no change'),
    ],
    see: ['facts-incomplete'],
  },
  ...guardFindingPages,
};

// Pages about what a plan finds on a host. Source: product.md ("What is desired, exactly") and windows.md sections 3 to 5.
import type { FindingCode } from '../../model/plan.ts';
import { act, here, server, type Page } from './page.ts';

const holder = server('see who has the port open', 'netstat -ano | findstr :9933');
const processOf = server('see which program and services a process id stands for', 'tasklist /svc /fi "PID eq PID"');
const tables = server('see the exclusions', 'netsh interface ipv4 show excludedportrange protocol=tcp');
const dynamic = server('see the dynamic range (a start and a COUNT)', 'netsh interface ipv4 show dynamicport tcp');
const planAgain = here('plan again', 'fencepost plan --limit HOST');

export const findingPages: Readonly<Record<FindingCode, Page>> = {
  'facts-incomplete': {
    meaning:
      'An answer of the host could not be read whole. While that is so, a host is never called reserved or not reserved.',
    causes: [
      'a form of output that this version does not know',
      'the account may not ask this question',
      'the answer was cut',
    ],
    cures: [
      here('see the answers word for word, for a report', 'fencepost collect --limit HOST --json'),
      here('see the rights of the account', 'fencepost doctor --limit HOST'),
    ],
    see: ['answer/incomplete'],
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
      'Windows itself has reserved ports around the wanted one (a row without *). The Exchange service could not open it either.',
    causes: ['winnat or Hyper-V took a block of ports at boot', 'HTTP.sys or RPC holds the port'],
    cures: [
      tables,
      server('if it is winnat: give its blocks back (ends the network of containers)', 'net stop winnat'),
      here('make the exclusion at once', 'fencepost apply --limit HOST'),
      server('then let winnat take other ones', 'net start winnat'),
    ],
    see: ['range-in-the-way', 'held-by-stranger'],
  },
  'range-in-the-way': {
    meaning:
      'An administered range overlaps the wanted one without reserving it whole in both stores. netsh takes no overlap, and deletes whole ranges only.',
    causes: ['somebody excluded a wider or neighbouring range by hand', 'such a range is in one store only'],
    cures: [
      tables,
      server(
        'delete that range, with its exact start and count',
        'netsh interface ipv4 delete excludedportrange protocol=tcp startport=START numberofports=COUNT store=persistent',
      ),
      act('or name that whole range in the playbook instead'),
    ],
    see: ['foreign-range'],
  },
  'held-by-own-service': {
    meaning: 'The service that the port is for has it open, and Windows excludes no port that is open.',
    causes: ['the service runs, as it should'],
    cures: [
      act('allow its restart in the playbook: when_held: { by_own_service: restart }'),
      server('or stop it for the change yourself', 'sc stop MSExchangeIMAP4BE'),
      server(
        'a disabled service could not be started again: set its start type first',
        'sc config MSExchangeIMAP4BE start= demand',
      ),
    ],
    see: ['held-by-stranger', 'held-in-doubt'],
  },
  'held-by-stranger': {
    meaning:
      'Another process has the port open: the very incident the exclusion prevents. Windows excludes no port that is open.',
    causes: [
      'an RPC service was handed the port from the dynamic range',
      'a client connection uses it as its local port',
    ],
    cures: [
      holder,
      processOf,
      server('restart that service when it can be borne', 'net stop SERVICE && net start SERVICE'),
      server('if it is process 4 (System): see which application registered the port', 'netsh http show servicestate'),
      here('then at once, before the port is handed out anew', 'fencepost apply --limit HOST'),
    ],
    see: ['foreign-range', 'held-in-doubt'],
  },
  'held-in-doubt': {
    meaning: 'The port is open or closing, and it is not sure who could free it.',
    causes: [
      'connections in TIME_WAIT',
      'a service that is starting, stopping or paused',
      'a worker that was left behind or started by hand while its service is stopped',
      'a process that was gone when processes were listed',
    ],
    cures: [holder, processOf, act('wait some minutes, then plan again'), planAgain],
    see: ['held-by-own-service', 'held-by-stranger'],
  },
  'outside-dynamic-range': {
    meaning:
      'The port lies outside the dynamic range, so it is not handed out today. It is reserved all the same, as a safeguard.',
    causes: ['Exchange setup has not widened the dynamic range, or somebody set it back'],
    cures: [dynamic, act('nothing has to be done')],
    see: ['unusual-dynamic-range'],
  },
  'listens-elsewhere': {
    meaning: 'The service listens on another port than the one reserved for it: the exclusion would protect nothing.',
    causes: ['its ProxyTargetPort is another one, often 1993 or 1995'],
    cures: [
      server('see the port, in the Exchange Management Shell', 'Get-ImapSettings | Format-List ProxyTargetPort'),
      server('the same for POP3', 'Get-PopSettings | Format-List ProxyTargetPort'),
      act('make the playbook and the setting agree'),
    ],
    see: ['service-not-installed'],
  },
  'service-not-installed': {
    meaning: 'Exchange is installed, but this service is not. The port is reserved all the same.',
    causes: ['an installation without the POP3 and IMAP4 services', 'a role that has no back end'],
    cures: [server('see which there are', 'sc query state= all | findstr MSExchange'), act('nothing has to be done')],
    see: ['listens-elsewhere', 'not-exchange'],
  },
  'not-exchange': {
    meaning: 'No Exchange 2013 or later is installed on this host.',
    causes: ['the wrong host, or an old entry of the inventory', 'Exchange was removed'],
    cures: [
      server('see the version', 'reg query HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup'),
      here('see which groups the host is in', 'fencepost inventory --host HOST'),
    ],
    see: ['service-not-installed'],
  },
  'unusual-dynamic-range': {
    meaning:
      "The dynamic range is neither Windows' default (49152, 16384 ports) nor that of Exchange (6005, 59530 ports).",
    causes: ['somebody set it', 'an update of Windows set it back to begin at 1024'],
    cures: [dynamic, act('nothing has to be done; find out whether somebody meant it')],
    see: ['outside-dynamic-range'],
  },
  'changed-since': {
    meaning: 'A rollback would find this host other than the run left it.',
    causes: ['somebody changed an exclusion afterwards', 'a reboot dropped what was only in the active store'],
    cures: [
      here('see what the rollback would do', 'fencepost rollback RUN --dry-run'),
      here('if it shall be done all the same', 'fencepost rollback RUN --force'),
    ],
    see: ['rollback/changed-since', 'refused'],
  },
};

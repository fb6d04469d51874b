// Pages about reading and changing Windows. Source: windows.md sections 2 and 3.
import { rollback, showRun, tables } from './cures.ts';
import { act, here, server, type Page } from './page.ts';

export const changingPages = {
  'answer/incomplete': {
    meaning: 'The answer from the host is cut off. An incomplete answer is never used.',
    causes: [
      'cmd.exe was killed while it ran',
      'an AutoRun command of cmd.exe or a virus scanner interferes',
      'the disk or memory of the server is full',
    ],
    cures: [
      here('collect again and see the raw answers', 'fencepost collect --limit HOST --json'),
      server(
        'check whether cmd.exe runs a command at startup',
        'reg query "HKLM\\SOFTWARE\\Microsoft\\Command Processor" /v AutoRun',
      ),
    ],
    see: ['facts-incomplete', 'step/unread'],
  },
  'step/no-effect': {
    meaning: 'A command ran, but nothing changed on the host. The tables decide, not what the command printed.',
    causes: [
      'the account is not an administrator, or UAC filters its rights',
      'a process opened the port just before',
      'the service refuses to stop or start',
      'the range is in the active store already, and Windows adds no persistent one over it',
    ],
    cures: [
      here('see what the command printed', 'fencepost runs show RUN'),
      here('check the rights of the account', 'fencepost doctor --limit HOST'),
      server('see who has the port open', 'netstat -ano | findstr :9933'),
      tables,
      act(
        'if the range is in the active store only: delete it there (store=active), then add it again at once; it is free in between',
      ),
    ],
    see: ['held-by-stranger', 'wire/access-denied', 'failed-partial'],
  },
  'step/refused': {
    meaning:
      'Windows refused a command to stop or start a service. The service is as it was, so nothing was waited for.',
    causes: [
      'other running services depend on it (1051), or it accepts no stop (1052, 1061)',
      'the account may not stop or start services (5)',
      'it is disabled (1058), or what it depends on does not start (1068), or its account cannot log on (1069)',
    ],
    cures: [
      server('see the state of the service', 'sc queryex MSExchangeIMAP4BE'),
      server('see what depends on it', 'sc enumdepend MSExchangeIMAP4BE'),
      here('check the rights of the account', 'fencepost doctor --limit HOST'),
      showRun,
    ],
    see: ['step/no-effect', 'failed-rolled-back'],
  },
  'step/unread': {
    meaning: 'The host could not be read after a change, so it is not known yet whether the change took effect.',
    causes: [
      'the connection broke at that moment',
      'the server restarted',
      'a table had a format that could not be read',
    ],
    cures: [
      here('see the current state', 'fencepost collect --limit HOST'),
      here('continue: it checks first what was sent', 'fencepost resume RUN'),
      rollback,
    ],
    see: ['in-doubt', 'connect/lost'],
  },
  'step/disputed': {
    meaning:
      'A range differs from before the run, and it is unclear whether the run or someone else changed it, so it was left as it is.',
    causes: [
      'Windows refused the command, yet the table shows its effect: someone else may have done the same at that moment',
      'the answer to a command was lost, the host did not show its effect then, and shows it now',
      'the run deleted its permanent half, and it went out of force later: Windows started again, or someone else did it',
      'someone else put the range into a store during a rollback: it is left, or a delete took it along in that moment',
    ],
    cures: [
      act('ask the other operators of this server whose the range is'),
      here('if it is the run’s, roll back anyway', 'fencepost rollback RUN --limit HOST --force'),
    ],
    see: ['failed-partial', 'changed-since'],
  },
  'step/not-as-desired': {
    meaning: 'All steps succeeded, but facts collected afterwards do not show the desired state.',
    causes: [
      'something else changed the host at the same time',
      'IPv4 and IPv6 share exclusions on this host in an unexpected way',
    ],
    cures: [here('see what is missing', 'fencepost plan --limit HOST --verbose'), showRun, tables],
    see: ['step/no-effect', 'stale'],
  },
} as const satisfies Readonly<Record<string, Page>>;

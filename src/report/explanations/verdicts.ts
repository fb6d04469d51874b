// Pages about how a host can end: every selected host has exactly one verdict.
import type { Verdict } from '../../model/outcome.ts';
import { act, here, type Page } from './page.ts';

const showRun = here('see what was done, step by step', 'fencepost runs show RUN');
const look = here('see the current state of the host', 'fencepost collect --limit HOST');
const resume = here('continue; hosts that were being changed are checked first', 'fencepost resume RUN');
const rollback = here('roll back what is left', 'fencepost rollback RUN');
const planAgain = here('see what would change now', 'fencepost plan --limit HOST');

export const verdictPages: Readonly<Record<Verdict, Page>> = {
  changed: {
    meaning:
      'The host was changed and is now in the desired state (after a rollback: as before the run). Facts collected afterwards prove it.',
    causes: ['all steps succeeded'],
    cures: [here('prove it again at any time', 'fencepost verify --limit HOST'), rollback],
    see: ['unchanged'],
  },
  unchanged: {
    meaning:
      'Nothing to do: the host is already in the desired state; in a rollback, already as it was before the run.',
    causes: [
      'it was changed before, or set up this way',
      'it was rolled back before, or somebody took the change back',
    ],
    cures: [here('see the tables that show it', 'fencepost collect --limit HOST --json')],
    see: ['changed'],
  },
  blocked: {
    meaning: 'The plan found a reason why a change would fail or do harm. The host was skipped.',
    causes: [
      'another process is using the port',
      'Windows itself reserved ports around it',
      'netsh is too old, or an answer could not be read',
    ],
    cures: [planAgain, act('apply the fix of the finding, then plan again')],
    see: ['held-by-stranger', 'foreign-range', 'facts-incomplete', 'netsh-too-old'],
  },
  stale: {
    meaning: 'The host no longer matches the plan that was signed off. It was skipped.',
    causes: ['someone changed it in between', 'a service or process started or stopped'],
    cures: [planAgain, here('make a new plan and have it signed off', 'fencepost plan --out NEW.plan')],
    see: ['run/stale'],
  },
  conflict: {
    meaning: 'Someone else changed the host after the run. The rollback skipped it.',
    causes: ['a colleague or another tool changed an exclusion after the run'],
    cures: [
      here('see the difference', 'fencepost rollback RUN --dry-run'),
      here('to roll back anyway', 'fencepost rollback RUN --force'),
    ],
    see: ['rollback/changed-since', 'changed-since'],
  },
  'failed-rolled-back': {
    meaning: 'A step failed, and everything done on the host was undone: it is as before.',
    causes: ['Windows refused the exclusion', 'a service did not stop'],
    cures: [showRun, planAgain],
    see: ['step/no-effect', 'rolled-back'],
  },
  'undone-by-host': {
    meaning:
      'Nobody called the guard of this host off in time (confirm in the playbook), so the host undid the changes by itself: it is as before the run.',
    causes: [
      'the run took longer than confirm allows, or died',
      'nobody typed fencepost confirm in time',
      'the server restarted before it was confirmed',
    ],
    cures: [showRun, planAgain],
    see: ['guard/gone', 'rolled-back'],
  },
  'failed-partial': {
    meaning: 'A step failed, and some changes remain on the host. Check this host now.',
    causes: ['a service does not start again', 'the undo failed too', 'the playbook says on_failure: stop'],
    cures: [showRun, look, rollback, act('start a service that is down: sc start SERVICE on the server')],
    see: ['step/no-effect', 'in-doubt'],
  },
  'rolled-back': {
    meaning: 'The host was changed, then rolled back because another host failed (on_failure in the playbook).',
    causes: ['a failure elsewhere in the batch or the run'],
    cures: [showRun, planAgain],
    see: ['failed-rolled-back'],
  },
  'in-doubt': {
    meaning:
      'The answer to a change was lost and the host could not be checked since, or what was there before is not shown.',
    causes: [
      'the host went down, or the network failed, at that moment',
      'nothing on the host shows permanent ranges, so the detail names one that may have been there before',
    ],
    cures: [look, resume, rollback],
    see: ['step/unread', 'connect/lost'],
  },
  unreachable: {
    meaning: 'The host could not be reached, or refused the logon. Nothing was changed on it.',
    causes: ['it is down', 'a firewall, a certificate, a password or missing rights'],
    cures: [here('check each step of the connection and get the fix', 'fencepost doctor --limit HOST')],
    see: ['connect/timeout', 'auth/refused', 'tls/untrusted'],
  },
  locked: {
    meaning: 'Another run has locked the host. This run changed nothing on it.',
    causes: ['a colleague is applying right now', 'a run died and was not resumed'],
    cures: [here('list the runs', 'fencepost runs'), resume],
    see: ['run/host-locked'],
  },
  skipped: {
    meaning:
      'The run did not get to this host: it stopped first, or the host waits for another of its group. Nothing was changed on it.',
    causes: [
      'more hosts failed than max_failed allows',
      'another host of its group (one_at_a_time_by) was left with a service stopped, or perhaps stopped: its detail names both',
      'the window was closing, or the deadline was near',
      'it was interrupted',
    ],
    cures: [showRun, resume, planAgain],
    see: ['run/window', 'run/out-of-time', 'interrupted'],
  },
};

// Pages about how a host can end: every selected host has exactly one verdict.
import type { Verdict } from '../../model/outcome.ts';
import { act, here, type Page } from './page.ts';

const showRun = here('see what was done, step by step', 'fencepost runs show RUN');
const look = here('see how the host is now', 'fencepost collect --limit HOST');
const resume = here('go on; hosts that were in change are asked first', 'fencepost resume RUN');
const rollback = here('take back what is left', 'fencepost rollback RUN');
const planAgain = here('see what would be done now', 'fencepost plan --limit HOST');

export const verdictPages: Readonly<Record<Verdict, Page>> = {
  changed: {
    meaning:
      'The host was changed and is as wanted now (after a rollback: as it was before). Facts collected afresh show it.',
    causes: ['all steps went through'],
    cures: [here('prove it again at any time', 'fencepost verify --limit HOST'), rollback],
    see: ['fine'],
  },
  fine: {
    meaning: 'There was nothing to do: the host is as wanted already.',
    causes: ['it was changed before, or set up so'],
    cures: [here('see the tables it rests on', 'fencepost collect --limit HOST --json')],
    see: ['changed'],
  },
  blocked: {
    meaning: 'The plan found something that would make a change fail or hurt. The host was left alone.',
    causes: [
      'a stranger holds the port',
      'Windows itself reserved ports around it',
      'netsh is too old, or an answer could not be read',
    ],
    cures: [planAgain, act('do what the finding says, then plan again')],
    see: ['held-by-stranger', 'foreign-range', 'facts-incomplete', 'netsh-too-old'],
  },
  stale: {
    meaning:
      'The host is not as the plan found it. It was left alone, for the plan that was signed off was about another state.',
    causes: ['somebody changed it in between', 'a service or process came or went'],
    cures: [planAgain, here('make a new plan to be signed off', 'fencepost plan --out NEW.plan')],
    see: ['run/stale'],
  },
  refused: {
    meaning: 'A rollback found that somebody else changed the host since. It was left alone.',
    causes: ['a colleague or another tool changed an exclusion after the run'],
    cures: [
      here('see the difference', 'fencepost rollback RUN --dry-run'),
      here('if it shall be done all the same', 'fencepost rollback RUN --force'),
    ],
    see: ['rollback/changed-since', 'changed-since'],
  },
  'failed-undone': {
    meaning: 'A step failed, and what had been done on the host was taken back: it is as it was.',
    causes: ['Windows refused the exclusion', 'a service did not stop'],
    cures: [showRun, planAgain],
    see: ['step/no-effect', 'undone'],
  },
  'failed-not-undone': {
    meaning: 'A step failed, and something of what was done remains. This host needs a person.',
    causes: ['a service does not start again', 'taking back failed too', 'the policy says stop'],
    cures: [showRun, look, rollback, act('start a service that is down: sc start SERVICE on the server')],
    see: ['step/no-effect', 'in-doubt'],
  },
  undone: {
    meaning:
      'The host was changed as wanted, then taken back, because another host failed and the playbook says so (on_failure).',
    causes: ['a failure elsewhere in the batch or the run'],
    cures: [showRun, planAgain],
    see: ['failed-undone'],
  },
  'in-doubt': {
    meaning: 'The answer to a change was lost, and the host could not be asked whether it took effect.',
    causes: ['the host went down, or the network broke, in that very moment'],
    cures: [look, resume, rollback],
    see: ['step/unread', 'connect/lost'],
  },
  unreachable: {
    meaning: 'The host could not be reached, or did not let one in. Nothing was changed on it.',
    causes: ['it is down', 'a firewall, a certificate, a password or rights are in the way'],
    cures: [here('see how far one gets and what to do', 'fencepost doctor --limit HOST')],
    see: ['connect/timeout', 'auth/refused', 'tls/untrusted'],
  },
  locked: {
    meaning: 'Another run holds the host. Nothing was changed on it by this one.',
    causes: ['a colleague is applying right now', 'a run died and was not gone on with'],
    cures: [here('list the runs', 'fencepost runs'), resume],
    see: ['run/host-locked'],
  },
  'not-reached': {
    meaning: 'The run stopped before it came to this host. Nothing was changed on it.',
    causes: [
      'more hosts failed than max_failed allows',
      'the window closes, or the deadline is near',
      'it was interrupted',
    ],
    cures: [showRun, resume, planAgain],
    see: ['run/window', 'interrupted'],
  },
};

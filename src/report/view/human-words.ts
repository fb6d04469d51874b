// How a host stands in a report: one word for every way a run, a plan or a snapshot can leave a host, with what it is called, how
// urgent it is and its place from worst to best. It decides nothing; the verdicts come from model/outcome.ts and model/plan.ts.
import { verdicts, type Verdict } from '../../model/outcome.ts';
import type { HostPlanState } from '../../model/plan.ts';
import { verdictWords } from '../text/run-text.ts';

/** What a report is about. `verify` is a plan that is judged: there a pending change is a fault, not a proposal. */
export type ReportKind = 'apply' | 'rollback' | 'plan' | 'verify' | 'snapshot';

/**
 * A verdict, the state of a planned host, or one of: `in-change`, begun by a run that has no verdict on it;
 * `collected` and `collected-in-part`, of a snapshot.
 */
export type Standing = Verdict | HostPlanState | 'in-change' | 'collected' | 'collected-in-part';

/** bad: a person has to act now; warn: left alone, with a reason; todo: a change is pending; good: as it should be; idle: nothing known against it. */
export type Tone = 'bad' | 'warn' | 'todo' | 'good' | 'idle';

/** Worst first. */
export const standings: readonly Standing[] = [
  'in-change',
  'in-doubt',
  'failed-not-undone',
  'failed-undone',
  'undone',
  'refused',
  'stale',
  'blocked',
  'locked',
  'unreachable',
  'collected-in-part',
  'not-reached',
  'change',
  'changed',
  'fine',
  'collected',
];

const tonesOf: Readonly<Record<Standing, Tone>> = {
  'in-change': 'bad',
  'in-doubt': 'bad',
  'failed-not-undone': 'bad',
  'failed-undone': 'bad',
  undone: 'warn',
  refused: 'warn',
  stale: 'warn',
  blocked: 'warn',
  locked: 'warn',
  unreachable: 'bad',
  'collected-in-part': 'warn',
  'not-reached': 'idle',
  change: 'todo',
  changed: 'good',
  fine: 'good',
  collected: 'good',
};

export function toneOf(standing: Standing): Tone {
  return tonesOf[standing];
}

/** A few words for a person: `changed and verified`, `to change`, `not collected`. */
export function standingWords(standing: Standing, kind: ReportKind): string {
  const isRun = kind === 'apply' || kind === 'rollback';
  if (isRun && isVerdict(standing)) return verdictWords(standing, kind).toLowerCase();
  switch (standing) {
    case 'in-change':
      return 'in change, without a verdict';
    case 'change':
      return kind === 'verify' ? 'not as wanted' : 'to change';
    case 'fine':
      return 'as wanted';
    case 'blocked':
      return 'blocked';
    case 'unreachable':
      return kind === 'snapshot' ? 'not collected' : 'unreachable';
    case 'collected':
      return 'collected';
    case 'collected-in-part':
      return 'collected in part';
    default:
      return verdictWords(standing, 'apply').toLowerCase();
  }
}

function isVerdict(standing: Standing): standing is Verdict {
  return (verdicts as readonly string[]).includes(standing);
}

// The one table from published words (verdicts, plan states, step results) to what a person reads, with how urgent each is and its place
// from worst to best. It decides nothing; the verdicts come from model/outcome.ts and model/plan.ts.
import type { StepResult, Verdict } from '../../model/outcome.ts';
import type { HostPlanState } from '../../model/plan.ts';

/** What a report is about. `verify` is a plan that is judged: there a pending change is a fault, not a proposal. */
export type ReportKind = 'apply' | 'rollback' | 'plan' | 'verify' | 'snapshot';

/**
 * A verdict, the state of a planned host, or one of: `in-change`, started by a run that has no verdict on it;
 * `collected` and `collected-in-part`, of a snapshot.
 */
export type Standing = Verdict | HostPlanState | 'in-change' | 'collected' | 'collected-in-part';

/** bad: act now; warn: skipped, with a reason; todo: a change is pending; good: as it should be; idle: nothing known against it. */
export type Tone = 'bad' | 'warn' | 'todo' | 'good' | 'idle';

interface StandingWords {
  readonly tone: Tone;
  /** After an apply; the same after a rollback, unless `rollback` says otherwise. */
  readonly run: string;
  readonly rollback?: string;
  /** In a plan; as in a run unless said otherwise. The rest: the same for the other kinds. */
  readonly plan?: string;
  readonly verify?: string;
  readonly snapshot?: string;
}

/** Worst first. */
const standingTable: Readonly<Record<Standing, StandingWords>> = {
  'in-change': { tone: 'bad', run: 'change started, no result' },
  'in-doubt': { tone: 'bad', run: 'IN DOUBT' },
  'failed-partial': { tone: 'bad', run: 'FAILED, CHANGES REMAIN', rollback: 'ROLLBACK FAILED, PARTLY DONE' },
  'failed-rolled-back': { tone: 'bad', run: 'failed, rolled back', rollback: 'rollback failed, host as before it' },
  'undone-by-host': { tone: 'bad', run: 'changed, then undone by the host itself' },
  'rolled-back': { tone: 'warn', run: 'changed, then rolled back', rollback: 'rolled back, then restored' },
  conflict: { tone: 'warn', run: 'conflict, skipped' },
  stale: { tone: 'warn', run: 'stale, skipped' },
  blocked: { tone: 'warn', run: 'blocked, skipped', plan: 'blocked', verify: 'blocked' },
  locked: { tone: 'warn', run: 'locked by another run, skipped' },
  unreachable: {
    tone: 'bad',
    run: 'unreachable, nothing sent',
    plan: 'unreachable',
    verify: 'unreachable',
    snapshot: 'not collected',
  },
  'collected-in-part': { tone: 'warn', run: 'partly collected' },
  skipped: { tone: 'idle', run: 'not started' },
  changes: { tone: 'todo', run: 'to change', rollback: 'to roll back', verify: 'not as desired' },
  changed: { tone: 'good', run: 'changed and verified', rollback: 'rolled back and verified' },
  unchanged: { tone: 'good', run: 'unchanged, already as desired', rollback: 'unchanged, nothing to roll back' },
  ok: { tone: 'good', run: 'as desired' },
  collected: { tone: 'good', run: 'collected' },
};

/** Worst first. */
export const standings = Object.keys(standingTable) as readonly Standing[];

const verdictsAlone: readonly Standing[] = ['in-change', 'collected-in-part', 'changes', 'ok', 'collected'];

/** Worst first. */
export const verdictOrder = standings.filter((one): one is Verdict => !verdictsAlone.includes(one));

export function chooseTone(standing: Standing): Tone {
  return standingTable[standing].tone;
}

/** A few words for a person: `changed and verified`, `to change`, `not collected`; capitals only where a run shouts. */
export function standingWords(standing: Standing, kind: ReportKind): string {
  const { run, [kind === 'apply' ? 'run' : kind]: own = run } = standingTable[standing];
  return own.toLowerCase();
}

/** As a run's summary on a terminal says it: what needs a person at once is in capitals. */
export function verdictWords(verdict: Verdict, kind: 'apply' | 'rollback'): string {
  const { run, rollback = run } = standingTable[verdict];
  return kind === 'rollback' ? rollback : run;
}

/** The head over hosts of a plan; `isRollback`: the plan is a rollback's. */
export function planStateWords(state: HostPlanState, isRollback: boolean): string {
  if (isRollback)
    return { changes: 'to roll back', ok: 'as before the run', blocked: 'blocked', unreachable: 'unreachable' }[state];
  return standingWords(state, 'plan');
}

/** `planned`: in a plan; `not-run`: the run did not come to it; `open`: the run died in it. */
export type ShownResult = StepResult | 'planned' | 'not-run' | 'open';

const resultTable: Readonly<Record<ShownResult, readonly [string, Tone]>> = {
  done: ['done', 'good'],
  'not-needed': ['already done', 'good'],
  failed: ['failed', 'bad'],
  'in-doubt': ['in doubt', 'bad'],
  open: ['open: no answer in the journal', 'bad'],
  planned: ['planned', 'todo'],
  'not-run': ['not run', 'idle'],
};

export function resultWords(
  result: ShownResult,
  isRolledBack: boolean,
): { readonly words: string; readonly tone: Tone } {
  if (isRolledBack && result === 'failed') return { words: 'failed, undone', tone: 'bad' };
  if (isRolledBack) return { words: 'undone', tone: 'warn' };
  const [words, tone] = resultTable[result];
  return { words, tone };
}

// Copies one run from one state to another, byte for byte: journal, plan, signature, and that its plan was applied. The run is locked in both
// meanwhile, and its journal is proven first: what is damaged, or was cut short, stays where it is. The run that it was copied from is left as
// it is; which of the two goes on is the operator's to keep to.
import type { State } from '../../journal/state.ts';
import { planAppliedBefore, refuseDamage } from '../../journal/store.ts';
import { Failure } from '../../model/failure.ts';
import type { EventOf, Operator } from '../../model/outcome.ts';
import type { Clock } from '../../model/seams.ts';

export interface RunCopied {
  readonly records: number;
  readonly lastDigest: string;
}

export interface CopySeams {
  readonly clock: Clock;
  readonly operator: Operator;
}

/** Throws Failure `run/unknown`, `run/host-locked`, `journal/damaged`, `plan/already-applied`, `usage/invalid`. */
export async function copyRun(run: string, from: State, to: State, seams: CopySeams): Promise<RunCopied> {
  return holdIn(run, from, seams, () => holdIn(run, to, seams, () => copyHeld(run, from, to)));
}

async function copyHeld(run: string, from: State, to: State): Promise<RunCopied> {
  const first: { started: EventOf<'run-started'> | null } = { started: null };
  const end = await from.runs.readRun(run, (event) => {
    if (event.type === 'run-started') first.started ??= event;
  });
  refuseDamage(run, end);
  if (first.started === null || end.tornTail || (end.head !== 'agrees' && end.head !== 'behind')) throw notWhole(run);
  const { digest } = first.started.plan;
  const isClaimed = (await from.runs.planClaim(digest)) === run;
  const by = isClaimed ? await to.runs.planClaim(digest) : null;
  if (by !== null && by !== run) throw planAppliedBefore(by);
  const signature = await from.readHeadSignature(run);
  const head = { records: end.records, digest: end.lastDigest };
  // Nobody applies the plan in between.
  if (isClaimed && by === null) await to.runs.claimPlan(digest, run);
  await to.takeRun(run, { plan: from.runs.readPlan(run), journal: from.readJournal(run), head });
  if (typeof signature === 'string') await to.saveHeadSignature(run, signature);
  // An auditor may export and may not write: then it stays unsaid.
  await from.retention?.noteExported(run, end.lastDigest).catch(() => undefined);
  return { records: end.records, lastDigest: end.lastDigest };
}

/** The run is nobody else's meanwhile. Throws Failure `run/host-locked`. */
export async function holdIn<T>(
  run: string,
  state: State,
  { clock, operator }: CopySeams,
  work: () => Promise<T>,
): Promise<T> {
  const locks = state.createLocks({
    run,
    user: operator.user,
    now: () => clock.now(),
    // Whoever died with it left its journal as it is.
    onTakeover: () => undefined,
  });
  const held = await locks.acquire({ key: `run ${run}`, label: `run ${run}` });
  try {
    return await work();
  } finally {
    await held.release();
  }
}

function notWhole(run: string): Failure {
  return new Failure('journal/damaged', 'the journal of this run is not whole; nothing was copied', {
    where: run,
    hint: `fencepost runs verify ${run} says what is missing; a record that was cut short goes with: fencepost resume ${run}`,
  });
}

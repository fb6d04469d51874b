// What a rollback that failed on a host has brought back and what not, step by step, by what the host showed last; where it could not be
// asked, by the step's own end. Pure.
import { stores } from '../../model/host-state.ts';
import { joinAlike } from '../../model/text/merge-alike.ts';
import type { Step } from '../../model/plan.ts';
import { unknown } from '../../model/rules/claims.ts';
import type { Ownership } from '../../model/rules/ownership.ts';
import type { StepOutcome } from '../steps/step-context.ts';

type StepEnd = Pick<StepOutcome, 'result' | 'state'>;

/** `ends`: of the steps that were started, by number. */
export function describeRemainder(
  steps: readonly Step[],
  ends: ReadonlyMap<number, StepEnd>,
  ownership: Ownership,
): string {
  const kinds = new Map<string, string[]>();
  for (const step of steps) {
    // A service that is only in the way: whether it runs again its start tells.
    if (step.kind === 'service' && step.verb === 'stop') continue;
    const kind = judgeStep(step, ends.get(step.number), ownership);
    kinds.set(kind, [...(kinds.get(kind) ?? []), step.sentence]);
  }
  return ['rolled back', 'NOT rolled back', 'IN DOUBT']
    .flatMap((kind) => {
      const sentences = kinds.get(kind) ?? [];
      return sentences.length === 0 ? [] : [`${kind}: ${joinAlike(sentences, ', ')}`];
    })
    .join('; ');
}

function judgeStep(step: Step, end: StepEnd | undefined, ownership: Ownership): string {
  if (end?.result === 'done' || end?.result === 'not-needed') return 'rolled back';
  const isInDoubt = end !== undefined && (end.result === 'in-doubt' || end.state === null);
  if (isInDoubt) return 'IN DOUBT';
  // IPv4 and IPv6 may share one list: what failed on one family may have come back with the other since.
  return isBackByNow(step, ownership) ? 'rolled back' : 'NOT rolled back';
}

function isBackByNow(step: Step, ownership: Ownership): boolean {
  const values = ownership.of(step);
  if (step.kind === 'service') return values.up?.seen === true;
  if (step.kind === 'dynamic-range') return values.range?.seen === false;
  return stores.every((store) => (values[store] ?? unknown).seen === step.after[store]);
}

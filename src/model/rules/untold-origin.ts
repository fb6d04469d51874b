// What was undone on a host where nothing shows whether it was so before the run: which ranges, and the sentence that says it (decisions 0038
// and 0065). Pure; whose a value is, claims.ts says.
import { Failure } from '../failure.ts';
import type { HostHistory } from '../history.ts';
import type { ExclusionStep, Finding, Step } from '../plan.ts';
import { formatRange } from '../port-range.ts';
import type { StepOwnership } from './claims.ts';

/** Those that no verdict has named yet. */
export function listUntold(
  steps: readonly { readonly step: Step; readonly ownership: StepOwnership }[],
): readonly ExclusionStep[] {
  return steps.flatMap(({ step, ownership: { persistent } }) =>
    step.kind === 'exclusion' && persistent?.untold === true ? [step] : [],
  );
}

/** For whoever looks at a rollback of the host. */
export function warnOfUntold({ host, steps }: Pick<HostHistory, 'host' | 'steps'>): readonly Finding[] {
  const untold = listUntold(steps);
  if (untold.length === 0) return [];
  const { message, hint } = untoldOrigin(untold, host);
  return [{ severity: 'warning', code: 'persistent-not-shown', sentence: message, hint }];
}

/** What the undo deleted as permanent, or added again, may have been so before the run. */
export function untoldOrigin(steps: readonly ExclusionStep[], host: string): Failure {
  // Of no family: where both share one list, a command for one is a command for both.
  const name = (some: readonly ExclusionStep[]): string =>
    [...new Set(some.map((one) => `${one.protocol} ${formatRange(one.range)}`))].join(', ');
  const deleted = name(steps.filter((one) => one.after.persistent));
  const added = name(steps.filter((one) => !one.after.persistent));
  const told = [
    ...(deleted === ''
      ? []
      : [`${deleted} is deleted there, and may have been permanent before the run, or made so by somebody else since`]),
    ...(added === '' ? [] : [`${added} is added there again, and may not have been permanent before the run`]),
  ];
  return new Failure('step/disputed', `nothing shows what is permanent on this host: ${told.join('; ')}`, {
    where: host,
    hint:
      deleted === ''
        ? 'ask who looks after this host whether the range was permanent before; if it was not, delete it with netsh'
        : 'ask who looks after this host whether the range has to be permanent; if so, add it again with netsh',
  });
}

// What the exclusion tables show of a step's range: asked once for each shell line, kept in the host's view until something may have changed.
import { readExclusionChange, writeExclusionChange } from '../../facts/exclusion-change.ts';
import { Failure } from '../../model/failure.ts';
import { families, type ExclusionTable } from '../../model/host-state.ts';
import type { StepLook } from '../../model/outcome.ts';
import type { ExclusionStep, Presence } from '../../model/plan.ts';
import { formatRange } from '../../model/port-range.ts';
import { findPresence } from '../../windows/verdict.ts';
import { isStoreHidden, showPresence } from './hidden-store.ts';
import type { StepContext } from './step-context.ts';

/** A lost change may still be at work when the host is asked first; it is asked once more after this long. */
const settleMs = 2000;

export function describeRange({ protocol, range, family }: ExclusionStep): string {
  return `${protocol} ${formatRange(range)} on ${family}`;
}

export function isHidden(step: ExclusionStep, { view }: StepContext): boolean {
  return isStoreHidden(view.tables ?? [], step);
}

/** Reads the tables. Throws a Failure when the host can't be asked or a table can't be read. */
export async function lookAtExclusion(step: ExclusionStep, context: StepContext): Promise<Presence> {
  const known = context.view.tables === null ? null : presenceIn(context.view.tables, step);
  if (known !== null) return known;
  const script = writeExclusionChange(null, context.protocols, context.session.newNonce());
  const answer = await context.session.ask(script.line, { signal: context.signal });
  const { tables, gaps } = readExclusionChange(answer, script, null, context.protocols);
  context.view.tables = tables;
  const presence = presenceIn(tables, step);
  if (presence !== null) return presence;
  const gap = gaps[0];
  throw new Failure('step/unread', `the exclusion tables could not be read: ${gap?.reason ?? 'a table is missing'}`, {
    where: context.host,
    hint: 'check on the host: netsh interface ipv4 show excludedportrange protocol=tcp',
    effect: 'unknown',
  });
}

/**
 * After a lost answer: what the host shows, given a moment to finish; null when it can't be asked. What has not come about by then does not any
 * more: its shell is deleted before the last look, for it may still be on its way to the host.
 */
export async function lookUntil(
  step: ExclusionStep,
  isReached: (shown: Presence) => boolean,
  context: StepContext,
): Promise<Presence | null> {
  try {
    context.view.tables = null;
    const first = await lookAtExclusion(step, context);
    if (isReached(first)) return first;
    await context.clock.sleep(settleMs, context.signal);
    context.view.tables = null;
    const second = await lookAtExclusion(step, context);
    if (isReached(second)) return second;
    await context.session.endLeft({ signal: context.signal });
    context.view.tables = null;
    return await lookAtExclusion(step, context);
  } catch {
    return null;
  }
}

export function presenceIn(tables: readonly ExclusionTable[], step: ExclusionStep): Presence | null {
  return findPresence({ exclusionTables: tables, dynamicRanges: [] }, step.family, step.protocol, step.range);
}

/** The range on every family, for a command for one may change the other along. */
export function lookIn(tables: readonly ExclusionTable[], step: ExclusionStep): StepLook {
  const [ipv4 = null, ipv6 = null] = families.map((family) => {
    const presence = presenceIn(tables, { ...step, family });
    return presence === null ? null : showPresence(presence, isStoreHidden(tables, { ...step, family }));
  });
  return { kind: 'exclusion', presence: { ipv4, ipv6 } };
}

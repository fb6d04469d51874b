// Whether an event can follow those before it: a run begins once, hosts are those it began with, and what is told of a step is of a step
// that the host has. Pure; the digests of the chain are another matter (record.ts), for whoever edits a journal can make them again.
import { createAlike } from '../model/lists/alike.ts';
import { findDynamicRange, isPersistentShown, stores } from '../model/host-state.ts';
import type { EventOf, OutageIntent, RunEvent } from '../model/outcome.ts';
import type { ExclusionCommand, ExclusionStep, Step } from '../model/plan.ts';
import { sameRange } from '../model/port-range.ts';
import { findOutage, listSteps } from '../model/rules/outage.ts';
import { deriveExclusionStep, inBoth, inNone } from '../windows/steps.ts';
import { findPresence, samePresence } from '../windows/verdict.ts';
import { EventFault } from './read-event.ts';

/** Judges the next event of a run. Throws EventFault. */
export function createEventOrder(): (event: RunEvent) => void {
  const { one } = createAlike();
  let hosts: ReadonlySet<string> | null = null;
  const stepsOf = new Map<string, readonly Step[]>();
  return (event) => {
    if (hosts === null) {
      if (event.type !== 'run-started') throw new EventFault('a run begins otherwise');
      hosts = new Set(event.hosts.map((each) => each.host));
      if (hosts.size < event.hosts.length) throw new EventFault('a host is in the run twice');
      return;
    }
    if (event.type === 'run-started') throw new EventFault('the run begins a second time');
    if ('host' in event && !hosts.has(event.host)) throw new EventFault(`${event.host} is no host of this run`);
    if (event.type === 'host-started') {
      if (!stepsOf.has(event.host)) refuseOtherStart(event);
      stepsOf.set(event.host, one(event.steps));
    } else if ('step' in event) {
      refuseOtherStep(event, stepsOf.get(event.host) ?? []);
    }
  };
}

/** When a run first begins a host, its steps start from what the host shows. */
function refuseOtherStart({ host, before, steps }: EventOf<'host-started'>): void {
  for (const step of steps) {
    if (step.kind === 'service') continue;
    if (step.kind === 'dynamic-range') {
      const range = findDynamicRange(before.state, step.family, step.protocol);
      if (range !== null && sameRange(range, step.before)) continue;
      throw new EventFault(`${host}: step ${step.number} does not start from what the host showed`);
    }
    const found = findPresence(before.state, step.family, step.protocol, step.range);
    if (found !== null && samePresence(found, step.before)) continue;
    // Of permanent entries that nothing shows, a rollback knows those that Windows accepted from the run itself; and a range that is to
    // be absent is taken for permanent too.
    const mayBeUnseen = step.undoes || !isPersistentShown(before.state, step.family, step.protocol);
    if (mayBeUnseen && found?.active === step.before.active) continue;
    throw new EventFault(`${host}: step ${step.number} does not start from what the host showed`);
  }
}

function refuseOtherStep(event: Extract<RunEvent, { step: number }>, steps: readonly Step[]): void {
  const step = steps.find((each) => each.number === event.step);
  if (step === undefined) throw new EventFault(`${event.host} has no step ${event.step}`);
  if (event.type === 'command-planned' && !isCommandOfStep(step, event)) {
    throw new EventFault(`${event.host}: step ${event.step} has no such command`);
  }
  if (event.type === 'command-planned' && event.outage !== undefined)
    refuseOtherOutage(event, event.outage, step, steps);
  if ('state' in event && event.state !== null && event.state.kind !== step.kind) {
    throw new EventFault(`${event.host}: step ${event.step} is of another kind`);
  }
}

/** The line of an outage has all steps from the stop to its start, in order, and nothing of an undo. */
function refuseOtherOutage(
  { host, direction }: EventOf<'command-planned'>,
  { then }: OutageIntent,
  stop: Step,
  steps: readonly Step[],
): void {
  const outage = findOutage(stop, steps);
  const expected = outage === null || direction !== 'do' ? null : listSteps(outage).slice(1);
  const isSame =
    expected?.length === then.length &&
    expected.every(({ number, kind }, index) => {
      const told = then[index];
      return told?.step === number && (told.before === null || told.before.kind === kind);
    });
  if (!isSame) throw new EventFault(`${host}: step ${stop.number} begins no such outage`);
}

function isCommandOfStep(step: Step, { line, direction, goal }: EventOf<'command-planned'>): boolean {
  if (step.kind === 'service') {
    const starts = (step.verb === 'start') === (direction === 'do');
    return line === (direction === 'do' ? step.line : step.undo) && goal.kind === 'service' && goal.running === starts;
  }
  if (step.kind === 'dynamic-range') {
    const isDesired = (direction === 'do') !== step.undoes;
    const own = direction === 'do' ? step.line : step.undo;
    return line === own && goal.kind === 'dynamic-range' && goal.desired === isDesired;
  }
  const commands = direction === 'do' ? step.commands : undoCommands(step);
  const command = commands.find((each) => each.line === line);
  if (command === undefined || goal.kind !== 'exclusion') return false;
  return command.store === goal.store && command.present === goal.present && command.replaces === goal.replaces;
}

/**
 * An undo leaves what somebody else did meanwhile: from what it finds it may need any command for this very range. To delete the permanent
 * range takes the active one along, which is added again where it is not the run's; and what it finds in one store only it may replace.
 */
function undoCommands(step: ExclusionStep): readonly ExclusionCommand[] {
  const { commands, undo } = deriveExclusionStep({ ...step, before: inNone, after: inBoth });
  const completing = stores.flatMap(
    (half) => deriveExclusionStep({ ...step, before: { ...inNone, [half]: true }, after: inBoth }).commands,
  );
  return [...commands, ...undo, ...completing];
}

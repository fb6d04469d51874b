// What a journal has of an event -> the event. It is of the published form, to the last key; commands, inverse and sentence of its steps are
// derived again, and what a host's steps may touch is bounded by what is desired of the host. saved-event.ts is the other way.
import { faultOf } from '../forms/fault.ts';
import { runEvent } from '../forms/run-forms.ts';
import { Failure } from '../model/failure.ts';
import type { RunEvent, SavedEvent } from '../model/outcome.ts';
import { deriveStep, findForeignStep } from '../windows/steps.ts';

/** An event that no run writes. Its message is one for the operator. */
export class EventFault extends Error {}

/** Throws EventFault. */
export function readEvent(value: unknown): RunEvent {
  const read = runEvent.safeParse(value);
  if (!read.success) throw new EventFault(`it holds no event of this Fencepost: ${faultOf(read.error)}`);
  // The value itself, not the form's copy of it: it is shown in the order of keys in which it was written.
  const event = value as SavedEvent;
  if (event.type !== 'host-started') return event;
  const foreign = findForeignStep(event.steps, event.desired);
  if (foreign !== null) throw new EventFault(`${event.host}: ${foreign}`);
  try {
    return { ...event, steps: event.steps.map(deriveStep) };
  } catch (thrown) {
    if (thrown instanceof Failure) throw new EventFault(`${event.host}: ${thrown.message}`);
    throw thrown;
  }
}

// An event -> what a journal and `--events` have of it: steps as data. Apart from read-event.ts, for whoever only writes needs no forms.
import type { RunEvent, SavedEvent } from '../model/outcome.ts';
import { stepData } from '../windows/steps.ts';

export function savedEvent(event: RunEvent): SavedEvent {
  return event.type === 'host-started' ? { ...event, steps: event.steps.map(stepData) } : event;
}

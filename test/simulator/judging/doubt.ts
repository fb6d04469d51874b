// When nobody can tell whose a value is: a command's answer is missing, and somebody else came between the run's last look before it and the
// first one behind it. Before and after that it is known, and the verdict has to be true.
import type { RunEvent } from '../../../src/model/outcome.ts';
import type { Step } from '../../../src/model/plan.ts';
import { rangeSubject, serviceSubject, type Subject } from './subject.ts';

export interface Doubts {
  /** What a command was about whose answer is missing, and which the run has not seen since. */
  readonly open: Set<Subject>;
  /** What somebody else has changed, and the run has not seen since. */
  readonly unseen: Set<Subject>;
  /** Of those, what came behind the last answer: no look that is told after it can have seen it. */
  readonly fresh: Set<Subject>;
  /** Both at once. */
  readonly murky: Set<Subject>;
}

export function createDoubts(): Doubts {
  return { open: new Set(), unseen: new Set(), fresh: new Set(), murky: new Set() };
}

export function noteMissingAnswer({ open, unseen, murky }: Doubts, subject: Subject): void {
  open.add(subject);
  if (unseen.has(subject)) murky.add(subject);
}

export function noteOther({ open, unseen, fresh, murky }: Doubts, subject: Subject): void {
  unseen.add(subject);
  fresh.add(subject);
  if (open.has(subject)) murky.add(subject);
}

/** The host has answered something, as it is now. */
export function noteAnswer({ fresh }: Doubts): void {
  fresh.clear();
}

/** What a life looked at is known, as far as its event tells it. `steps`: those of the host's start. */
export function noteLook({ open, unseen, fresh }: Doubts, event: RunEvent, steps: readonly Step[]): void {
  const look = event.type === 'step-finished' ? event.look : event.type === 'command-finished' ? event.after : null;
  if (look === null || !('step' in event)) return;
  const step = steps.find((one) => one.number === event.step);
  if (step === undefined || step.kind === 'dynamic-range') return;
  const subject = step.kind === 'service' ? serviceSubject(step.service) : rangeSubject(step.protocol, step.range);
  open.delete(subject);
  if (!fresh.has(subject)) unseen.delete(subject);
}

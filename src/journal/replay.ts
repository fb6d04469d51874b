// Records -> what was done, what is open, what can be taken back. Pure: the journal is all it knows.
import { Failure } from '../model/failure.ts';
import type { HostHistory, RunHistory, StepHistory } from '../model/history.ts';
import type { EventOf, HostVerdict, RunEvent } from '../model/outcome.ts';
import type { Step } from '../model/plan.ts';
import { formatRange } from '../model/port-range.ts';

interface OpenHost {
  readonly begun: EventOf<'host-begun'>;
  readonly steps: Map<string, StepHistory>;
  /** Step numbers of the latest `host-begun` -> keys. A resumed host numbers its steps anew. */
  numbers: Map<number, string>;
  verdict: HostVerdict | null;
}

/** Throws Failure `journal/damaged` when the events do not begin with a run. */
export function replayRun(run: string, events: readonly RunEvent[]): RunHistory {
  const [begun] = events;
  if (begun?.type !== 'run-begun') {
    throw new Failure(
      'journal/damaged',
      `the journal of run ${run} does not begin with the run: it died before its first record`,
      {
        where: run,
        hint: 'nothing was changed by it; there is nothing to take back',
      },
    );
  }
  const hosts = new Map<string, OpenHost>();
  const verdicts = new Map<string, HostVerdict>();
  const shells = new Map<string, readonly string[]>();
  let ended: EventOf<'run-ended'> | null = null;
  let stopping: string | null = null;
  for (const event of events) {
    switch (event.type) {
      case 'shell-opened':
        shells.set(event.host, [...(shells.get(event.host) ?? []), event.shellId]);
        break;
      case 'host-begun':
        beginHost(hosts, event);
        verdicts.delete(event.host);
        break;
      case 'command-intended':
        noteIntent(hosts, event);
        // A host that is taken back after its verdict is in change again: until it has a new one, the old one says nothing.
        reopen(hosts, verdicts, event.host);
        break;
      case 'command-answered':
        update(hosts, event, { state: event.state, inDoubt: event.state === null });
        break;
      case 'command-lost':
        if (event.effect === 'none') update(hosts, event, { inDoubt: false });
        break;
      case 'step-ended':
        endStep(hosts, event);
        break;
      case 'host-ended':
        endHost(hosts, verdicts, event);
        shells.delete(event.host);
        break;
      case 'run-resumed':
        ended = null;
        stopping = null;
        break;
      case 'run-stopping':
        stopping = event.reason;
        break;
      case 'run-ended':
        ended = event;
        break;
      case 'run-begun':
      case 'batch-begun':
      case 'batch-ended':
        break;
    }
  }
  return {
    begun,
    hosts: [...hosts.values()].map(toHistory),
    verdicts: [...verdicts.values()],
    ended,
    openShells: Object.fromEntries(shells),
    stopping,
  };
}

/** What a step is about, so that the same thing is known again when a resumed run numbers its steps anew. */
export function stepKey(step: Step): string {
  return step.kind === 'exclusion'
    ? `exclusion ${step.family} ${step.protocol} ${formatRange(step.range)}`
    : `service ${step.service.toLowerCase()} ${step.verb}`;
}

function beginHost(hosts: Map<string, OpenHost>, event: EventOf<'host-begun'>): void {
  const known = hosts.get(event.host);
  const host = known ?? { begun: event, steps: new Map<string, StepHistory>(), numbers: new Map(), verdict: null };
  host.verdict = null;
  host.numbers = new Map(event.steps.map((step) => [step.number, stepKey(step)]));
  for (const step of event.steps) {
    const key = stepKey(step);
    const before = host.steps.get(key);
    // What was never touched is planned anew from what the host showed then.
    if (before === undefined || !(before.sent || before.cameAlong)) host.steps.set(key, untouched(step));
  }
  hosts.set(event.host, host);
}

function untouched(step: Step): StepHistory {
  return { step, sent: false, cameAlong: false, state: null, inDoubt: false, takenBack: false, lastResult: null };
}

type AboutStep = { readonly host: string; readonly step: number };

function update(hosts: Map<string, OpenHost>, { host, step }: AboutStep, change: Partial<StepHistory>): void {
  const open = hosts.get(host);
  const key = open?.numbers.get(step);
  const known = key === undefined ? undefined : open?.steps.get(key);
  if (key !== undefined && known !== undefined) open?.steps.set(key, { ...known, ...change });
}

function noteIntent(hosts: Map<string, OpenHost>, event: EventOf<'command-intended'>): void {
  update(hosts, event, { inDoubt: true, takenBack: false, ...(event.direction === 'do' ? { sent: true } : {}) });
  const open = hosts.get(event.host);
  const stop = open?.steps.get(open.numbers.get(event.step) ?? '')?.step;
  if (open === undefined || stop?.kind !== 'service' || stop.verb !== 'stop' || event.direction !== 'do') return;
  // An earlier start of the service tells nothing any more.
  const key = stepKey({ ...stop, verb: 'start' });
  const start = open.steps.get(key);
  if (start !== undefined) open.steps.set(key, { ...start, state: null, lastResult: null });
}

function reopen(hosts: Map<string, OpenHost>, verdicts: Map<string, HostVerdict>, host: string): void {
  const open = hosts.get(host);
  if (open === undefined) return;
  open.verdict = null;
  verdicts.delete(host);
}

function endStep(hosts: Map<string, OpenHost>, event: EventOf<'step-ended'>): void {
  const reached = event.result === 'done' || event.result === 'not-needed';
  update(hosts, event, {
    lastResult: event.result,
    ...(event.state === null ? {} : { state: event.state, inDoubt: false }),
    ...(event.result === 'in-doubt' ? { inDoubt: true } : {}),
    ...(event.direction === 'do' && event.result === 'not-needed' ? { cameAlong: true } : {}),
    ...(event.direction === 'undo' && reached ? { takenBack: true } : {}),
  });
}

function endHost(hosts: Map<string, OpenHost>, verdicts: Map<string, HostVerdict>, event: EventOf<'host-ended'>): void {
  const { host, verdict, detail, failure } = event;
  verdicts.set(host, { host, verdict, detail, failure });
  const open = hosts.get(host);
  if (open !== undefined) open.verdict = { host, verdict, detail, failure };
}

function toHistory(open: OpenHost): HostHistory {
  const { host, connection, exclusiveGroup, wanted, before } = open.begun;
  return { host, connection, exclusiveGroup, wanted, before, steps: [...open.steps.values()], verdict: open.verdict };
}

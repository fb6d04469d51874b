// Events, one by one -> what was done, what is open, what can be rolled back. Pure: the journal is all it knows.
import { Failure } from '../model/failure.ts';
import type { GuardHistory, OpenLine, RunHistory, StepHistory } from '../model/history.ts';
import type { EventOf, RunEvent } from '../model/outcome.ts';
import { followLine, followShells } from '../model/rules/left-on-host.ts';
import { createOwnership, isOurs } from '../model/rules/ownership.ts';
import type { Step } from '../model/plan.ts';
import { formatRange } from '../model/port-range.ts';
import { createOutline } from './outline.ts';
import { createReplayedHosts, type OpenHost, type ReplayedHosts } from './replayed-hosts.ts';

export interface Replay {
  /** The next event of the run. */
  event(event: RunEvent): void;
  /** Null when the events do not begin with a run. */
  history(): RunHistory | null;
}

/** Keeps of each event only what the history needs. `hosts`: none of them is started yet. */
export function createReplay(hosts: ReplayedHosts = createReplayedHosts()): Replay {
  const shells = new Map<string, readonly string[]>();
  const guards = new Map<string, GuardHistory>();
  const lines = new Map<string, OpenLine>();
  const standing = createOutline();
  const batches = followBatches();
  return {
    event(event) {
      standing.event(event);
      batches.event(event);
      if ('step' in event) {
        hosts.find(event.host)?.ownership.event(event);
        noteLine(lines, hosts, event);
      }
      if ('host' in event) noteShells(shells, event);
      switch (event.type) {
        case 'guard': {
          const { at, state, task, withinMs, by } = event;
          guards.set(event.host, { at, state, task, withinMs, by });
          hosts.find(event.host)?.ownership.event(event);
          if (state === 'fired') endClaims(hosts.find(event.host));
          // One that is through stays so; of another it only takes a moment.
          hosts.settle(event.host);
          break;
        }
        case 'host-started':
          beginHost(hosts, event);
          break;
        case 'command-planned':
          noteIntent(hosts, event);
          break;
        case 'command-finished':
          update(hosts, event, { state: event.state, inDoubt: event.state === null });
          break;
        case 'command-lost':
          if (event.effect === 'none') noteUnsent(hosts, event);
          break;
        case 'step-finished':
          endStep(hosts, event);
          break;
        case 'host-finished':
          hosts.find(event.host)?.ownership.event(event);
          hosts.settle(event.host);
          break;
        default:
          break;
      }
    },
    history() {
      const outline = standing.outline();
      if (outline === null) return null;
      const { started, verdicts, finished, stopping } = outline;
      const verdictOf = new Map(verdicts.map((one) => [one.host, one]));
      return {
        started,
        hosts: hosts.histories().map((host) => ({ ...host, verdict: verdictOf.get(host.host) ?? null })),
        verdicts,
        finished,
        openShells: Object.fromEntries(shells),
        ...(guards.size === 0 ? {} : { guards: Object.fromEntries(guards) }),
        ...(lines.size === 0 ? {} : { openLines: Object.fromEntries(lines) }),
        stopping,
        batches: batches.started(),
      };
    },
  };
}

interface Batches {
  event(event: RunEvent): void;
  started(): RunHistory['batches'];
}

function followBatches(): Batches {
  let batches: RunHistory['batches'] = [];
  let isOver = false;
  return {
    event(event) {
      if (event.type === 'run-finished') isOver = true;
      if (event.type === 'run-resumed' && isOver) [batches, isOver] = [[], false];
      if (event.type === 'batch-started') {
        // Hosts that keep their groups waiting may have been a batch of their own in between.
        const known = batches.find((one) => !one.finished && event.hosts.every((host) => one.hosts.includes(host)));
        batches = [...batches.filter((one) => one !== known), known ?? { hosts: event.hosts, finished: false }];
      }
      const last = batches.at(-1);
      if (event.type === 'batch-finished' && last !== undefined) {
        batches = [...batches.slice(0, -1), { ...last, finished: true }];
      }
    },
    started: () => batches,
  };
}

/** Of a journal whose first record is not there. */
export function withoutBeginning(run: string): Failure {
  return new Failure(
    'journal/damaged',
    'the journal of this run has no first record: the run died before it was written',
    {
      where: run,
      hint: 'it changed nothing, so there is nothing to roll back',
    },
  );
}

/** What a step is about, so that the same thing is known again when a resumed run numbers its steps again. */
export function stepKey(step: Step): string {
  if (step.kind === 'dynamic-range') return `dynamic range ${step.family} ${step.protocol}`;
  return step.kind === 'exclusion'
    ? `exclusion ${step.family} ${step.protocol} ${formatRange(step.range)}`
    : `service ${step.service.toLowerCase()} ${step.verb}`;
}

function beginHost(hosts: ReplayedHosts, event: EventOf<'host-started'>): void {
  const { host: name, connection, exclusiveGroup, desired, before: facts } = event;
  const host = hosts.start({ host: name, connection, exclusiveGroup, desired, before: facts });
  host.ownership.event(event);
  host.numbers = new Map(event.steps.map((step) => [step.number, stepKey(step)]));
  for (const step of event.steps) {
    const key = stepKey(step);
    const before = host.steps.get(key);
    // What was never touched is planned again from what the host showed then.
    if (before === undefined || !(before.sent || isOurs(host.ownership.of(step)))) host.steps.set(key, untouched(step));
  }
}

/** The host undid the run's changes by itself: what is there from now on is somebody else's, or of a later attempt. */
function endClaims(host: OpenHost | undefined): void {
  if (host === undefined) return;
  host.ownership = createOwnership();
  for (const [key, one] of host.steps) host.steps.set(key, afterGuard(one));
}

/** A step that the host's guard undid. */
export function afterGuard(step: StepHistory): StepHistory {
  return { ...step, inDoubt: false, rolledBack: true, state: null, ownership: {} };
}

function untouched(step: Step): StepHistory {
  return {
    step,
    sent: false,
    changedByOtherFamily: false,
    ownership: {},
    state: null,
    inDoubt: false,
    rolledBack: false,
    lastResult: null,
  };
}

type AboutStep = { readonly host: string; readonly step: number };

function update(hosts: ReplayedHosts, { host, step }: AboutStep, change: Partial<StepHistory>): void {
  const open = hosts.find(host);
  const key = open?.numbers.get(step);
  const known = key === undefined ? undefined : open?.steps.get(key);
  if (key !== undefined && known !== undefined) open?.steps.set(key, { ...known, ...change });
}

function noteIntent(hosts: ReplayedHosts, event: EventOf<'command-planned'>): void {
  update(hosts, event, { inDoubt: true, rolledBack: false, ...(event.direction === 'do' ? { sent: true } : {}) });
  const open = hosts.find(event.host);
  const then = event.outage?.then.map((one) => one.step) ?? [];
  open?.line.clear();
  if (then.length > 0) open?.line.set(event.step, then);
  for (const step of then) update(hosts, { host: event.host, step }, { inDoubt: true, rolledBack: false, sent: true });
  const stop = open?.steps.get(open.numbers.get(event.step) ?? '')?.step;
  if (open === undefined || stop?.kind !== 'service' || stop.verb !== 'stop' || event.direction !== 'do') return;
  // An earlier start of the service tells nothing any more.
  const key = stepKey({ ...stop, verb: 'start' });
  const start = open.steps.get(key);
  if (start !== undefined) open.steps.set(key, { ...start, state: null, lastResult: null });
}

function noteLine(lines: Map<string, OpenLine>, hosts: ReplayedHosts, event: AboutStep & RunEvent): void {
  const open = hosts.find(event.host);
  const findStep = (number: number): Step | undefined => open?.steps.get(open.numbers.get(number) ?? '')?.step;
  const line = followLine(lines.get(event.host) ?? null, event, event.at, findStep);
  if (line === null) lines.delete(event.host);
  else lines.set(event.host, line);
}

function noteShells(shells: Map<string, readonly string[]>, event: RunEvent & { readonly host: string }): void {
  const open = followShells(shells.get(event.host) ?? [], event);
  if (open.length === 0) shells.delete(event.host);
  else shells.set(event.host, open);
}

/** Of the first command of a line nothing was sent at all; another one the line has left out. */
function noteUnsent(hosts: ReplayedHosts, event: EventOf<'command-lost'>): void {
  update(hosts, event, { inDoubt: false });
  const open = hosts.find(event.host);
  if (open === undefined) return;
  const left = open.line.get(event.step);
  for (const step of left ?? []) update(hosts, { host: event.host, step }, { inDoubt: false, sent: false });
  if ([...open.line.values()].flat().includes(event.step)) update(hosts, event, { sent: false });
}

function endStep(hosts: ReplayedHosts, event: EventOf<'step-finished'>): void {
  const reached = event.result === 'done' || event.result === 'not-needed';
  const isOfLine = [...(hosts.find(event.host)?.line.values() ?? [])].flat().includes(event.step);
  // The line had a command for it, and the host did not need it.
  if (isOfLine && event.result === 'not-needed') update(hosts, event, { sent: false, inDoubt: false });
  update(hosts, event, {
    lastResult: event.result,
    ...(event.state === null ? {} : { state: event.state, inDoubt: false }),
    ...(event.result === 'in-doubt' ? { inDoubt: true } : {}),
    ...(event.direction === 'undo' && reached ? { rolledBack: true } : {}),
  });
}

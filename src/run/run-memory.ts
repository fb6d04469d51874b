// What this process knows of its own run, for the case that the journal can't be written any more: which hosts were sent a change, what
// came of it, which were never started. Wraps the Journal seam; pure but for that. The journal stays the truth for resume and rollback.
// It is kept for every host to the end of the run, so lists of steps are plain and short, and what hosts have alike is one object.
import { createAlike } from '../model/lists/alike.ts';
import type { HostVerdict, RunEvent } from '../model/outcome.ts';
import type { Step } from '../model/plan.ts';
import type { Journal } from '../model/seams.ts';
import { describeSkipped, judgeSkipped } from './hosts/resumed-host.ts';
import type { HostJob } from './hosts/host-job.ts';

export interface RunMemory {
  /** The same journal; what goes through it is remembered, also what it could not write. */
  noting(journal: Journal): Journal;
  /** True once a command that changes a host was sent, or may have been, by this process. */
  readonly isAnythingSent: boolean;
  /** One per host, in order: as settled, or what is known of a host that has no verdict. */
  verdicts(): readonly HostVerdict[];
}

interface HostMemory {
  readonly job: HostJob | null;
  verdict: HostVerdict | null;
  steps: readonly Step[];
  /** Whether the host was sent a change in this process. */
  isSent: boolean;
  /** Sent, and whatever came of it not known: step numbers. */
  open: readonly number[];
  /** Found at its goal: step numbers. */
  finished: readonly number[];
  /** Services that were told to stop last. */
  down: readonly string[];
  /** The steps of the outage whose line was sent last; none: it was no such line. */
  line: readonly number[];
}

export function createRunMemory(jobs: readonly HostJob[], settled: readonly HostVerdict[]): RunMemory {
  const { one, text } = createAlike();
  const hosts = new Map<string, HostMemory>();
  for (const verdict of settled) hosts.set(verdict.host, { ...unknown(null), verdict });
  for (const job of jobs) hosts.set(job.plan.target, unknown(job));

  function note(event: RunEvent): void {
    const host = 'host' in event ? hosts.get(event.host) : undefined;
    if (host === undefined) return;
    switch (event.type) {
      case 'host-started':
        host.steps = event.steps;
        break;
      case 'command-planned':
        // A host that is rolled back after its verdict is being changed again.
        host.verdict = null;
        host.isSent = true;
        host.line = event.outage === undefined ? [] : [event.step, ...event.outage.then.map((one) => one.step)];
        for (const step of [event.step, ...host.line]) host.open = including(host.open, step);
        noteService(host, event.step, event.direction);
        break;
      case 'guard':
        if (event.state === 'planned') host.isSent = true;
        break;
      case 'command-lost':
        if (event.effect === 'none') host.open = leavingOut(host.open, event.step);
        if (event.effect === 'none' && host.line[0] === event.step)
          for (const step of host.line) host.open = leavingOut(host.open, step);
        break;
      case 'step-finished':
        if (event.result !== 'in-doubt') host.open = leavingOut(host.open, event.step);
        if (event.result === 'done' || event.result === 'not-needed') {
          host.finished = including(host.finished, event.step);
          // Its command stood in the line that stopped the service.
          if (host.line.slice(1).includes(event.step)) noteService(host, event.step, event.direction);
        }
        break;
      case 'host-finished': {
        const { host: name, verdict, detail, failure, untouched, late, down } = event;
        host.verdict = { host: name, verdict, detail: text(detail), failure, untouched, late, down };
        host.finished = one(host.finished);
        host.line = one(host.line);
        break;
      }
      default:
        break;
    }
  }

  return {
    noting: (journal) => ({
      async append(event) {
        // Of an intent that is not on disk nothing is sent; everything else has happened, on disk or not.
        const isIntent = event.type === 'command-planned' || (event.type === 'guard' && event.state === 'planned');
        if (!isIntent) note(event);
        await journal.append(event);
        if (isIntent) note(event);
      },
    }),
    get isAnythingSent() {
      return [...hosts.values()].some((one) => one.isSent);
    },
    verdicts: () => [...hosts].map(([name, host]) => host.verdict ?? brokenOff(name, host)),
  };
}

const nothing: readonly never[] = [];

function including<T>(list: readonly T[], item: T): readonly T[] {
  return list.includes(item) ? list : [...list, item];
}

function leavingOut<T>(list: readonly T[], item: T): readonly T[] {
  const left = list.filter((one) => one !== item);
  return left.length === 0 ? nothing : left;
}

function unknown(job: HostJob | null): HostMemory {
  return {
    job,
    verdict: null,
    steps: nothing,
    isSent: false,
    open: nothing,
    finished: nothing,
    down: nothing,
    line: nothing,
  };
}

/** Both directions of a service step tell whether the service was told to stop last. */
function noteService(host: HostMemory, number: number, direction: 'do' | 'undo'): void {
  const step = host.steps.find((one) => one.number === number);
  if (step?.kind !== 'service') return;
  const isDown = (step.verb === 'stop') === (direction === 'do');
  host.down = isDown ? including(host.down, step.service) : leavingOut(host.down, step.service);
}

function brokenOff(name: string, { job, steps, isSent, finished, open, down, line }: HostMemory): HostVerdict {
  if (!isSent) {
    const detail = steps.length === 0 ? 'never started' : 'started, but nothing was sent to it';
    return job === null
      ? { host: name, verdict: 'skipped', detail, failure: null }
      : { host: name, verdict: judgeSkipped(job, 'skipped'), detail: describeSkipped(job, detail), failure: null };
  }
  const [stop] = steps.filter((step) => step.number === line[0] && open.includes(line.at(-1) ?? -1));
  const inLine = stop?.kind === 'service' ? stop.service : null;
  const stopped = down.map((service) =>
    service === inLine
      ? `; ${service} was told to stop and to start again in one command: check that it runs`
      : `; ${service} WAS STOPPED AND NOT STARTED AGAIN`,
  );
  const starting = steps.flatMap((step) =>
    step.kind === 'service' && open.includes(step.number) && !down.includes(step.service)
      ? [`; ${step.service} was started but has not been seen running yet`]
      : [],
  );
  const unknownSteps = open.length === 0 ? '' : `, ${open.length} not known`;
  const detail = `the run ended while this host was being changed: ${finished.length} of ${steps.length} steps finished${unknownSteps}${stopped.join('')}${starting.join('')}`;
  return { host: name, verdict: 'in-doubt', detail, failure: null };
}

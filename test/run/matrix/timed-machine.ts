// A simulated host on a clock of its own: its command lines run on whoever waits for them, its tasks start when they are due, its services
// arrive where they were sent, and a restart ends everything that runs on it. It also notes for how long its mail service was down.
import { startCommandLine, type ConsoleResult } from '../../../src/lab/cmd/console.ts';
import type { Work } from '../../../src/lab/cmd/state.ts';
import { reboot, type Machine } from '../../../src/lab/machine/machine.ts';
import { findNextDueMs } from '../../../src/lab/machine/scheduled-task.ts';
import { findService, finishPending, startServicesAtBoot } from '../../../src/lab/machine/service-control.ts';
import { runDueTasks } from '../../../src/lab/tasks/run-due-tasks.ts';
import type { Answer } from '../../../src/model/seams.ts';

/** A service that nobody asks arrives after this time. */
const arrivesWithinMs = 4000;
/** To start a program. */
const programMs = 20;
/** From the restart until the host can be reached. */
const bootMs = 60_000;

/** One command line on the host, from its start to its end. */
interface RunningLine {
  /** Null: not through yet, or it never will be. */
  readonly answer: Answer | null;
  readonly isOver: boolean;
  /** The places of it at which the machine was not as at the place before: one between two questions is like its neighbour. */
  readonly places: readonly number[];
}

export interface TimedMachine {
  readonly machine: Machine;
  readonly nowMs: number;
  readonly isReachable: boolean;
  /** When it can be reached. */
  readonly reachableAtMs: number;
  /** The longest time without its service so far. */
  readonly longestDownMs: number;
  /** Of a restart that found the service down. */
  readonly wasDownAtBoot: boolean;
  readonly wasRestarted: boolean;
  advanceTo(ms: number): void;
  /** `visit`: called at each place of the line. It may restart the machine. */
  start(line: string, visit: (place: number) => void): RunningLine;
  /** Lets time pass until the line has got a piece further. */
  continue(line: RunningLine): void;
  restart(): void;
}

interface Line {
  readonly work: Work<ConsoleResult>;
  readonly visit: (place: number) => void;
  answer: Answer | null;
  isOver: boolean;
  readonly places: number[];
  passed: number;
  seen: string;
  dueMs: number;
}

const decoder = new TextDecoder();

/** What a command may change. */
function fingerprint({ exclusions, services, tasks, files }: Machine): string {
  return JSON.stringify([exclusions, services.map((one) => one.state), tasks.length, Object.keys(files)]);
}

/** `notesPlaces`: its lines tell their places, which takes time. */
export function timeMachine(machine: Machine, service: string, notesPlaces: boolean): TimedMachine {
  let nowMs = 0;
  let reachableAtMs = 0;
  let downSinceMs: number | null = null;
  let longestDownMs = 0;
  let pendingSinceMs: number | null = null;
  let wasDownAtBoot = false;
  let wasRestarted = false;
  const lines: Line[] = [];

  const watched = () => {
    const found = findService(machine, service);
    if (found === undefined) throw new Error(`there is no ${service}`);
    return found;
  };

  function observe(): void {
    const { state } = watched();
    pendingSinceMs = state.endsWith('-pending') ? (pendingSinceMs ?? nowMs) : null;
    downSinceMs = state === 'running' ? null : (downSinceMs ?? nowMs);
    if (downSinceMs !== null) longestDownMs = Math.max(longestDownMs, nowMs - downSinceMs);
  }

  function carryOn(line: Line): void {
    const next = line.work.next();
    if (next.done === true) {
      const { stdout, stderr, exitCode } = next.value;
      line.answer = { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), exitCode };
      line.isOver = true;
    } else {
      line.passed += 1;
      line.dueMs = nowMs + Math.max(next.value, programMs);
      observe();
      const now = notesPlaces ? fingerprint(machine) : '';
      if (now !== line.seen) line.places.push(line.passed);
      line.seen = now;
      line.visit(line.passed);
    }
    observe();
    if (line.isOver && lines.includes(line)) lines.splice(lines.indexOf(line), 1);
  }

  function advanceTo(ms: number): void {
    for (;;) {
      const arrivesMs = pendingSinceMs === null ? null : pendingSinceMs + arrivesWithinMs;
      const due = [findNextDueMs(machine.tasks), arrivesMs, ...lines.map((one) => one.dueMs)];
      const nextMs = Math.min(...due.filter((one) => one !== null));
      if (nextMs > ms) break;
      nowMs = Math.max(nowMs, nextMs);
      observe();
      if (arrivesMs !== null && arrivesMs <= nowMs) finishPending(machine, watched());
      runDueTasks(machine, nowMs);
      observe();
      for (const line of [...lines]) if (!line.isOver && line.dueMs <= nowMs) carryOn(line);
    }
    nowMs = Math.max(nowMs, ms);
    runDueTasks(machine, nowMs);
    observe();
  }

  return {
    machine,
    get nowMs() {
      return nowMs;
    },
    get isReachable() {
      return nowMs >= reachableAtMs;
    },
    get reachableAtMs() {
      return reachableAtMs;
    },
    get longestDownMs() {
      return longestDownMs;
    },
    get wasDownAtBoot() {
      return wasDownAtBoot;
    },
    get wasRestarted() {
      return wasRestarted;
    },
    advanceTo,
    start(text, visit) {
      const elevated = machine.rights === 'administrator';
      const work = startCommandLine(machine, text, { codePage: 65001, elevated });
      const line: Line = { work, visit, answer: null, isOver: false, places: [], passed: 0, seen: '', dueMs: nowMs };
      lines.push(line);
      carryOn(line);
      return line;
    },
    continue(line) {
      const known = lines.find((one) => one === line);
      if (known !== undefined) advanceTo(known.dueMs);
    },
    restart() {
      wasRestarted = true;
      wasDownAtBoot ||= watched().state !== 'running';
      for (const line of lines.splice(0)) line.isOver = true;
      reboot(machine);
      startServicesAtBoot(machine);
      reachableAtMs = nowMs + bootMs;
      observe();
    },
  };
}

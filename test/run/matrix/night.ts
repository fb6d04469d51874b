// One night of one host: the shipped workflows change it, something goes wrong at one point, and nobody comes back, or a new process resumes
// the run or rolls it back. What came of it is told as the machine is, not as anybody says.
import type { Machine } from '../../../src/lab/machine/machine.ts';
import { asFailure, Failure } from '../../../src/model/failure.ts';
import type { HostVerdict } from '../../../src/model/outcome.ts';
import type { FleetPlan } from '../../../src/model/plan.ts';
import type { Answer, Clock, Connector, Session } from '../../../src/model/seams.ts';
import { confirmRun } from '../../../src/workflows/guards/confirm-run.ts';
import { createController } from '../../support/controller.ts';
import { memoryTarget } from '../../support/memory-fleet.ts';
import { memoryJournal, type AppendTrouble } from '../../support/memory-journal.ts';
import { resumeMemory, rollBackMemory, startMemory } from '../../support/memory-run.ts';
import { memorySeams, noInventory } from '../../support/memory-seams.ts';
import { memoryStore, type SavedRun } from '../../support/memory-store.ts';
import type { Point, SeenRequest } from './mishap.ts';
import { timeMachine, type TimedMachine } from './timed-machine.ts';

export const who = ['nobody', 'resume', 'rollback'] as const;
export type Who = (typeof who)[number];

export interface NightSettings {
  readonly machine: Machine;
  readonly service: string;
  readonly plan: FleetPlan;
  /** What is resumed is confirmed, too. */
  readonly byPerson: boolean;
}

/** One process, at its end. */
export interface Ending {
  readonly what: 'apply' | 'resume' | 'rollback' | 'confirm';
  /** Empty: it died, or there was nothing of the run on disk. */
  readonly verdicts: readonly HostVerdict[];
  readonly failure: Failure | null;
  /** The machine at that moment. */
  readonly machine: Machine;
}

export interface NightOutcome {
  readonly host: TimedMachine;
  readonly endings: readonly Ending[];
  readonly requests: readonly SeenRequest[];
  readonly writes: number;
  /** The mishap came to pass. */
  readonly happened: boolean;
}

const startMs = Date.parse('2026-12-05T22:00:00.000Z');
const roundTripMs = 50;
/** Whoever finds nobody on the line learns of it after this time. */
const noAnswerMs = 1000;
/** Past every guard and every line. */
const restOfNightMs = 3 * 3_600_000;

export async function spendNight(settings: NightSettings, point: Point | null, comes: Who): Promise<NightOutcome> {
  const host = timeMachine(structuredClone(settings.machine), settings.service, point === null);
  const clock = clockOf(host);
  const endings: Ending[] = [];
  const first = beginProcess(host, point);
  const run = startMemory({ targets: targetsOf(host), connector: first.connector }, settings.plan, {
    journal: first.journal,
    clock,
  });
  const outcome = await Promise.race([run.outcome, first.controller.died]);
  const note = (what: Ending['what'], verdicts: readonly HostVerdict[], failure: Failure | null): void => {
    endings.push({ what, verdicts, failure, machine: structuredClone(host.machine) });
  };
  note('apply', outcome?.verdicts ?? [], outcome?.failure ?? null);
  const saved = run.saved();
  const isStarted = (saved.get('a-run')?.events.length ?? 0) > 0;
  if (comes !== 'nobody' && isStarted) {
    host.advanceTo(host.reachableAtMs);
    await comeBack(settings, comes, host, clock, saved, note);
  }
  host.advanceTo(host.nowMs + restOfNightMs);
  const { requests, happened } = first;
  return { host, endings, requests, writes: first.journal.appends, happened: happened() };
}

type Note = (what: Ending['what'], verdicts: readonly HostVerdict[], failure: Failure | null) => void;

async function comeBack(
  { byPerson }: NightSettings,
  comes: 'resume' | 'rollback',
  host: TimedMachine,
  clock: Clock,
  saved: ReadonlyMap<string, SavedRun>,
  note: Note,
): Promise<void> {
  const { connector, journal } = beginProcess(host, null);
  const fleet = { connector };
  try {
    if (comes === 'rollback') {
      const { verdicts } = await rollBackMemory(fleet, saved.get('a-run')?.events ?? [], { journal, clock });
      note('rollback', verdicts, null);
      return;
    }
    const resumed = await resumeMemory(fleet, saved, { journal, clock });
    note('resume', resumed.verdicts, null);
    if (byPerson) await confirm(host, clock, resumed, note);
  } catch (thrown) {
    note(comes, [], asFailure(thrown));
  }
}

interface Resumed {
  readonly saved: ReadonlyMap<string, SavedRun>;
  readonly verdicts: readonly HostVerdict[];
}

async function confirm(host: TimedMachine, clock: Clock, { saved: runs, verdicts }: Resumed, note: Note) {
  const { connector, journal } = beginProcess(host, null);
  const seams = memorySeams({ connector, clock, store: memoryStore({ runs, journal }), run: 'a-run' });
  const request = { run: 'a-run', extendMs: null, limit: null, concurrency: 1, inventory: noInventory };
  try {
    await confirmRun(request, seams);
    note('confirm', [], null);
  } catch (thrown) {
    const failure = asFailure(thrown);
    const isNone = failure.code === 'guard/none' && host.machine.tasks.length === 0 && isOver(runs, verdicts);
    note('confirm', [], isNone ? null : failure);
  }
}

/** Nothing waits for a person: the resume before changed nothing, or called off the guard of what it undid. */
function isOver(runs: ReadonlyMap<string, SavedRun>, verdicts: readonly HostVerdict[]): boolean {
  const guards = (runs.get('a-run')?.events ?? []).filter((one) => one.type === 'guard');
  const state = guards.at(-1)?.state ?? null;
  return (state === null || state === 'called-off') && verdicts.every((one) => one.verdict !== 'changed');
}

const targetsOf = ({ machine }: TimedMachine) => [memoryTarget(machine.name)];

function clockOf(host: TimedMachine): Clock {
  return {
    now: () => new Date(startMs + host.nowMs).toISOString(),
    elapsedMs: () => host.nowMs,
    sleep(durationMs, signal) {
      if (signal?.aborted !== true) host.advanceTo(host.nowMs + durationMs);
      return Promise.resolve();
    },
  };
}

function beginProcess(host: TimedMachine, point: Point | null) {
  const controller = createController();
  const requests: { kind: SeenRequest['kind']; places: readonly number[] }[] = [];
  let isGone = false;
  let hasHappened = false;
  const journal = memoryJournal({
    controller,
    trouble(_, n): AppendTrouble | null {
      if (point === null || !('write' in point) || n !== point.write) return null;
      hasHappened = true;
      return `killed-${point.at}`;
    },
  });

  function strike(mishap: Point['mishap']): void {
    hasHappened = true;
    if (mishap === 'host restarts' || mishap === 'both die') host.restart();
    if (mishap === 'controller dies' || mishap === 'both die') controller.dead = true;
    if (mishap === 'network gone') isGone = true;
  }

  async function perform(kind: SeenRequest['kind'], text: string): Promise<Answer> {
    await Promise.resolve();
    if (controller.dead) return never();
    const request: (typeof requests)[number] = { kind, places: [] };
    requests.push(request);
    const number = requests.length;
    const due = point !== null && 'request' in point && point.request === number ? point : null;
    host.advanceTo(host.nowMs + roundTripMs);
    const isDead = (): boolean => controller.dead;
    const isBroken = (): boolean => isDead() || isGone || !host.isReachable;
    if (due?.at === 'before') strike(due.mishap);
    const fail = (): Promise<never> => {
      if (isDead()) return never();
      host.advanceTo(host.nowMs + noAnswerMs);
      return Promise.reject(lost(kind));
    };
    if (isBroken()) return fail();
    if (kind === 'connect') return { stdout: '', stderr: '', exitCode: 0 };
    const line = host.start(text, (place) => {
      if (due?.at === place) strike(due.mishap);
    });
    while (!line.isOver && !isBroken()) host.continue(line);
    request.places = line.places;
    if (due?.at === 'after') strike(due.mishap);
    return isBroken() || line.answer === null ? fail() : line.answer;
  }

  const connector: Connector = {
    async connect() {
      await perform('connect', '');
      let nonces = 0;
      const session: Session = {
        ask: (line) => perform('ask', line),
        change: (line) => perform('change', line),
        list: () => Promise.reject(new Failure('wire/fault', 'no CIM here')),
        endLeft: () => Promise.resolve(),
        newNonce: () => (host.nowMs * 100 + (nonces += 1)).toString(16).padStart(12, '0'),
        close: () => Promise.resolve(),
      };
      return session;
    },
  };
  return { controller, connector, journal, requests, happened: () => hasHappened };
}

function lost(kind: SeenRequest['kind']): Failure {
  const effect = kind === 'change' ? 'unknown' : 'none';
  return new Failure('connect/lost', 'the connection broke off', { effect, retry: 'new-session' });
}

function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}

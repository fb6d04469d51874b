// The servers of a rehearsal behind the Connector seam, in this process: a line goes to the simulated machine, its answer comes back after
// the time that it usually takes. There is no socket, no secret and no address in it.
import { runCommandLine } from '../../lab/cmd/console.ts';
import { finishPending } from '../../lab/machine/service-control.ts';
import type { Machine, MachineService } from '../../lab/machine/machine.ts';
import { doAsStranger } from '../../lab/stranger.ts';
import { runDueTasks } from '../../lab/tasks/run-due-tasks.ts';
import { Failure } from '../../model/failure.ts';
import type { Paces } from '../../model/headline/paces.ts';
import { families } from '../../model/host-state.ts';
import type { HostPlan } from '../../model/plan.ts';
import type { RehearsedMishap } from '../../model/rehearsal.ts';
import type { Answer, Connector, Session } from '../../model/seams.ts';
import { buildRehearsalMachine, untilTold } from './rehearsal-server.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface RehearsalFleet {
  readonly connector: Connector;
  /** The true state of a server, as text; without process ids, which a restart changes. */
  captureState(host: string): string;
  /** From now on nothing goes wrong. */
  endMishap(): void;
}

/** A look at a service or a range, while a step is under way. */
const lookMs = 50;
const slowTimes = 10;
const slowServiceMs = 60_000;
/** How often a step looks at a service that is on its way: it is seen half of that later. */
const pollMs = 1000;

export function createRehearsalFleet(
  hosts: readonly HostPlan[],
  mishap: RehearsedMishap | null,
  { usualMs }: Paces,
  time: VirtualTime,
): RehearsalFleet {
  let isTrouble = true;
  let nonces = 0;
  let shells = 0;
  let isLost = false;
  const arrivals = new Map<MachineService, number>();
  /** The last answer of each machine to a line that changed nothing. */
  const known = new Map<Machine, { readonly key: string; readonly answer: Answer }>();
  const has = (host: string, kind: RehearsedMishap['kind']): boolean =>
    isTrouble && mishap?.host === host && mishap.kind === kind;
  const machines = new Map(
    hosts.flatMap((host) => {
      const machine = buildServer(host, mishap);
      return machine === null ? [] : [[host.target, machine] as const];
    }),
  );

  function find(host: string): Machine {
    const machine = machines.get(host);
    if (machine === undefined) throw new Failure('connect/name', 'it is not in the rehearsal', { where: host });
    return machine;
  }

  /** What happened on the machine by itself since it was last heard of: a guard that fell due, a service that arrived. */
  function catchUp(machine: Machine): void {
    runDueTasks(machine, time.clock.elapsedMs());
    for (const service of machine.services) {
      const atMs = arrivals.get(service);
      if (atMs === undefined || time.clock.elapsedMs() < atMs) continue;
      arrivals.delete(service);
      finishPending(machine, service);
    }
  }

  function depart(machine: Machine): void {
    for (const service of machine.services) {
      if (!service.state.endsWith('-pending') || arrivals.has(service)) continue;
      const isStart = service.state === 'start-pending';
      const slowMs = isStart && has(machine.name, 'slow-service') ? slowServiceMs : 0;
      const takesMs = Math.max(0, (isStart ? usualMs.start : usualMs.stop) - pollMs / 2) + slowMs;
      arrivals.set(service, time.clock.elapsedMs() + takesMs);
    }
  }

  /** A service that is on its way is looked at every second: what was printed a second ago is printed again. */
  function answerOf(machine: Machine, line: string, nonce: string): Answer {
    const writeKey = (): string => {
      for (const service of machine.services) if (arrivals.has(service)) service.pendingQueries = untilTold;
      const { exclusions, dynamic, sockets, services, files, tasks } = machine;
      return JSON.stringify([line.replaceAll(nonce, anyNonce), exclusions, dynamic, sockets, services, files, tasks]);
    };
    const key = writeKey();
    const same = known.get(machine);
    if (same?.key === key) return { ...same.answer, stdout: same.answer.stdout.replaceAll(anyNonce, nonce) };
    const answer = runLine(machine, line);
    // A line that changed something is never answered from memory.
    if (writeKey() === key) {
      known.set(machine, { key, answer: { ...answer, stdout: answer.stdout.replaceAll(nonce, anyNonce) } });
    }
    return answer;
  }

  async function perform(host: string, line: string, durationMs: number, nonce: string, signal?: AbortSignal) {
    if (signal?.aborted === true) throw new Failure('interrupted', 'it was told to stop', { effect: 'none' });
    const machine = find(host);
    await time.pass((durationMs * (has(host, 'slow-host') ? slowTimes : 1)) / 2);
    catchUp(machine);
    const answer = answerOf(machine, line, nonce);
    depart(machine);
    await time.pass((durationMs * (has(host, 'slow-host') ? slowTimes : 1)) / 2);
    return answer;
  }

  /** The line of an outage: the host carries it out by itself, in the time that its parts usually take. */
  async function performOutage(host: string, line: string, signal?: AbortSignal): Promise<Answer> {
    if (signal?.aborted === true) throw new Failure('interrupted', 'it was told to stop', { effect: 'none' });
    const machine = find(host);
    catchUp(machine);
    const { quirks } = machine;
    // Of a range's two commands the second is sent only where the first did not do it.
    const adds = line.match(/add excludedportrange[^&)]*store=persistent/g)?.length ?? 0;
    const slowMs = has(host, 'slow-service') ? slowServiceMs : 0;
    const usual = usualMs.stop + adds * usualMs.exclusion + usualMs.start + slowMs;
    await time.pass(usual * (has(host, 'slow-host') ? slowTimes : 1));
    const atOnce = { ...machine, quirks: { ...quirks, pendingQueries: 0 } };
    const answer = runLine(atOnce, line);
    machines.set(host, { ...atOnce, quirks });
    return answer;
  }

  return {
    connector: {
      async connect({ name }, options) {
        await time.pass(usualMs.check / 4);
        if (has(name, 'unreachable')) {
          await time.pass(10_000);
          throw new Failure('connect/timeout', 'no answer (rehearsed)', { where: name, retry: 'new-session' });
        }
        find(name);
        shells += 1;
        await options?.onShell?.(writeNonce(shells));
        let asked = 0;
        let nonce = writeNonce(0);
        const session: Session = {
          ask(line, given) {
            asked += 1;
            const isFacts = isOfRange(line) && line.includes('excludedportrange');
            const factsMs = asked === 1 ? (usualMs.check * 3) / 4 : usualMs.verify;
            return perform(name, line, isFacts ? factsMs : lookMs, nonce, given?.signal);
          },
          async change(line, given) {
            const answer =
              given?.runsOn === true
                ? await performOutage(name, line, given.signal)
                : await perform(name, line, isOfRange(line) ? usualMs.exclusion : lookMs, nonce, given?.signal);
            if (isLost || !has(name, 'lost-answer')) return answer;
            isLost = true;
            throw new Failure('connect/lost', 'the answer was lost (rehearsed)', {
              effect: 'unknown',
              retry: 'new-session',
            });
          },
          list: () => Promise.reject(new Failure('wire/fault', 'a rehearsal answers no CIM', { where: name })),
          endLeft: () => Promise.resolve(),
          newNonce: () => (nonce = writeNonce((nonces += 1))),
          close: () => Promise.resolve(),
        };
        return session;
      },
    },
    captureState(host) {
      const machine = find(host);
      // By then every service has arrived.
      for (const service of machine.services) if (arrivals.delete(service)) finishPending(machine, service);
      return captureState(machine);
    },
    endMishap() {
      isTrouble = false;
      if (mishap === null) return;
      const machine = machines.get(mishap.host);
      if (machine === undefined) return;
      machines.set(mishap.host, {
        ...machine,
        quirks: { ...machine.quirks, scStartFails: null, refuseAdd: 'none' },
      });
    },
  };
}

/** Null: the plan has no facts of it, so nothing will be sent to it either. */
function buildServer({ target, facts, steps }: HostPlan, mishap: RehearsedMishap | null): Machine | null {
  if (facts === null) return null;
  const kind = mishap?.host === target ? mishap.kind : null;
  const service = steps.find((one) => one.kind === 'service')?.service ?? null;
  const exclusions = steps.flatMap((one) => (one.kind === 'exclusion' ? [one] : []));
  const [first] = exclusions;
  const added = exclusions.find((one) => one.after.active && one.after.persistent);
  const machine = buildRehearsalMachine(target, facts, {
    ...(kind === 'service-stays-down' ? { scStartFails: service } : {}),
    ...(kind === 'refused' && added !== undefined ? { refuseAdd: added.family, oneList: false } : {}),
  });
  if (kind === 'changed-by-other' && first !== undefined) {
    const { protocol, range, after } = first;
    const does = after.active ? 'reserve' : 'release';
    for (const store of ['active', 'persistent'] as const) {
      doAsStranger(machine, { does, protocol, range, store, families });
    }
  }
  return machine;
}

function isOfRange(line: string): boolean {
  return line.includes('excludedportrange') || line.includes('dynamicportrange');
}

/** Stands for the nonce in what is remembered: no program prints it. */
const anyNonce = '\u0001';

const decoder = new TextDecoder();

/** As the shell would give it to the client: UTF-8, decoded. */
function runLine(machine: Machine, line: string): Answer {
  const elevated = machine.rights === 'administrator';
  const { stdout, stderr, exitCode } = runCommandLine(machine, line, { codePage: 65001, elevated });
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), exitCode };
}

function captureState({ exclusions, dynamic, sockets, services, tasks }: Machine): string {
  return JSON.stringify({
    exclusions,
    dynamic,
    sockets: sockets
      .map(({ family, protocol, localPort, state }) => `${family} ${protocol} ${localPort} ${state ?? ''}`)
      .sort(),
    services: services.map(({ name, state, startType }) => ({ name, state, startType })),
    // A guard that is left would undo what is there by then.
    tasks: tasks.map((one) => one.path).sort(),
  });
}

function writeNonce(number: number): string {
  return number.toString(16).padStart(12, '0');
}

// The lab's machines behind the Connector seam without a socket: every request can be refused, lost, garbled, or be the one at which
// the controller dies. A dead controller's requests and appends never come back, as those of a killed process do not.
import { startCommandLine } from '../../src/lab/cmd/console.ts';
import { buildMachine } from '../../src/lab/scenario/build-machine.ts';
import type { Machine } from '../../src/lab/machine/machine.ts';
import { runDueTasks } from '../../src/lab/tasks/run-due-tasks.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import type { ServerSpec } from '../../src/lab/scenario/server-spec.ts';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import type { Quirks } from '../../src/lab/machine/quirks.ts';
import { asFailure, Failure } from '../../src/model/failure.ts';
import type { Connection, Target } from '../../src/model/target.ts';
import type { Answer, Clock, Connector, Session } from '../../src/model/seams.ts';
import { createController, type Controller } from './controller.ts';
import { withPlainNames } from './plain-names.ts';

export interface MemoryRequest {
  readonly host: string;
  /** `end`: shells that lines of outages were left in are deleted. */
  readonly kind: 'connect' | 'ask' | 'change' | 'end';
  /** Empty for a connect and an end. */
  readonly line: string;
  /** The same with plain names of programs, as plans and journals show it. */
  readonly shown: string;
  /** 1, 2, 3, ... over all hosts. */
  readonly number: number;
  /** 1, 2, 3, ... among the requests of this kind to this host. */
  readonly ofKind: number;
}

/** What is to happen to a request. `before` and `after`: whether the machine carried it out when the trouble came. */
export type Trouble =
  | { readonly at: 'before' | 'after'; readonly failure: Failure }
  | { readonly at: 'before' | 'after'; readonly failure: 'killed' }
  | { readonly at: 'answer'; readonly spoil: (answer: Answer) => Answer };

/** The life of the process that drives the fleet; shared with its journal. */
export interface MemoryFleetOptions {
  readonly trouble?: (request: MemoryRequest) => Trouble | null;
  readonly controller?: Controller;
  /** Moves the machines' own clocks, by which their tasks start; without one they stand still. */
  readonly clock?: Pick<Clock, 'elapsedMs'>;
  /** Told how long a line waits, whenever it does; left out, it takes no time. */
  readonly onWait?: (durationMs: number) => void;
}

export interface MemoryFleet {
  readonly targets: readonly Target[];
  readonly machines: ReadonlyMap<string, Machine>;
  readonly requests: readonly MemoryRequest[];
  /** Hosts with a session open now. */
  readonly open: ReadonlySet<string>;
  readonly connector: Connector;
  machine(host: string): Machine;
}

export function memoryFleet(machines: readonly Machine[], options: MemoryFleetOptions = {}): MemoryFleet {
  const byName = new Map(machines.map((machine) => [machine.name, machine]));
  const requests: MemoryRequest[] = [];
  const open = new Set<string>();
  let nonces = 0;
  const controller = options.controller ?? createController();

  async function perform<T>(host: string, kind: MemoryRequest['kind'], line: string, work: () => T): Promise<T> {
    await Promise.resolve();
    if (controller.dead) return never();
    const ofKind = requests.filter((one) => one.host === host && one.kind === kind).length + 1;
    const request = { host, kind, line, shown: withPlainNames(line), number: requests.length + 1, ofKind };
    requests.push(request);
    const trouble = options.trouble?.(request) ?? null;
    if (options.clock !== undefined) runDueTasks(machineNamed(byName, host), options.clock.elapsedMs());
    if (trouble === null) return work();
    if (trouble.at === 'answer') return trouble.spoil(work() as Answer) as T;
    if (trouble.at === 'after') work();
    if (trouble.failure !== 'killed') throw trouble.failure;
    controller.dead = true;
    return never();
  }

  const connector: Connector = {
    async connect(target, connectOptions) {
      refuseAborted(connectOptions?.signal, 'none');
      const { name } = target;
      const machine = machineNamed(byName, name);
      await perform(name, 'connect', '', () => undefined);
      open.add(name);
      const send = (kind: 'ask' | 'change', line: string, signal?: AbortSignal): Promise<Answer> => {
        refuseAborted(signal, 'none');
        return perform(name, kind, line, () => answerOf(machine, line, options.onWait));
      };
      let isLeft = false;
      const session: Session = {
        ask: async (line, asked) => send('ask', line, asked?.signal),
        async change(line, changed) {
          try {
            return await send('change', line, changed?.signal);
          } catch (thrown) {
            isLeft ||= asFailure(thrown).effect === 'unknown';
            throw thrown;
          }
        },
        async endLeft() {
          if (isLeft) await perform(name, 'end', '', () => undefined);
          isLeft = false;
        },
        list: () => Promise.reject(new Error('the memory fleet answers no CIM')),
        newNonce: () => (nonces += 1).toString(16).padStart(12, '0'),
        close() {
          if (!controller.dead) open.delete(name);
          return Promise.resolve();
        },
      };
      return session;
    },
  };
  return {
    targets: machines.map((machine) => memoryTarget(machine.name)),
    machines: byName,
    requests,
    open,
    connector,
    machine: (host) => machineNamed(byName, host),
  };
}

/** A machine with the usual rows and listeners of a WinRM host. */
export function memoryMachine(
  name: string,
  differences: Partial<Omit<ServerSpec, 'quirks' | 'name'>> = {},
  quirks: Partial<Quirks> = {},
): Machine {
  return buildMachine(serverSpec({ name, ...differences, quirks: { ...usualQuirks, ...quirks } }));
}

/** What a person would call the same server: everything but process ids and how often it was asked. */
export function essenceOf(machine: Machine): unknown {
  const { exclusions, dynamic, sockets, services, files, tasks } = structuredClone(machine);
  return {
    files,
    tasks: tasks.map((one) => one.path),
    exclusions,
    dynamic,
    sockets: sockets
      .map(({ family, protocol, localAddress, localPort, state }) =>
        JSON.stringify([family, protocol, localAddress, localPort, state]),
      )
      .sort(),
    services: services.map(({ name, state, startType, ports }) => ({ name, state, startType, ports })),
  };
}

export function lost(effect: 'none' | 'unknown'): Failure {
  return new Failure('connect/lost', 'the connection broke off', { effect, retry: 'new-session' });
}

export const memoryConnection: Connection = {
  address: '127.0.0.1',
  port: 5985,
  scheme: 'http',
  path: '/wsman',
  auth: 'ntlm',
  username: 'CORP\\ops',
  password: { kind: 'env', name: 'FENCEPOST_PASSWORD' },
  caFile: null,
  tlsServerName: null,
  timeouts: { connectMs: 10_000, operationMs: 20_000, requestMs: 30_000, hostMs: 300_000 },
};

export function memoryTarget(name: string): Target {
  return {
    name,
    connection: { ...memoryConnection, address: name },
    groups: [],
    variables: {},
    origin: { file: 'inventory.yml', line: 1, column: 1 },
  };
}

/** As the shell would give it to the client: UTF-8, decoded. */
function answerOf(machine: Machine, line: string, onWait: MemoryFleetOptions['onWait']): Answer {
  const elevated = machine.rights === 'administrator';
  const work = startCommandLine(machine, line, { codePage: 65001, elevated });
  let part = work.next();
  for (; part.done !== true; part = work.next()) onWait?.(part.value);
  const { stdout, stderr, exitCode } = part.value;
  const decoder = new TextDecoder();
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), exitCode };
}

function refuseAborted(signal: AbortSignal | undefined, effect: 'none' | 'unknown'): void {
  if (signal?.aborted === true) throw new Failure('interrupted', 'it was told to stop', { effect });
}

function machineNamed(machines: ReadonlyMap<string, Machine>, name: string): Machine {
  const machine = machines.get(name);
  if (machine === undefined) throw new Failure('connect/name', `no host is called ${name}`, { where: name });
  return machine;
}

function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}

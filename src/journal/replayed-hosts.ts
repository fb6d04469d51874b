// The hosts of a run while its journal is read. One that is through is kept as plain data, of which what hosts of a fleet have alike is one object,
// until more is told of it: whoever reads the journal of ten thousand hosts holds a few hundred bytes of each. Pure.
import type { HostHistory, StepHistory } from '../model/history.ts';
import type { Step } from '../model/plan.ts';
import { createOwnership, isOurs, wakeOwnership, type Ownership } from '../model/rules/ownership.ts';

/** What a host's first `host-started` says of it. */
type StartedHost = Pick<HostHistory, 'host' | 'connection' | 'exclusiveGroup' | 'desired' | 'before'>;

export interface OpenHost {
  readonly started: StartedHost;
  /** By step key. Their ownership stands in `ownership` until they are told. */
  readonly steps: Map<string, StepHistory>;
  ownership: Ownership;
  /** Step numbers of the latest `host-started` -> keys. A resumed host numbers its steps again. */
  numbers: Map<number, string>;
  /** The line of an outage that was sent last: its first step, and the others in it. */
  readonly line: Map<number, readonly number[]>;
}

export interface ReplayedHosts {
  /** Undefined: it was not started. */
  find(host: string): OpenHost | undefined;
  /** The host as it was started before, or as it is started now. */
  start(started: StartedHost): OpenHost;
  /** What is known of it is not changed any more until `find` or `start` is asked for it. */
  settle(host: string): void;
  /** In the order in which they were started. */
  histories(): readonly Omit<HostHistory, 'verdict'>[];
}

export function createReplayedHosts(): ReplayedHosts {
  const hosts = new Map<string, OpenHost | SettledHost>();
  const share = createSettledSharing();
  /** A settled one is opened in its place among the others. */
  const find = (host: string): OpenHost | undefined => {
    const known = hosts.get(host);
    if (known === undefined || !('settled' in known)) return known;
    const open = reopen(known);
    hosts.set(host, open);
    return open;
  };
  return {
    find,
    start(started) {
      const known = find(started.host);
      if (known !== undefined) return known;
      const open = {
        started,
        steps: new Map(),
        ownership: createOwnership(),
        numbers: new Map(),
        line: new Map(),
      };
      hosts.set(started.host, open);
      return open;
    },
    settle(host) {
      const known = hosts.get(host);
      if (known === undefined || 'settled' in known) return;
      const ownership = known.ownership.rest();
      // A command of it is without an answer: there are few of these.
      if (ownership === null) return;
      const { steps, numbers, line } = known;
      const told = listSteps(known);
      const settled = share({ told, keys: [...steps.keys()], ownership, numbers: [...numbers], line: [...line] });
      hosts.set(host, { started: known.started, settled });
    },
    histories: () =>
      [...hosts.values()].map((host) => ({
        ...host.started,
        steps: 'settled' in host ? host.settled.told : listSteps(host),
      })),
  };
}

interface SettledHost {
  readonly started: StartedHost;
  readonly settled: Settled;
}

/** An OpenHost without what differs from host to host, and without what takes room. */
interface Settled {
  readonly told: readonly StepHistory[];
  /** Of `told`, one for each. */
  readonly keys: readonly string[];
  readonly ownership: NonNullable<ReturnType<Ownership['rest']>>;
  readonly numbers: readonly (readonly [number, string])[];
  readonly line: readonly (readonly [number, readonly number[]])[];
}

/** More kinds of hosts are not worth remembering. */
const mostKinds = 1024;

/** Equal ones become one object. Steps count as equal when they are one object: with their sentences and lines they would be most of what is compared. */
function createSettledSharing(): (settled: Settled) => Settled {
  const known = new Map<string, Settled>();
  const numbers = new WeakMap<Step, number>();
  let last = 0;
  const numberOf = (step: Step): number => {
    const number = numbers.get(step) ?? (last += 1);
    numbers.set(step, number);
    return number;
  };
  return (settled) => {
    const { told, ownership, ...rest } = settled;
    const steps = told.map((one) => ({ ...one, step: numberOf(one.step) }));
    const key = JSON.stringify([rest, steps, { ...ownership, steps: ownership.steps.map(numberOf) }]);
    const same = known.get(key);
    if (same === undefined && known.size < mostKinds) known.set(key, settled);
    return same ?? settled;
  };
}

function reopen({ started, settled: { told, keys, ownership, numbers, line } }: SettledHost): OpenHost {
  return {
    started,
    steps: new Map(told.map((step, index) => [keys[index] ?? '', step])),
    ownership: wakeOwnership(ownership),
    numbers: new Map(numbers),
    line: new Map(line),
  };
}

function listSteps({ steps, ownership: known }: OpenHost): readonly StepHistory[] {
  return [...steps.values()].map((one): StepHistory => {
    const ownership = known.ofLeft(one.step);
    return { ...one, ownership, changedByOtherFamily: !one.sent && one.step.kind === 'exclusion' && isOurs(ownership) };
  });
}

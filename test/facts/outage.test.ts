// The line of an outage as the lab's cmd carries it out: what it leaves on the machine, and what is read of its answer.
import { describe, expect, test } from 'vitest';
import { startCommandLine } from '../../src/lab/cmd/console.ts';
import {
  outageBoundMs,
  readOutage,
  writeOutage,
  type OutageRequest,
  type OutageResult,
} from '../../src/facts/outage.ts';
import type { Quirks } from '../../src/lab/machine/quirks.ts';
import type { Machine } from '../../src/lab/machine/machine.ts';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { findOutage, type Outage } from '../../src/model/rules/outage.ts';
import { deriveStep, inBoth, inNone } from '../../src/windows/steps.ts';
import { findPresence } from '../../src/windows/verdict.ts';
import { memoryMachine } from '../support/memory-fleet.ts';
import { runLine } from '../lab/run-line.ts';

const nonce = '0123456789ab';
const service = 'MSExchangeIMAP4BE';

function makeOutage(ports: readonly number[] = [9933]): Outage {
  const ranges = ports.map((port) => ({ protocol: 'tcp' as const, range: portRange(port) }));
  const listensOn = families.map((family) => ({ family, port: 9933 }));
  const about = { kind: 'service', undoes: false, service, ranges, listensOn } as const;
  const adds = ranges.flatMap((at) =>
    families.map(
      (family) =>
        ({ kind: 'exclusion', undoes: false, family, ...at, service, before: inNone, after: inBoth }) as const,
    ),
  );
  const data = [{ ...about, verb: 'stop' } as const, ...adds, { ...about, verb: 'start' } as const];
  const steps = data.map((one, index) => deriveStep({ ...one, number: index + 1 }));
  const [stop] = steps;
  const outage = stop === undefined ? null : findOutage(stop, steps);
  if (outage === null) throw new Error('these steps are no outage');
  return outage;
}

interface Carried {
  readonly machine: Machine;
  readonly result: OutageResult;
}

function carryOut(
  quirks: Partial<Quirks> = {},
  prepare: (machine: Machine) => void = () => undefined,
  language: 'en' | 'fr' | 'ja' | 'ru' = 'fr',
): Carried {
  const machine = memoryMachine('ex01', { imap: 'running', language }, quirks);
  prepare(machine);
  const request: OutageRequest = { outage: makeOutage(), protocols: ['tcp'], isHidden: () => false };
  const script = writeOutage(request, nonce);
  if (script === null) throw new Error('too long');
  return { machine, result: readOutage(runLine(machine, script.line), script, request) };
}

function stateOf({ machine }: Carried): string | undefined {
  return machine.services.find((one) => one.name === service)?.state;
}

function presences({ result }: Carried) {
  const tables = result.ranges.at(-1)?.tables ?? [];
  return families.map((family) =>
    findPresence({ exclusionTables: tables, dynamicRanges: [] }, family, 'tcp', portRange(9933)),
  );
}

describe('the line of an outage', () => {
  test.each(['en', 'fr', 'ja', 'ru'] as const)('stops, adds and starts on a %s Windows', (language) => {
    const carried = carryOut({}, undefined, language);
    const { result } = carried;
    expect(stateOf(carried)).toBe('running');
    expect(presences(carried)).toEqual([inBoth, inBoth]);
    expect(result.serviceBefore).toMatchObject({ state: 'running' });
    expect(result.stop.exitCode).toBe(0);
    expect(result.stopped.service).toMatchObject({ state: 'stopped' });
    expect(result.stopped.sockets?.some((one) => one.localPort === 9933)).toBe(false);
    expect(result.start?.exitCode).toBe(0);
    expect(result.started.service).toMatchObject({ state: 'running' });
    expect(result.started.sockets?.some((one) => one.localPort === 9933)).toBe(true);
  });

  test('sends the command for the second family only where the first did not do it', () => {
    expect(carryOut({ oneList: true }).result.ranges.map((one) => one.change !== null)).toEqual([true, false]);
    const both = carryOut({ oneList: false });
    expect(both.result.ranges.map((one) => one.change?.exitCode)).toEqual([0, 0]);
    expect(presences(both)).toEqual([inBoth, inBoth]);
  });

  test('waits for a service that takes its time', () => {
    const carried = carryOut({ pendingQueries: 30 });
    expect(carried.result.stopped.service).toMatchObject({ state: 'stopped' });
    expect(presences(carried)).toEqual([inBoth, inBoth]);
    expect(stateOf(carried)).toBe('running');
  });

  test.each(['dependents', 'not-stoppable', 'busy'] as const)(
    'touches nothing where Windows refuses the stop: %s',
    (refuseStop) => {
      const carried = carryOut({ refuseStop });
      expect(carried.result.stop.exitCode).not.toBe(0);
      expect(carried.result.ranges.map((one) => one.change)).toEqual([null, null]);
      expect(carried.result.start).toBeNull();
      expect(stateOf(carried)).toBe('running');
      expect(presences(carried)).toEqual([inNone, inNone]);
    },
  );

  test('adds and starts where somebody has stopped the service already', () => {
    const carried = carryOut({}, (machine) =>
      runLine(machine, `sc stop ${service} & sc query ${service} & sc query ${service}`),
    );
    expect(carried.result.stop.exitCode).toBe(1062);
    expect(presences(carried)).toEqual([inBoth, inBoth]);
    expect(stateOf(carried)).toBe('running');
  });

  test('starts the service where Windows refuses the range', () => {
    const carried = carryOut({ refuseAdd: 'ipv4', oneList: false });
    expect(carried.result.ranges[0]?.change?.exitCode).toBe(1);
    expect(stateOf(carried)).toBe('running');
  });

  test('starts the service where it does not stop within the time, and adds nothing', () => {
    const carried = carryOut({ pendingQueries: 185 });
    expect(carried.result.ranges.map((one) => one.change)).toEqual([null, null]);
    expect(presences(carried)).toEqual([inNone, inNone]);
    runLine(carried.machine, Array.from({ length: 200 }, () => `sc query ${service}`).join(' & '));
    expect(stateOf(carried)).toBe('running');
  });

  test('waits three minutes for a stop, and ends within its bound and before an idle shell, whatever the service does', () => {
    const machine = memoryMachine('ex01', { imap: 'running' }, { pendingQueries: 100_000 });
    const script = writeOutage({ outage: makeOutage(), protocols: ['tcp'], isHidden: () => false }, nonce);
    const work = startCommandLine(machine, script?.line ?? '', { codePage: 65001, elevated: true });
    let waitedMs = 0;
    for (let part = work.next(); part.done !== true; part = work.next()) waitedMs += part.value;
    expect(waitedMs).toBeGreaterThanOrEqual(180_000 + 90_000);
    // A slow host takes as long again for the programs of each round.
    expect(2 * waitedMs).toBeLessThan(outageBoundMs);
    expect(outageBoundMs).toBeLessThan(15 * 60_000);
  });

  test('starts a service again that gives up at first', () => {
    const machine = memoryMachine('ex01', { imap: 'running' }, { scStartFails: service });
    const request: OutageRequest = { outage: makeOutage(), protocols: ['tcp'], isHidden: () => false };
    const script = writeOutage(request, nonce);
    const { stdout } = runLine(machine, script?.line ?? '');
    expect(stdout).toContain(nonce);
    // Given up after three more starts: the process ids tell how many there were.
    expect(machine.services.find((one) => one.name === service)?.state).not.toBe('running');
  });

  test('prints nothing between its answers', () => {
    const machine = memoryMachine('ex01', { imap: 'running' });
    const request: OutageRequest = { outage: makeOutage(), protocols: ['tcp'], isHidden: () => false };
    const { stderr, exitCode } = runLine(machine, writeOutage(request, nonce)?.line ?? '');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  });

  test('is no line at all where it would be longer than cmd takes', () => {
    const longest = (ports: readonly number[]) =>
      writeOutage({ outage: makeOutage(ports), protocols: ['tcp'], isHidden: () => false }, nonce)?.line.length ?? null;
    expect(longest([9933])).toBeLessThan(8191);
    expect(longest([9933, 9934, 9935])).toBeNull();
  });
});

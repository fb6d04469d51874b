// A wrong password is tried on one host. The servers' own count of logons is what counts, not what is said of them.
import { expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import type { Clock, Connector } from '../../../src/model/seams.ts';
import type { Connection } from '../../../src/model/target.ts';
import { brakeLogons } from '../../../src/run/fleet/logon-brake.ts';
import { memoryConnection, memoryFleet, memoryMachine, memoryTarget } from '../../support/memory-fleet.ts';

/** Time that passes only when it is told to. */
function stillClock(): { readonly sleep: Clock['sleep']; pass(): void } {
  const waiting = new Set<() => void>();
  return {
    sleep: (durationMs, signal) =>
      new Promise((resolve) => {
        if (durationMs <= 2000) waiting.add(resolve);
        signal?.addEventListener('abort', () => {
          resolve();
        });
      }),
    pass() {
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
  };
}

const refused = new Failure('auth/refused', 'refused');
const timeout = new Failure('connect/timeout', 'no answer');

interface World {
  readonly connector: Connector;
  /** Hosts at which a logon arrived, in order. */
  readonly tried: string[];
}

/** A fleet whose hosts answer a logon as `answers` says; all others take it. */
function world(answers: Readonly<Record<string, Failure>>, count = 20): World {
  const names = Array.from({ length: count }, (_, index) => `ex${String(index + 1).padStart(2, '0')}`);
  const tried: string[] = [];
  const fleet = memoryFleet(
    names.map((name) => memoryMachine(name)),
    {
      trouble({ kind, host }) {
        if (kind !== 'connect') return null;
        tried.push(host);
        const failure = answers[host] ?? answers['all'];
        return failure === undefined ? null : { at: 'before', failure };
      },
    },
  );
  return { connector: brakeLogons(fleet.connector, stillClock()), tried };
}

async function connectAll(
  { connector }: World,
  names: readonly string[],
  differences: (name: string) => Partial<Connection> = () => ({}),
): Promise<Readonly<Record<string, string>>> {
  const ends = await Promise.all(
    names.map(async (name) => {
      const target = memoryTarget(name);
      try {
        await connector.connect({ ...target, connection: { ...target.connection, ...differences(name) } });
        return [name, 'connected'] as const;
      } catch (thrown) {
        return [name, thrown instanceof Failure ? thrown.code : 'no Failure'] as const;
      }
    }),
  );
  return Object.fromEntries(ends);
}

const eight = ['ex01', 'ex02', 'ex03', 'ex04', 'ex05', 'ex06', 'ex07', 'ex08'];

test.each([
  ['ntlm', {}],
  ['basic', { auth: 'basic', scheme: 'https' }],
  ['negotiate', { auth: 'negotiate' }],
  ['kerberos', { auth: 'kerberos', kerberos: { service: null, hostname: null, ticketFrom: { kind: 'password' } } }],
] as const)('a wrong password reaches one host of eight (%s); the others say why', async (_name, differences) => {
  const fleet = world({ all: refused });
  const ends = await connectAll(fleet, eight, () => differences);
  expect(fleet.tried).toEqual(['ex01']);
  expect(ends['ex01']).toBe('auth/refused');
  expect(eight.slice(1).map((name) => ends[name])).toEqual(eight.slice(1).map(() => 'auth/held-back'));
  // A later stage of the same command sends nothing either.
  expect(Object.values(await connectAll(fleet, eight, () => differences))).toEqual(eight.map(() => 'auth/held-back'));
  expect(fleet.tried).toEqual(['ex01']);
});

test('a right password: one host first, then all at once; one refusal among them stops nobody', async () => {
  const fleet = world({ ex04: refused });
  const ends = await connectAll(fleet, eight);
  expect(eight.filter((name) => ends[name] !== 'connected')).toEqual(['ex04']);
  expect(fleet.tried).toHaveLength(8);
});

test('a password that stops working in the middle is refused twice at most among later hosts', async () => {
  const answers: Record<string, Failure> = {};
  const fleet = world(answers);
  await connectAll(fleet, ['ex01']);
  answers['all'] = refused;
  await connectAll(fleet, ['ex02']);
  const ends = await connectAll(fleet, eight.slice(2));
  expect(Object.values(ends).filter((one) => one === 'auth/refused')).toHaveLength(1);
  expect(fleet.tried).toEqual(['ex01', 'ex02', 'ex03']);
});

test('a host that does not answer decides nothing: the next one goes first', async () => {
  const fleet = world({ ex01: timeout, ex02: timeout, ex03: refused });
  const ends = await connectAll(fleet, eight);
  expect(fleet.tried).toEqual(['ex01', 'ex02', 'ex03']);
  expect([ends['ex01'], ends['ex04']]).toEqual(['connect/timeout', 'auth/held-back']);
});

test('other accounts, other secrets and tickets are not held back', async () => {
  const others: Readonly<Record<string, Partial<Connection>>> = {
    ex02: { username: 'CORP\\other' },
    ex03: { password: { kind: 'env', name: 'OTHER' } },
    ex04: { auth: 'kerberos' },
    ex05: { auth: 'certificate' },
    ex06: { username: memoryConnection.username.toLowerCase() },
  };
  const fleet = world({ ex01: refused });
  const ends = await connectAll(fleet, eight.slice(0, 6), (name) => others[name] ?? {});
  expect(ends).toEqual({
    ex01: 'auth/refused',
    ex02: 'connected',
    ex03: 'connected',
    ex04: 'connected',
    ex05: 'connected',
    ex06: 'auth/held-back',
  });
});

test('a refusal after a lost connection, in the middle of a session, counts too', async () => {
  let isRefused = false;
  const machines = eight.map((name) => memoryMachine(name));
  const fleet = memoryFleet(machines, {
    trouble: () => (isRefused ? { at: 'before', failure: refused } : null),
  });
  const connector = brakeLogons(fleet.connector, stillClock());
  const session = await connector.connect(memoryTarget('ex01'));
  isRefused = true;
  await expect(session.ask('ver')).rejects.toBe(refused);
  await expect(connector.connect(memoryTarget('ex02'))).rejects.toBe(refused);
  await expect(connector.connect(memoryTarget('ex03'))).rejects.toMatchObject({ code: 'auth/held-back' });
});

test('a host that hangs holds the others back for two seconds, not for ever', async () => {
  const clock = stillClock();
  const tried: string[] = [];
  const connector = brakeLogons(
    {
      connect(target) {
        tried.push(target.name);
        return target.name === 'ex01' ? new Promise(() => undefined) : Promise.reject(refused);
      },
    },
    clock,
  );
  void connector.connect(memoryTarget('ex01'));
  const others = Promise.allSettled(['ex02', 'ex03'].map((name) => connector.connect(memoryTarget(name))));
  await Promise.resolve();
  expect(tried).toEqual(['ex01']);
  clock.pass();
  await others;
  expect(tried).toEqual(['ex01', 'ex02']);
});

test.each([
  ['a password from a file', { kind: 'inline', value: 'x' } as const, [2000, 1000, 500, 500, 500]],
  // The first wait is for the helper; once it was read, a silent host is only a silent host.
  ['a password from a helper', { kind: 'command', argv: ['helper'] } as const, [600_000, 2000, 1000, 500, 500]],
])('%s: hosts that hang one after another hold the others back for less and less', async (_, password, waits) => {
  const asked: number[] = [];
  const hang: ((reason: Failure) => void)[] = [];
  const connector = brakeLogons(
    {
      connect: () =>
        new Promise((_resolve, reject) => {
          hang.push(reject);
        }),
    },
    {
      async sleep(durationMs) {
        asked.push(durationMs);
        if (durationMs > 2000) await new Promise(() => undefined);
      },
    },
  );
  for (const name of eight.slice(0, 6)) {
    const target = memoryTarget(name);
    const connecting = connector.connect({ ...target, connection: { ...target.connection, password } });
    connecting.catch(() => undefined);
    // Those behind wait for it one after another.
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    if (asked.at(-1) === 600_000) {
      hang[0]?.(timeout);
      for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  expect(asked).toEqual(waits);
});

test('a password that is still being typed holds the others back as long as it takes', async () => {
  const clock = stillClock();
  const tried: string[] = [];
  let refuse: (reason: Failure) => void = () => undefined;
  const connector = brakeLogons(
    {
      connect(target) {
        tried.push(target.name);
        return new Promise((_, reject) => {
          refuse = reject;
        });
      },
    },
    clock,
  );
  const typed = (name: string) => {
    const target = memoryTarget(name);
    return { ...target, connection: { ...target.connection, password: { kind: 'prompt' } as const } };
  };
  const all = Promise.allSettled(['ex01', 'ex02', 'ex03'].map((name) => connector.connect(typed(name))));
  await Promise.resolve();
  clock.pass();
  await new Promise((resolve) => setImmediate(resolve));
  expect(tried).toEqual(['ex01']);
  refuse(refused);
  await all;
  expect(tried).toEqual(['ex01']);
});

test('an abort ends the wait', async () => {
  const ends: string[] = [];
  const connector = brakeLogons(
    { connect: ({ name }, options) => (name === 'ex01' ? new Promise(() => undefined) : end(name, options?.signal)) },
    stillClock(),
  );
  function end(name: string, signal: AbortSignal | undefined): Promise<never> {
    ends.push(`${name} ${String(signal?.aborted)}`);
    return Promise.reject(new Failure('interrupted', 'stopped'));
  }
  void connector.connect(memoryTarget('ex01'));
  const stop = new AbortController();
  const second = connector.connect(memoryTarget('ex02'), { signal: stop.signal });
  stop.abort();
  await expect(second).rejects.toMatchObject({ code: 'interrupted' });
  expect(ends).toEqual(['ex02 true']);
});

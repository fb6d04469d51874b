// An inventory that contradicts a plan: every difference is listed, and a host is told to be reached otherwise only where it is.
import { expect, test } from 'vitest';
import type { BackEndPorts } from '../../src/model/discovery/discovery.ts';
import { saveConnection } from '../../src/inventory/saved-connection.ts';
import { asFailure } from '../../src/model/failure.ts';
import type { Target } from '../../src/model/target.ts';
import { restoreTargets } from '../../src/workflows/saved-targets.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';

const planned: BackEndPorts = { imap4: 9933, pop3: 9955 };
const saved: readonly Target[] = memoryFleet(['ex01', 'ex02', 'ex03'].map((name) => memoryMachine(name))).targets;

async function refusal(now: readonly Target[]): Promise<readonly string[]> {
  const hosts = saved.map(({ name, connection }) => ({
    target: name,
    connection: saveConnection(connection),
    backEndPorts: planned,
    isReached: true,
  }));
  const inventory = { targets: now, groups: new Map(), unsupported: new Map(), warnings: [], files: [], sha256: '' };
  const own = { load: () => Promise.resolve(inventory), canAsk: true };
  const thrown: unknown = await restoreTargets({ kind: 'plan', hosts, inventory: [] }, own).catch(
    (one: unknown) => one,
  );
  if (Array.isArray(thrown)) return ['accepted'];
  const { code, message, issues } = asFailure(thrown);
  return [code, message, ...issues.map((one) => one.message)];
}

const edited = (change: (target: Target) => Partial<Target>): readonly Target[] =>
  saved.map((one) => ({ ...one, ...change(one) }));

test('another port and another address are told apart, and both at once', async () => {
  const port = 'ex02: exchange_pop3_backend_port is 1995 here, 9955 in the plan';
  const moved = edited(({ name }) => (name === 'ex02' ? { backEndPorts: { imap4: 9933, pop3: 1995 } } : {}));
  expect(await refusal(moved)).toEqual([
    'plan/other-port',
    'the inventory gives 1 host another back-end port than the plan; nothing was asked or sent',
    port,
  ]);
  const both = moved.map((one) =>
    one.name === 'ex01' ? { ...one, connection: { ...one.connection, address: '192.0.2.9' } } : one,
  );
  expect(await refusal(both)).toEqual([
    'plan/other-connection',
    'the inventory reaches 1 host differently from the plan; nothing was asked or sent',
    expect.stringMatching(/^ex01: .*192\.0\.2\.9/),
    port,
  ]);
});

test('an inventory that says nothing of a port, or the same, contradicts nothing', async () => {
  expect(await refusal(saved)).toEqual(['accepted']);
  expect(await refusal(edited(() => ({ backEndPorts: { imap4: 9933, pop3: null } })))).toEqual(['accepted']);
});

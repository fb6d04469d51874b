// Answers to Receive that get lost, on servers that give the lost part again and on servers that do not: facts are whole or not there at
// all, and never silently wrong. Source: facts wsman.md section 0, fact 7.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectFacts } from '../../../src/facts/collect.ts';
import { startFleet } from '../../../src/lab/fleet.ts';
import type { Fleet } from '../../../src/lab/fleet.ts';
import { lostOutputChoices, usualQuirks } from '../../../src/lab/machine/quirks.ts';
import { serverSpec } from '../../../src/lab/scenario/server-spec.ts';
import type { MishapAct, MishapSpec } from '../../../src/lab/scenario/server-spec.ts';
import type { HostFacts } from '../../../src/model/facts.ts';
import type { Target } from '../../../src/model/target.ts';
import type { Session } from '../../../src/model/seams.ts';
import { createConnector } from '../../../src/winrm/connect.ts';
import { failureOf } from '../../support/failure-of.ts';
import { reserved } from '../../support/lab.ts';

const account = { user: 'LAB\\operator', password: 'pass' };
/** So many that a whole collect takes two Receives, within the 150 KB of an old system's answer. */
const exclusions = Array.from({ length: 1100 }, (_, index) => reserved(20_000 + index * 10));
const usual = { windows: '2008r2', imap: 'running', pop: 'stopped', exclusions } as const;

const losses = [
  ['the first answer', { nth: 1, times: 1 }],
  ['the last answer', { nth: 2, times: 1 }],
  ['two answers in a row', { nth: 1, times: 2 }],
] as const;
const acts = ['drop-after', 'half-answer'] as const;
const cases = lostOutputChoices.flatMap((lostOutput) =>
  acts.flatMap((kind) => losses.map(([what, loss]) => ({ lostOutput, kind, what, ...loss }))),
);

const nameOf = (index: number): string => `case${index}`;

function loseReceives(kind: MishapAct['kind'] & (typeof acts)[number], nth: number, times: number): MishapSpec {
  return { on: { operation: 'receive', nth, line: null, request: null }, act: { kind }, times };
}

let fleet: Fleet;
let truth: HostFacts;

beforeAll(async () => {
  fleet = await startFleet({
    account,
    servers: [
      serverSpec({ name: 'healthy', ...usual }),
      ...cases.map(({ lostOutput, kind, nth, times }, index) =>
        serverSpec({
          name: nameOf(index),
          ...usual,
          quirks: { ...usualQuirks, lostOutput },
          mishaps: [loseReceives(kind, nth, times)],
        }),
      ),
      ...lostOutputChoices.map((lostOutput) =>
        serverSpec({
          name: `hopeless-${lostOutput}`,
          ...usual,
          quirks: { ...usualQuirks, lostOutput },
          mishaps: [loseReceives('drop-after', 2, 1000)],
        }),
      ),
      ...lostOutputChoices.map((lostOutput) =>
        serverSpec({
          name: `change-${lostOutput}`,
          ...usual,
          quirks: { ...usualQuirks, lostOutput },
          mishaps: [loseReceives('drop-after', 1, 1)],
        }),
      ),
    ],
  });
  truth = await collect('healthy');
});
afterAll(() => fleet.close());

async function withSession<T>(name: string, work: (session: Session) => Promise<T>): Promise<T> {
  const connector = createConnector({
    readSecret: () => Promise.resolve(account.password),
    random: randomBytes,
    clock: { now: () => new Date().toISOString(), elapsedMs: () => performance.now(), sleep: () => Promise.resolve() },
  });
  const session = await connector.connect(targetOf(name));
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

function targetOf(name: string): Target {
  return {
    name,
    connection: {
      address: '127.0.0.1',
      port: fleet.server(name).port,
      scheme: 'http',
      path: '/wsman',
      auth: 'ntlm',
      username: account.user,
      password: { kind: 'prompt' },
      caFile: null,
      tlsServerName: null,
      timeouts: { connectMs: 5000, operationMs: 5000, requestMs: 10_000, hostMs: 60_000 },
    },
    groups: [],
    variables: {},
    origin: { file: 'inventory.yml', line: 1, column: 1 },
  };
}

async function collect(name: string): Promise<HostFacts> {
  const ranges = [{ range: { firstPort: 9955, portCount: 1 }, protocol: 'tcp' }] as const;
  const request = { ranges, services: ['MSExchangePOP3BE'], protocols: ['tcp'] } as const;
  const clock = { now: () => '2026-12-05T21:00:00.000Z', elapsedMs: () => 0, sleep: () => Promise.resolve() };
  return await withSession(name, async (session) => (await collectFacts(session, request, clock)).facts);
}

test('a collect of the healthy server takes two Receives, so that either can get lost', () => {
  expect(fleet.server('healthy').requests.filter(({ operation }) => operation === 'receive')).toHaveLength(2);
});

test.each(cases)('$lostOutput: $what lost ($kind), and the facts are whole', async (one) => {
  const name = nameOf(cases.indexOf(one));
  expect(await collect(name)).toEqual(truth);
  expect(fleet.server(name).requests.filter(({ mishap }) => mishap === one.kind)).toHaveLength(one.times);
});

describe.each(lostOutputChoices)('%s', (lostOutput) => {
  test('every last answer is lost: a failure, no facts', async () => {
    const failure = await failureOf(collect(`hopeless-${lostOutput}`).then(() => 'facts'));
    expect(failure).toMatchObject({ code: 'connect/lost', effect: 'none' });
  });

  test('the answer of a change is lost: the line is not sent again', async () => {
    const name = `change-${lostOutput}`;
    const line = 'netsh int ipv4 add excludedportrange protocol=tcp startport=9955 numberofports=1';
    const answer = await withSession(name, (session) => session.change(line));
    expect(answer.exitCode).toBe(0);
    // Repeated byte for byte, so only a server that keeps nothing can lose it.
    expect(answer.stdout.trim() === '').toBe(lostOutput === 'gone');
    const sent = fleet.server(name).requests.filter(({ operation }) => operation === 'command');
    expect(sent.map(({ commandLine }) => commandLine)).toEqual([line]);
  });
});

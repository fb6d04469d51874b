// A journal is data: whatever a forger writes into one, with its chain made again, is damage, or leads to nothing but changes of what is
// desired of its hosts.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeAnswer } from '../../src/workflows/host-jobs.ts';
import { createEventParser, followChain } from '../../src/journal/chain.ts';
import { createReplay } from '../../src/journal/replay.ts';
import { savedEvent } from '../../src/journal/saved-event.ts';
import type { RunHistory } from '../../src/model/history.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { addExclusion } from '../../src/lab/machine/port-table.ts';
import { planServiceStarts, planHostRollback } from '../../src/plan/rollback-plan.ts';
import { amount } from '../support/amount.ts';
import { foreignLines, forgeJournal, mutate, type Json } from '../support/forge.ts';
import { lost, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, rollBackMemory, surveyMemory, backEndPorts } from '../support/memory-run.ts';

const mutants = Number(process.env['FENCEPOST_MUTANTS'] ?? amount({ share: 240, ci: 2000 })) / 2;
const backdoor = 'net user backdoor P4ss /add';

// A run with everything in it: a service restarted, a host taken back after a refusal, an answer lost; and the rollback of it.
const fleet = memoryFleet(
  [memoryMachine('ex01', { imap: 'running' }), memoryMachine('ex02', {}, { refuseAdd: 'ipv6', oneList: false })],
  {
    trouble: ({ host, kind, ofKind }) =>
      host === 'ex01' && kind === 'change' && ofKind === 2 ? { at: 'after', failure: lost('unknown') } : null,
  },
);
const runJournal = memoryJournal();
await applyMemory(fleet, await planMemory(fleet), { journal: runJournal });
const facts = new Map(
  (await surveyMemory(fleet.targets, fleet.connector, () => backEndPorts)).flatMap((one) =>
    'failure' in one ? [] : [[one.target.name, one.facts] as const],
  ),
);
const rollbackJournal = memoryJournal();
await rollBackMemory(fleet, runJournal.events, { journal: rollbackJournal });

const asSaved = (events: readonly RunEvent[]): readonly Json[] =>
  events.map((event) => JSON.parse(JSON.stringify(savedEvent(event))) as Json);
const honest = asSaved(runJournal.events);
const honestRollback = asSaved(rollbackJournal.events);

interface Read {
  readonly damage: { readonly line: number; readonly problem: string } | null;
  readonly events: readonly RunEvent[];
  readonly history: RunHistory | null;
}

/** As the tool reads a journal; a fault that is no damage is thrown. */
function read(text: string): Read {
  const events: RunEvent[] = [];
  const replay = createReplay();
  const reader = followChain(createEventParser(), (event) => {
    events.push(event);
    replay.event(event);
  });
  reader.take(Buffer.from(text));
  const { damage } = reader.end();
  return { damage, events, history: replay.history() };
}

test('what runs write is read, as written, and holds no command of a step', () => {
  for (const [saved, events] of [
    [honest, runJournal.events],
    [honestRollback, rollbackJournal.events],
  ] as const) {
    expect(read(forgeJournal(saved))).toMatchObject({ damage: null, events });
    const started = saved
      .filter((one) => (one as Loose)['type'] === 'host-started')
      .map((one) => (one as Loose)['steps']);
    expect(started.length).toBeGreaterThan(0);
    expect(JSON.stringify(started)).not.toMatch(/netsh|sc stop|sc start|reserve |which holds/);
  }
  const types = new Set(honest.map((one) => (one as Loose)['type']));
  expect([...types]).toEqual(expect.arrayContaining(['command-lost', 'command-finished', 'step-finished']));
});

test('what a run writes is read too where somebody else works beside it, before any of its requests', async () => {
  const others = { family: 'ipv4', protocol: 'tcp', firstPort: 9933, portCount: 1 } as const;
  let undoes = 0;
  for (const store of ['active', 'persistent'] as const) {
    for (let before = 1; ; before += 1) {
      const machine = memoryMachine('ex01', {}, { oneList: true });
      const plan = await planMemory(memoryFleet([machine]));
      const asked: string[] = [];
      const meddled = memoryFleet([machine], {
        trouble({ number, kind, line }) {
          if (number === before) addExclusion(machine, { ...others, store });
          const isFacts = kind === 'ask' && line.includes('ver');
          if (isFacts) asked.push(line);
          // Asked for its facts the second time it is lost: what was done cannot be verified, and is undone.
          const isVerifying = isFacts && asked.length === 2;
          return isVerifying ? { at: 'before', failure: lost('none') } : null;
        },
      });
      const journal = memoryJournal();
      await applyMemory(meddled, plan, { journal });
      if (meddled.requests.length < before) break;
      const { damage, events } = read(forgeJournal(asSaved(journal.events)));
      expect([store, before, damage]).toEqual([store, before, null]);
      undoes += events.filter((one) => one.type === 'command-planned' && one.direction === 'undo').length;
    }
  }
  expect(undoes).toBeGreaterThan(0);
});

type Loose = { [key: string]: Json };

/** The journal with its first event of this type changed. */
function forging(type: string, change: (event: Loose, steps: Loose[]) => void): string {
  const events = structuredClone(honest) as Loose[];
  const event = events.find((one) => one['type'] === type);
  if (event === undefined) throw new Error(`no ${type}`);
  change(event, (event['steps'] ?? []) as Loose[]);
  return forgeJournal(events);
}

function ofKind(steps: readonly Loose[], kind: string): Loose {
  const found = steps.find((one) => one['kind'] === kind);
  if (found === undefined) throw new Error(`no ${kind} step`);
  return found;
}

type Forgery = readonly [string, string, (event: Loose, steps: Loose[]) => unknown];
const forgeries: readonly Forgery[] = [
  ['a command', 'host-started', (_, steps) => Object.assign(steps[0] ?? {}, { undo: [{ line: backdoor }] })],
  ['a line', 'host-started', (_, steps) => Object.assign(ofKind(steps, 'service'), { line: backdoor })],
  ['a sentence', 'host-started', (_, steps) => Object.assign(steps[0] ?? {}, { sentence: 'nothing' })],
  [
    'a service with a command',
    'host-started',
    (_, steps) => Object.assign(ofKind(steps, 'service'), { service: `x&${backdoor}` }),
  ],
  [
    'another service',
    'host-started',
    (_, steps) => Object.assign(ofKind(steps, 'service'), { service: 'MSExchangeTransport' }),
  ],
  [
    'another port to listen on',
    'host-started',
    (_, steps) => Object.assign(ofKind(steps, 'service'), { listensOn: [{ family: 'ipv4', port: 25 }] }),
  ],
  [
    'another range',
    'host-started',
    (_, steps) => Object.assign(ofKind(steps, 'exclusion'), { range: { firstPort: 25, portCount: 1 } }),
  ],
  [
    'a range beyond the last port',
    'host-started',
    (_, steps) => Object.assign(ofKind(steps, 'exclusion'), { range: { firstPort: 65_535, portCount: 2 } }),
  ],
  ['another protocol', 'host-started', (_, steps) => Object.assign(ofKind(steps, 'exclusion'), { protocol: 'udp' })],
  [
    'another owner of a range',
    'host-started',
    (_, steps) => Object.assign(ofKind(steps, 'exclusion'), { service: null }),
  ],
  [
    'another state before',
    'host-started',
    (_, steps) => Object.assign(ofKind(steps, 'exclusion'), { before: { active: true, persistent: false } }),
  ],
  [
    'another state after',
    'host-started',
    (_, steps) => Object.assign(ofKind(steps, 'exclusion'), { after: { active: true, persistent: false } }),
  ],
  [
    'a step that changes nothing',
    'host-started',
    (_, steps) => Object.assign(ofKind(steps, 'exclusion'), { after: { active: false, persistent: false } }),
  ],
  ['a step twice', 'host-started', (_, steps) => steps.push(structuredClone(steps[0] ?? {}))],
  [
    'no restart allowed',
    'host-started',
    (event) => Object.assign(event['desired'] ?? {}, { whenHeldByOwnService: 'block' }),
  ],
  ['nothing desired', 'host-started', (event) => Object.assign(event['desired'] ?? {}, { exclusions: [] })],
  ['facts that are none', 'host-started', (event) => (event['before'] = {})],
  ['a host that is not of the run', 'host-started', (event) => (event['host'] = 'dc01')],
  ['an unknown key', 'host-started', (event) => (event['script'] = backdoor)],
  ['steps that are no list', 'host-started', (event) => (event['steps'] = { length: 1 })],
  ['another command sent', 'command-planned', (event) => (event['line'] = backdoor)],
  [
    'another goal of a command',
    'command-planned',
    (event) => (event['goal'] = { kind: 'exclusion', store: 'active', present: false }),
  ],
  ['a command of no step', 'command-planned', (event) => (event['step'] = 99)],
  ['a command on a host that was not started', 'command-planned', (event) => (event['host'] = 'dc01')],
  [
    'a state of another kind',
    'step-finished',
    (event) => (event['state'] = { kind: 'service', state: 'running', listensOn: [] }),
  ],
  ['a state of no kind', 'step-finished', (event) => (event['state'] = { kind: 'exclusion' })],
  ['another result', 'step-finished', (event) => (event['result'] = 'good')],
  ['another verdict', 'host-finished', (event) => (event['verdict'] = 'good')],
  ['another event', 'run-finished', (event) => (event['type'] = 'run-exec')],
  ['a second beginning', 'run-finished', (event) => Object.assign(event, structuredClone(honest[0]))],
  ['a time that is none', 'run-started', (event) => (event['at'] = 'now')],
  ['a host twice', 'run-started', (event) => (event['hosts'] as Json[]).push({ host: 'ex01', state: 'changes' })],
];

describe('forged, with its chain made again, it is damaged:', () => {
  test.each(forgeries)('%s in %s', (_, type, change) => {
    const text = forging(type, change);
    expect(text).not.toBe(forgeJournal(honest));
    expect(read(text).damage).not.toBeNull();
  });

  test('the opposite goal of a command of a service', () => {
    const events = structuredClone(honest) as Loose[];
    const goal = events.map((one) => one['goal'] as Loose | undefined).find((one) => one?.['kind'] === 'service');
    if (goal === undefined) throw new Error('no command of a service');
    goal['running'] = goal['running'] !== true;
    expect(read(forgeJournal(events)).damage).not.toBe(null);
  });

  test.each(['__proto__', 'constructor', 'toString'])('a key called %s', (key) => {
    for (const place of ['"type":"run-started"', '"kind":"exclusion"', '"firstPort":9933', '"verdict":']) {
      const json = JSON.stringify(honest).replace(place, `"${key}":{"type":"run-finished"},${place}`);
      expect(read(forgeJournal(JSON.parse(json) as Json[])).damage?.problem).toContain(key);
    }
  });

  test('a journal without its beginning, and one of an earlier version, which says what to do', () => {
    expect(read(forgeJournal(honest.slice(1))).damage?.line).toBe(1);
    expect(read(forgeJournal(honest, 1)).damage?.problem).toContain('go on with the Fencepost that wrote it');
  });
});

const strange: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, -1, 0, 1.5, 70_000, '', [], {}, `x & ${backdoor}`, 'MSExchangeTransport', 'undo'),
  fc.integer({ min: 0, max: 65_536 }),
  fc.string(),
);

test('no mutant of a journal leads to a command that is not one of what is desired, and none is a bug', () => {
  const counts = { refused: 0, accepted: 0 };
  fc.assert(
    fc.property(
      fc.array(fc.record({ where: fc.nat(), what: fc.nat(), value: strange }), { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      (mutations, ofRollback) => {
        const events = mutations.reduce(mutate, (ofRollback ? honestRollback : honest) as Json[]);
        if (!Array.isArray(events)) return;
        const { damage, events: found, history } = read(forgeJournal(events));
        counts[damage === null ? 'accepted' : 'refused'] += 1;
        // What is read is what is written, and no more.
        expect(isDeepStrictEqual(found.map(savedEvent), events.slice(0, found.length))).toBe(true);
        for (const host of history?.hosts ?? []) {
          const known = facts.get(host.host);
          const steps = host.steps.map((one) => one.step);
          expect(foreignLines(steps, host.desired)).toEqual([]);
          if (known === undefined) continue;
          const { connection, exclusiveGroup, desired } = host;
          const about = { target: host.host, connection, exclusiveGroup, desired };
          const back = planHostRollback(about, makeAnswer(known, desired), host, true);
          expect(foreignLines([...back.steps, ...planServiceStarts(host, known)], desired)).toEqual([]);
        }
      },
    ),
    { numRuns: mutants },
  );
  expect(counts.refused).toBeGreaterThan(counts.accepted);
}, 7_200_000);

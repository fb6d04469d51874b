// One exclusion on one family: what was sent, what was found, and what is said of it, whatever Windows answers.
import { describe, expect, test } from 'vitest';
import type { Quirks } from '../../../src/lab/machine/quirks.ts';
import type { ExclusionSpec, ServerSpec } from '../../../src/lab/scenario/server-spec.ts';
import { families, stores, type Store } from '../../../src/model/host-state.ts';
import type { Direction } from '../../../src/model/outcome.ts';
import { createOwnership } from '../../../src/model/rules/ownership.ts';
import type { ExclusionStep } from '../../../src/model/plan.ts';
import { portRange } from '../../../src/model/port-range.ts';
import type { Answer } from '../../../src/model/seams.ts';
import { createRecorder, tellOwnership } from '../../../src/run/recorder.ts';
import { runStep } from '../../../src/run/steps/step.ts';
import { addExclusion, deleteExclusion } from '../../../src/windows/excluded-ports.ts';
import { hostStarted } from '../../journal/events.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { lost, memoryFleet, memoryMachine, type MemoryRequest, type Trouble } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { memoryListener } from '../../support/memory-seams.ts';

const range = portRange(9933);
const both = { active: true, persistent: true };
const none = { active: false, persistent: false };

const step: ExclusionStep = {
  kind: 'exclusion',
  number: 1,
  undoes: false,
  service: null,
  sentence: 'reserve tcp 9933 on ipv4',
  family: 'ipv4',
  protocol: 'tcp',
  range,
  before: none,
  after: both,
  commands: (['persistent', 'active'] as const).map((store) => ({
    line: addExclusion('ipv4', 'tcp', range, store),
    store,
    present: true,
  })),
  undo: (['persistent', 'active'] as const).map((store) => ({
    line: deleteExclusion('ipv4', 'tcp', range, store),
    store,
    present: false,
  })),
};

function rowIn(...inStores: readonly Store[]): Partial<ServerSpec> {
  const row: ExclusionSpec = { range, protocol: 'tcp', administered: true, stores: inStores, families };
  return { exclusions: [row] };
}

interface Given {
  readonly spec?: Partial<Omit<ServerSpec, 'quirks' | 'name'>>;
  readonly quirks?: Partial<Quirks>;
  readonly direction?: Direction;
  readonly trouble?: (request: MemoryRequest) => Trouble | null;
}

async function run({ spec, quirks, direction = 'do', trouble }: Given) {
  const machine = memoryMachine('ex01', { language: 'zh-CN', ...spec }, quirks);
  const fleet = memoryFleet([machine], trouble === undefined ? {} : { trouble });
  const [target] = fleet.targets;
  if (target === undefined) throw new Error('no target');
  const session = await fleet.connector.connect(target);
  const journal = memoryJournal();
  const clock = memoryClock();
  // An undo is of what the run itself made before.
  const mine = { seen: true, claim: { before: false, certainty: 'sure' } } as const;
  const earlier = direction === 'undo' ? [{ step, ownership: { active: mine, persistent: mine } }] : [];
  const ownership = createOwnership(earlier);
  ownership.event(hostStarted('ex01', [step]));
  const outcome = await runStep(step, direction, {
    host: 'ex01',
    session,
    recorder: tellOwnership(createRecorder(journal, memoryListener(), clock), ownership),
    ownership,
    clock,
    signal: new AbortController().signal,
    view: { tables: null },
    protocols: ['tcp'],
    serviceMs: 30_000,
  });
  const has = (store: Store): boolean => machine.exclusions.tcp.ipv4[store].some((one) => one.range.firstPort === 9933);
  const now = stores.filter(has).join('+') || 'none';
  return {
    outcome,
    machine,
    changes: fleet.requests.filter((one) => one.kind === 'change').length,
    now,
    journal,
    clock,
  };
}

const loses =
  (at: 'before' | 'after', nth = 1) =>
  ({ kind, ofKind }: MemoryRequest): Trouble | null =>
    kind === 'change' && ofKind === nth ? { at, failure: lost('unknown') } : null;
const spoils =
  (spoil: (answer: Answer) => Answer) =>
  ({ kind }: MemoryRequest): Trouble | null =>
    kind === 'change' ? { at: 'answer', spoil } : null;

describe('an exclusion step', () => {
  test.each<{ name: string; given: Given; result: string; changes: number; now: string }>([
    {
      name: 'adds with one command where one is enough',
      given: {},
      result: 'done',
      changes: 1,
      now: 'active+persistent',
    },
    {
      name: 'is there already',
      given: { spec: rowIn('active', 'persistent') },
      result: 'not-needed',
      changes: 0,
      now: 'active+persistent',
    },
    {
      name: 'adds to each store where the first takes effect at the next boot',
      given: { quirks: { addTakesEffect: 'next-boot' } },
      result: 'done',
      changes: 2,
      now: 'active+persistent',
    },
    {
      name: 'adds what the active store lacks',
      given: { spec: rowIn('persistent') },
      result: 'done',
      changes: 1,
      now: 'active+persistent',
    },
    {
      name: 'is refused while the port is open',
      given: { spec: { imap: 'running' } },
      result: 'failed',
      changes: 2,
      now: 'none',
    },
    {
      name: 'is refused with an exit code that lies',
      given: { spec: { imap: 'running' }, quirks: { exitCodesLie: true } },
      result: 'failed',
      changes: 2,
      now: 'none',
    },
    {
      name: 'is taken back with one command',
      given: { direction: 'undo', spec: rowIn('active', 'persistent') },
      result: 'done',
      changes: 1,
      now: 'none',
    },
    {
      name: 'is taken back with two where the first keeps the active row',
      given: { direction: 'undo', spec: rowIn('active', 'persistent'), quirks: { deletePersistentKeepsActive: true } },
      result: 'done',
      changes: 2,
      now: 'none',
    },
    { name: 'is taken back already', given: { direction: 'undo' }, result: 'not-needed', changes: 0, now: 'none' },
    { name: 'lost before it ran', given: { trouble: loses('before') }, result: 'failed', changes: 1, now: 'none' },
    {
      name: 'lost after it ran',
      given: { trouble: loses('after') },
      result: 'done',
      changes: 1,
      now: 'active+persistent',
    },
    {
      name: 'taken back, lost after it ran',
      given: { direction: 'undo', spec: rowIn('active', 'persistent'), trouble: loses('after') },
      result: 'done',
      changes: 1,
      now: 'none',
    },
    {
      name: 'answered with nothing',
      given: { trouble: spoils((answer) => ({ ...answer, stdout: '' })) },
      result: 'done',
      changes: 1,
      now: 'active+persistent',
    },
    {
      name: 'answered by half',
      given: { trouble: spoils((answer) => ({ ...answer, stdout: answer.stdout.slice(0, answer.stdout.length / 2) })) },
      result: 'done',
      changes: 1,
      now: 'active+persistent',
    },
    {
      name: 'answered with tables that cannot be read',
      given: { trouble: spoils((answer) => ({ ...answer, stdout: answer.stdout.replaceAll(/^ +\d+/gm, '   x') })) },
      result: 'done',
      changes: 1,
      now: 'active+persistent',
    },
  ])('$name', async ({ given, result, changes, now }) => {
    const ran = await run(given);
    expect([ran.outcome.result, ran.changes, ran.now]).toEqual([result, changes, now]);
    expect(ran.outcome.sent).toBe(changes > 0);
    expect(ran.outcome.failure === null).toBe(result === 'done' || result === 'not-needed');
    const ended = ran.journal.events.at(-1);
    expect(ended).toMatchObject({ type: 'step-finished', result, state: ran.outcome.state });
    // Each command's intent is noted before anything of its answer.
    const types = ran.journal.events.map((one) => one.type).filter((type) => type.startsWith('command-'));
    expect(types.filter((_, index) => index % 2 === 0).every((type) => type === 'command-planned')).toBe(true);
  });

  test('that was lost is asked after once more, a moment later, before it counts as failed', async () => {
    const { clock, outcome } = await run({ trouble: loses('before') });
    expect(clock.sleeps).toEqual([2000]);
    expect(outcome.state).toEqual({ kind: 'exclusion', presence: none });
  });

  test('that was lost, on a host that cannot be asked, is in doubt and has no state', async () => {
    const { outcome, now } = await run({
      trouble: ({ kind, ofKind }) => {
        if (kind === 'change') return { at: 'after', failure: lost('unknown') };
        return kind === 'ask' && ofKind > 1 ? { at: 'before', failure: lost('none') } : null;
      },
    });
    expect([outcome.result, outcome.state, outcome.sent, now]).toEqual(['in-doubt', null, true, 'active+persistent']);
  });

  test('that surely never ran is failed without asking', async () => {
    const { outcome, clock } = await run({
      trouble: ({ kind }) => (kind === 'change' ? { at: 'before', failure: lost('none') } : null),
    });
    expect([outcome.result, outcome.state, clock.sleeps]).toEqual([
      'failed',
      { kind: 'exclusion', presence: none },
      [],
    ]);
  });

  test('whose tables cannot be read before it sends nothing', async () => {
    const { outcome, changes } = await run({
      trouble: ({ kind }) =>
        kind === 'ask'
          ? { at: 'answer', spoil: (answer) => ({ ...answer, stdout: answer.stdout.replaceAll(/^ +\d+/gm, '   x') }) }
          : null,
    });
    expect([outcome.result, outcome.failure?.code, changes]).toEqual(['failed', 'step/unread', 0]);
  });

  test('that did not do its work says what was found and what Windows said', async () => {
    const { outcome } = await run({ spec: { imap: 'running', language: 'de' } });
    expect(outcome.failure?.code).toBe('step/no-effect');
    expect(outcome.failure?.message).toContain('tcp 9933 on ipv4 is in neither store');
    expect(outcome.failure?.message).toMatch(/Windows said \(exit code 1\): \S+/);
    expect(outcome.failure?.hint).toContain('likely because tcp 9933 is open in Microsoft.Exchange.Imap4Service.exe');
  });
});

describe('a refused add names who has the port open', () => {
  const holder = (state: 'BOUND' | 'ESTABLISHED') =>
    ({ port: 9933, protocol: 'tcp', image: 'java.exe', services: [], families: ['ipv4'], state }) as const;

  test.each([
    ['2019', 'BOUND', /^likely because tcp 9933 is bound, without listening, in java\.exe, pid \d+: free the port/],
    ['2019', 'ESTABLISHED', /^likely because tcp 9933 is open in java\.exe, pid \d+: free the port/],
    // Its netstat knows no -q: nothing is claimed.
    ['2012r2', 'BOUND', null],
  ] as const)('%s, %s', async (windows, state, hint) => {
    const { outcome, machine } = await run({ spec: { windows, holders: [holder(state)] } });
    expect(machine.exclusions.tcp.ipv4.persistent.some((row) => row.range.firstPort === 9933)).toBe(false);
    expect(outcome).toMatchObject({ result: 'failed', failure: { code: 'step/no-effect' } });
    if (hint === null) expect(outcome.failure?.hint).toBeNull();
    else expect(outcome.failure?.hint).toMatch(hint);
  });

  test('a host that can not be asked again for it: the failure is what it was', async () => {
    const trouble = ({ line }: MemoryRequest): Trouble | null =>
      line.includes('netstat') ? { at: 'before', failure: lost('none') } : null;
    const { outcome } = await run({ spec: { holders: [holder('BOUND')] }, trouble });
    expect(outcome).toMatchObject({ result: 'failed', failure: { code: 'step/no-effect', hint: null } });
  });
});

// One field after the other of the first event of each kind in a journal, forged under a chain that holds: damage, or a rollback of nothing
// but changes of what is desired. What a command is made of is never the forger's; looks, states, times and names are: a journal is as good as its folder.
import { expect, test } from 'vitest';
import { createEventParser, followChain } from '../../src/journal/chain.ts';
import { createReplay } from '../../src/journal/replay.ts';
import { savedEvent } from '../../src/journal/saved-event.ts';
import type { RunHistory } from '../../src/model/history.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { planHostRollback, planServiceStarts } from '../../src/plan/rollback-plan.ts';
import { makeAnswer } from '../../src/workflows/host-jobs.ts';
import { foreignLines, forgeJournal, type Json } from '../support/forge.ts';
import { forgeEachField, forgeryStride } from '../support/forged-fields.ts';
import { lost, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, backEndPorts, planMemory, rollBackMemory, surveyMemory } from '../support/memory-run.ts';

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

/** What a command line is made of, or what says that a step is a step: never accepted with anything else in it. */
const held: readonly RegExp[] = [
  /^[\w-]+\.(type|at)$/,
  /^command-planned\.(host|step|line|direction|goal\.\w+)$/,
  /^host-started\.host$/,
  /^host-started\.steps\.\*\.(kind|number|verb|service|family|protocol|range\.\w+)$/,
  /^host-started\.desired\.exclusions\.\*\.(service|protocol|present|range\.\w+)$/,
  /^(host-finished\.verdict|step-finished\.result)$/,
];

type Loose = { readonly [key: string]: Json };
const journals = [runJournal, rollbackJournal].map(({ events }) =>
  events.map((event) => JSON.parse(JSON.stringify(savedEvent(event))) as Loose),
);

function read(text: string): {
  readonly damage: unknown;
  readonly events: readonly RunEvent[];
  readonly history: RunHistory | null;
} {
  const events: RunEvent[] = [];
  const replay = createReplay();
  const reader = followChain(createEventParser(), (event) => {
    events.push(event);
    replay.event(event);
  });
  reader.take(Buffer.from(text));
  return { damage: reader.end().damage, events, history: replay.history() };
}

/** Everything that a rollback of this history would send. */
function rollbackLines(history: RunHistory | null): readonly string[] {
  return (history?.hosts ?? []).flatMap((host) => {
    expect(
      foreignLines(
        host.steps.map((one) => one.step),
        host.desired,
      ),
    ).toEqual([]);
    const known = facts.get(host.host);
    if (known === undefined) return [];
    const { connection, exclusiveGroup, desired } = host;
    const about = { target: host.host, connection, exclusiveGroup, desired };
    const steps = [
      ...planHostRollback(about, makeAnswer(known, desired), host, true).steps,
      ...planServiceStarts(host, known),
    ];
    expect(foreignLines(steps, desired)).toEqual([]);
    return steps.flatMap((one) =>
      one.kind !== 'exclusion' ? [one.line] : one.commands.map((command) => command.line),
    );
  });
}

test(
  'each field forged: damage, or a rollback of what is desired, and never another command',
  { timeout: 7_200_000 },
  () => {
    const accepted = new Set<string>();
    const forgedPaths = new Set<string>();
    const seen = new Set<string>();
    let forgeries = 0;
    for (const events of journals) {
      for (const [index, event] of events.entries()) {
        const type = event['type'] as RunEvent['type'];
        if (seen.has(type)) continue;
        seen.add(type);
        for (const { path, value, forged } of forgeEachField(event, 1)) {
          // No command is made of the facts before; their two hundred fields are left to the mutants.
          if (path.startsWith('before.')) continue;
          forgeries += 1;
          forgedPaths.add(`${type}.${path}`);
          const about = `${type}.${path}: ${JSON.stringify(value)}`;
          const { damage, events: found, history } = read(forgeJournal(events.with(index, forged as Loose)));
          if (damage === null) {
            accepted.add(`${type}.${path}`);
            expect(JSON.parse(JSON.stringify(savedEvent(found[index] as RunEvent))), about).toEqual(forged);
          }
          rollbackLines(history);
        }
      }
    }
    expect(forgeries).toBeGreaterThan(1000 / forgeryStride);
    expect([...accepted].filter((path) => held.some((one) => one.test(path))).toSorted()).toEqual([]);
    expect(held.filter((one) => ![...forgedPaths].some((path) => one.test(path)))).toEqual([]);
  },
);

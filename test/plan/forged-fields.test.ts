// One field of each path of a saved plan, forged under a right digest: refused, or it stays a plan of the very same commands. Which fields
// a forger may fill in freely is a list, so that a new field is a decision. Several at once: the mutants of forged-plan.test.ts.
import { expect, test } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import type { FleetPlan, Step } from '../../src/model/plan.ts';
import { portRange } from '../../src/model/port-range.ts';
import { savedHost } from '../../src/plan/plan-file.ts';
import { foreignLines, forgePlan, type Json } from '../support/forge.ts';
import { forgeEachField, forgeryStride } from '../support/forged-fields.ts';
import { lost, memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { planMemory } from '../support/memory-run.ts';
import { readPlanText } from '../support/read-plan.ts';

/** One field of each path: the hosts of a fleet have the same ones. The first host is the one that is to be changed. */
const places = 1;

const foreign = { range: portRange(9933), protocol: 'tcp', administered: false, stores: ['active'] } as const;
const plan = await planMemory(
  memoryFleet(
    [
      memoryMachine('ex01', { imap: 'running' }),
      memoryMachine('blocked', { exclusions: [{ ...foreign, families: ['ipv4'] }] }),
      memoryMachine('gone'),
    ],
    { trouble: ({ host }) => (host === 'gone' ? { at: 'before', failure: lost('none') } : null) },
  ),
);
const honest = JSON.parse(JSON.stringify({ ...plan, hosts: plan.hosts.map(savedHost) })) as Json;

/**
 * What a forger can fill in without being found out. Everything else is derived from something else, or has few words. Each is shown with
 * the plan; where the hosts are is held against the inventory before anything is sent (test/cli/other-connection.test.ts), and what the
 * hosts are like is asked again before their first change.
 */
const free: readonly RegExp[] = [
  // who made it, when, out of what
  /^(createdBy|createdAt|toolVersion|playbook\.(name|file|sha256)|inventory\.(files(\.\*)?|sha256))$/,
  // which hosts, where, as whom
  /^hosts(\.\*(\.(target|exclusiveGroup))?)?$/,
  /^hosts\.\*\.connection\.(address|port|path|username|caFile|tlsServerName|timeouts\.\w+)$/,
  // in what order, how many at once, after how many failures it stops
  /^policy\.(strategy|window|onFailure)\b/,
  // facts on which no step of this plan rests, why a host did not answer
  /^hosts\.\*\.(facts\.(guards|processes|services|sockets|state)\b|failure\.(hint|message|where)$)/,
];

function commandsOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap((step) =>
    step.kind !== 'exclusion' ? [step.line, step.undo ?? ''] : [...step.commands, ...step.undo].map((one) => one.line),
  );
}
const commands = new Set(plan.hosts.flatMap((one) => commandsOf(one.steps)));

function readForged(forged: Json): FleetPlan | Failure {
  try {
    return readPlanText(forgePlan(forged), 'p').plan;
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
}

test(
  'each field forged: refused, or the very same commands, and only these fields can be filled in',
  { timeout: 7_200_000 },
  () => {
    const accepted = new Set<string>();
    let forgeries = 0;
    for (const { path, value, forged } of forgeEachField(honest, places)) {
      forgeries += 1;
      const about = `${path}: ${JSON.stringify(value)}`;
      const read = readForged(forged);
      if (read instanceof Failure) {
        expect(read.code, about).toBe('plan/damaged');
        continue;
      }
      accepted.add(path);
      for (const { steps, desired } of read.hosts) {
        expect(foreignLines(steps, desired), about).toEqual([]);
        expect(
          commandsOf(steps).filter((one) => !commands.has(one)),
          about,
        ).toEqual([]);
      }
      // What is read is what is shown and what is saved again.
      expect(JSON.parse(JSON.stringify({ ...read, hosts: read.hosts.map(savedHost) })), about).toEqual(forged);
    }
    expect(forgeries).toBeGreaterThan(1000 / forgeryStride);
    expect([...accepted].filter((path) => !free.some((one) => one.test(path))).toSorted()).toEqual([]);
    expect(free.filter((one) => ![...accepted].some((path) => one.test(path)))).toEqual([]);
  },
);

test('what is desired of a host without a step is what is desired of the others: a resume would act on it', () => {
  const { hosts, ...about } = honest as unknown as { readonly hosts: readonly { readonly [key: string]: Json }[] };
  for (const [index, host] of hosts.entries()) {
    if (index === 0) continue;
    for (const { path, value, forged } of forgeEachField(host['desired'] ?? null, 1)) {
      const read = readForged({ ...about, hosts: hosts.with(index, { ...host, desired: forged }) });
      expect(read instanceof Failure ? read.code : 'read', `${path}: ${JSON.stringify(value)}`).toBe('plan/damaged');
    }
  }
});

// Forged plans and journals against a lab, by whole commands: exit code 1, a word for it, and no server is touched.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { forgeJournal, forgePlan, type Json } from '../support/forge.ts';
import { withLab } from '../support/lab.ts';

const backdoor = 'net user backdoor P4ss /add';
type Loose = { [key: string]: Json };

function stepsOf(host: Loose | undefined): Loose[] {
  return (host?.['steps'] ?? []) as Loose[];
}

test('a forged plan, its digest made again, is refused by a dry run and by an apply, and nothing is sent', async () => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    const file = lab.path('tonight.plan');
    expect((await lab.run(['plan', '-i', lab.inventoryFile, '--out', file])).exitCode).toBe(0);
    const { plan } = JSON.parse(await readFile(file, 'utf8')) as { plan: Loose };
    const before = lab.states();
    const asked = lab.requestCount();
    const forgeries: readonly ((step: Loose) => unknown)[] = [
      (step) => (step['commands'] = [{ line: backdoor, store: 'active', present: true }]),
      (step) => (step['range'] = { firstPort: 25, portCount: 1 }),
    ];
    for (const [index, forge] of forgeries.entries()) {
      const copy = structuredClone(plan);
      forge(stepsOf((copy['hosts'] as Loose[])[0])[0] ?? {});
      const forged = await lab.write('forged.plan', forgePlan(copy));
      for (const how of index === 0 ? ['--dry-run', '--yes'] : ['--yes']) {
        const { exitCode, stdout, stderr } = await lab.run(['apply', forged, how, '--json']);
        expect([how, exitCode, stderr]).toEqual([how, 1, expect.any(String)]);
        expect(JSON.parse(stdout)).toMatchObject({ schema: 'fencepost/error', error: { code: 'plan/damaged' } });
      }
    }
    expect(lab.requestCount()).toBe(asked);
    expect(lab.changedSince(before)).toEqual([]);
    expect(await lab.runs()).toEqual([]);
    // The plan itself is as good as before.
    expect((await lab.run(['apply', file, '-i', lab.inventoryFile, '--yes'])).exitCode).toBe(0);
    expect(lab.changedSince(before)).toEqual(['ex01']);
  });
});

test('a forged journal, its chain made again, is refused by a rollback, and nothing is sent', async () => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    expect((await lab.run(['apply', '-i', lab.inventoryFile, '--yes'])).exitCode).toBe(0);
    const [run = ''] = await lab.runs();
    const journal = join(lab.stateDirectory, 'runs', run, 'journal.ndjson');
    const honest = await readFile(journal, 'utf8');
    const events = honest
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: Loose }).event);
    expect(forgeJournal(events)).toBe(honest);
    const before = lab.states();
    const asked = lab.requestCount();
    const copy = structuredClone(events);
    for (const event of copy) {
      for (const step of stepsOf(event)) step['undo'] = [{ line: backdoor, store: 'active', present: false }];
    }
    await writeFile(journal, forgeJournal(copy));
    const { exitCode, stdout } = await lab.run(['rollback', run, '--yes', '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'journal/damaged' } });
    expect(lab.requestCount()).toBe(asked);
    expect(lab.changedSince(before)).toEqual([]);
    await writeFile(journal, honest);
    expect((await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes'])).exitCode).toBe(0);
    expect(lab.changedSince(before)).toEqual(['ex01']);
  });
});

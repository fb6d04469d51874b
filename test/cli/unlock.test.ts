// `unlock`: a run whose process died in a container that is gone locks its hosts; it says what it overrides, asks, and then the way back is free.
import { expect, test } from 'vitest';
import { createLocks } from '../../src/journal/lock.ts';
import { identifyProcess, type ProcessIdentity } from '../../src/journal/lock-holder.ts';
import { withLab, type TestLab } from '../support/lab.ts';

function holdLock(lab: TestLab, run: string, self: ProcessIdentity) {
  const now = (): string => '2026-12-05T22:00:00.000Z';
  const locks = createLocks({ directory: lab.stateDirectory, run, user: 'ci', now, onTakeover: () => undefined, self });
  return locks.acquire({ key: `run ${run}`, label: `run ${run}` });
}

test('a run of a container that is gone: rollback is refused and says how to go on; unlock frees it; rollback goes through', async () => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    const before = lab.states();
    const applied = await lab.run(['apply', '-i', lab.inventoryFile, '--yes', '--json']);
    const { run } = JSON.parse(applied.stdout) as { run: string };
    const held = await holdLock(lab, run, { ...identifyProcess(), machine: 'job-7', bootId: 'another' });
    const back = ['rollback', run, '-i', lab.inventoryFile, '--yes'];
    const refused = await lab.run(back);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('[run/host-locked]')]);
    expect(refused.stderr).toContain(`fencepost unlock ${run}`);

    const asked = await lab.run(['unlock', 'last']);
    expect([asked.exitCode, asked.stderr]).toEqual([1, expect.stringMatching(/ci on job-7[^]*MAY STILL BE AT WORK/)]);
    expect((await lab.run(back)).exitCode).toBe(1);

    // The whole name of a run that died before its first record, and the beginning of the other's.
    const early = await holdLock(lab, run.slice(0, -2), { ...identifyProcess(), machine: 'job-8', bootId: 'another' });
    const first = await lab.run(['unlock', run.slice(0, -2), '--yes', '--json']);
    expect(JSON.parse(first.stdout)).toMatchObject({ run: run.slice(0, -2), freed: [`run ${run.slice(0, -2)}`] });
    await early.release();
    expect((await lab.run(back)).exitCode).toBe(1);

    const freed = await lab.run(['unlock', run.slice(0, -1), '--yes', '--json']);
    expect([freed.exitCode, JSON.parse(freed.stdout)]).toMatchObject([
      0,
      { schema: 'fencepost/unlock', run, freed: [`run ${run}`] },
    ]);
    const done = await lab.run(back);
    expect([done.exitCode, done.stderr, lab.changedSince(before)]).toEqual([0, done.stderr, []]);
    expect((await lab.run(['unlock', run])).stderr).toContain('holds no lock');
    await held.release();
  });
});

test('a beginning that several runs share frees none of them', async () => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    const apply = ['apply', '-i', lab.inventoryFile, '--yes', '--json'];
    const { run } = JSON.parse((await lab.run(apply)).stdout) as { run: string };
    await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']);
    const held = await holdLock(lab, run, { ...identifyProcess(), machine: 'job-7', bootId: 'another' });
    const { exitCode, stderr } = await lab.run(['unlock', '2', '--yes']);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('2 runs start with this name')]);
    expect((await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes'])).stderr).toContain('[run/host-locked]');
    await held.release();
  });
});

test('a run whose process lives keeps its locks', async () => {
  await withLab([], async (lab) => {
    const held = await holdLock(lab, 'run-a', identifyProcess());
    const { exitCode, stderr } = await lab.run(['unlock', 'run-a', '--yes']);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('the process of this run lives')]);
    await held.release();
  });
});

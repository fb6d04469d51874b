// `status`, `runs` and `runs show` after an apply and its rollback: one screen for both, who rolled back what, and that none of them needs to
// write anything: they work while the disk is full and where nothing may be written.
import { expect, test } from 'vitest';
import { expectExit } from '../support/expect-exit.ts';
import { withLab } from '../support/lab.ts';

/** Every write to a file fails, as on a full disk. */
const fullDisk = { shell: `trap '' XFSZ; ulimit -f 0; exec "$@"` };
/** Node itself refuses every change to a file: a read-only disk that root cannot write to either. */
const readOnly = { env: { NODE_OPTIONS: '--experimental-permission --allow-fs-read=* --no-warnings' } };

test('status and runs show start with one screen, runs names the rollback; all of it without writing anything', async () => {
  await withLab([{ name: 'ex01' }, { name: 'ex02' }], async (lab) => {
    expectExit(await lab.run(['apply', '-i', lab.inventoryFile, '--yes']), 0);
    const [run = ''] = await lab.runs();
    expectExit(await lab.run(['rollback', run, '-l', 'ex01', '-i', lab.inventoryFile, '--yes']), 0);
    const [, rollback = ''] = await lab.runs();

    const status = await lab.run(['status', run]);
    const show = await lab.run(['runs', 'show', run]);
    expect([status.exitCode, status.stderr]).toEqual([0, '']);
    expect(status.stdout).toMatch(/^rolled back \(1 host\):\n +ex01$/m);
    expect(show.stdout.startsWith(`${status.stdout}\nStep by step:\n`)).toBe(true);

    const list = await lab.run(['runs']);
    const [head, first, second] = list.stdout.split('\n');
    expect(head).toMatch(/ROLLED BACK BY/);
    expect(first).toContain(`${rollback} (1 of 1 host)`);
    expect(second).toContain(`rollback of ${run}`);
    const { runs } = JSON.parse((await lab.run(['runs', '--json'])).stdout) as { runs: unknown };
    expect(runs).toMatchObject([
      { run, of: null, rolledBackBy: [{ run: rollback, finished: true, hosts: 1, rolledBack: 1 }] },
      { run: rollback, of: run, rolledBackBy: [] },
    ]);

    for (const world of [fullDisk, readOnly]) {
      for (const [args, before] of [
        [['status', run], status],
        [['runs', 'show', run], show],
        [['runs'], list],
      ] as const) {
        const { exitCode, stdout, stderr } = await lab.run(args, world);
        expect([exitCode, stdout, stderr]).toEqual([0, before.stdout, '']);
      }
    }
    // The two worlds are what they say.
    expect((await lab.run(['apply', '-i', lab.inventoryFile, '--yes'], fullDisk)).stderr).toContain('unwritable');
  });
});

// A state directory that can't be written: nothing is sent while the way back can't be put on disk, and when the disk fills in
// mid-run, the run stops, names itself, and can be taken back once there is room.
import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import { amount } from '../support/amount.ts';
import { withLab } from '../support/lab.ts';
import { expectExit } from '../support/expect-exit.ts';

describe('a state directory that cannot be made', () => {
  test.each([['apply'], ['apply', '--json']])('%s %s: refused before any change is sent', async (...args) => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const before = lab.states();
      const file = await lab.write('a-file', '');
      const state = `${file}/state`;
      const { exitCode, stderr } = await lab.run([...args, '-i', lab.inventoryFile, '--yes', '--state-dir', state]);
      expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/\[journal\/unwritable\][^]*--state-dir/)]);
      expect(lab.changesSent()).toEqual([]);
      expect(lab.changedSince(before)).toEqual([]);
    });
  });
});

describe('a disk that is full', () => {
  // A process that writes beyond `ulimit -f` is sent SIGXFSZ; ignored, its write fails as on a full disk. POSIX counts in 512 bytes.
  const limitedTo = (bytes: number): string => `trap '' XFSZ; ulimit -f ${String(Math.ceil(bytes / 512))}; exec "$@"`;
  // With a list for each family every step takes a command of its own, so the journal grows well beyond the plan.
  const quirks = { ...usualQuirks, oneList: false };
  const servers = ['ex01', 'ex02', 'ex03', 'ex04'].map((name) => ({ name, quirks }));

  test('before the run began: nothing is sent, and the list of runs still works', async () => {
    await withLab(servers, async (lab) => {
      const before = lab.states();
      const { exitCode, stderr } = await lab.run(['apply', '-i', lab.inventoryFile, '--yes'], {
        shell: limitedTo(8192),
      });
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining('[journal/unwritable]')]);
      expect(lab.changesSent()).toEqual([]);
      expect(lab.changedSince(before)).toEqual([]);
      const list = await lab.run(['runs']);
      expect([list.exitCode, list.stderr]).toEqual([0, '']);
      const again = await lab.run(['apply', '-i', lab.inventoryFile, '--yes']);
      expect(again.exitCode).toBe(0);
    });
  });

  // The run's copy of its plan is written first and has to fit.
  test.each(amount({ share: [{ room: 100 }, { room: 4000 }], ci: [{ room: 100 }, { room: 2000 }, { room: 4000 }] }))(
    'while hosts are in change, $room bytes beyond the plan: it stops, names its run, and can be taken back',
    async ({ room }) => {
      await withLab(servers, async (lab) => {
        const before = lab.states();
        const plan = lab.path('tonight.plan');
        await lab.run(['plan', '-i', lab.inventoryFile, '--out', plan]);
        const shell = limitedTo((await stat(plan)).size + room);
        const { exitCode, stderr } = await lab.run(['apply', plan, '-i', lab.inventoryFile, '--yes'], { shell });
        // 1 would say that nothing was changed.
        expect([exitCode, stderr]).toEqual([3, expect.stringContaining('[journal/unwritable]')]);
        expect(stderr).not.toMatch(/\n\s+at /);
        const [run = ''] = await lab.runs();
        expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`fencepost rollback ${run}`);
        const changed = lab.changedSince(before);
        expect(changed.length).toBeGreaterThan(0);
        // Every host is named once, those with changes as changed or in doubt.
        const [, told = ''] = /\n([^]*?)Summary: 4 hosts/.exec(stderr) ?? [];
        const [, inDoubt = ''] = /IN DOUBT\n([^]*?)(?:\n\d+ hosts?: |$)/.exec(told) ?? [];
        const [, done = ''] = /changed and verified\n([^]*?)(?:\n\d+ hosts?: |$)/.exec(told) ?? [];
        for (const name of changed) expect(spelledOut(`${inDoubt} ${done}`)).toContain(name);
        for (const { name } of servers) expect(spelledOut(told)).toContain(name);
        // A host without its way back on disk was not changed, and every change sent was noted as intended before.
        const events = await lab.events(run);
        const started = events.flatMap((event) => (event.type === 'host-started' ? [event.host] : []));
        for (const name of changed) expect(started).toContain(name);
        expect(lab.changesSent().length).toBeLessThanOrEqual(
          events.filter((event) => event.type === 'command-planned').length,
        );
        const back = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']);
        expectExit(back, 0);
        expect(lab.changedSince(before)).toEqual([]);
      });
    },
  );
});

/** `ex[01:03]` -> ex01 ex02 ex03. */
function spelledOut(text: string): string {
  return text.replaceAll(/ex\[(\d+):(\d+)\]/g, (_, first: string, last: string) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (__, index) => `ex0${Number(first) + index}`).join(' '),
  );
}

// `rollback` against a lab: from the journal alone, exactly what the run changed, never over what somebody else did since.
import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/lab/cmd/console.ts';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import { reserved, withLab, type TestLab } from '../support/lab.ts';
import { expectExit } from '../support/expect-exit.ts';

function byHand(lab: TestLab, server: string, line: string): void {
  const { exitCode } = runCommandLine(lab.fleet.server(server).machine, line, { codePage: 65001, elevated: true });
  expect([line, exitCode]).toEqual([line, 0]);
}

const deletion = 'netsh interface ipv4 delete excludedportrange protocol=tcp startport=9933 numberofports=1';

async function applied(lab: TestLab): Promise<string> {
  const { exitCode, stdout } = await lab.run(['apply', '-i', lab.inventoryFile, '--yes', '--json']);
  expect(exitCode).toBe(0);
  return (JSON.parse(stdout) as { run: string }).run;
}

function verdictsIn(stdout: string): Readonly<Record<string, string>> {
  const { hosts } = JSON.parse(stdout) as { hosts: readonly { host: string; verdict: string }[] };
  return Object.fromEntries(hosts.map((one) => [one.host, one.verdict]));
}

describe('rollback', () => {
  test('needs neither playbook nor plan, and of the inventory the password only; it leaves what was there before, and is a run of its own', async () => {
    await withLab(
      [
        { name: 'bare' },
        { name: 'half', exclusions: [reserved(9933, { stores: ['active'] }), reserved(9955)] },
        { name: 'two-lists', quirks: { ...usualQuirks, oneList: false }, language: 'ru' },
        { name: 'wide', exclusions: [reserved(9900, { range: { firstPort: 9900, portCount: 100 } })] },
      ],
      async (lab) => {
        const before = lab.states();
        const run = await applied(lab);
        expect(lab.changedSince(before)).toEqual(['bare', 'half', 'two-lists']);
        const { exitCode, stdout } = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '--json']);
        expect(exitCode).toBe(0);
        expect(verdictsIn(stdout)).toEqual({ bare: 'changed', half: 'changed', 'two-lists': 'changed' });
        expect(lab.changedSince(before)).toEqual([]);

        const runs = await lab.runs();
        const second = runs.find((name) => name !== run) ?? '';
        expect((await lab.events(second))[0]).toMatchObject({ type: 'run-started', kind: 'rollback', of: run });
        const sent = lab.changesSent().length;
        const again = await lab.run(['rollback', second, '-i', lab.inventoryFile, '--yes']);
        expect([again.exitCode, again.stderr]).toEqual([
          1,
          expect.stringMatching(/is itself a rollback[^]*fencepost plan/),
        ]);
        const twice = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']);
        expect(twice.stdout + twice.stderr).toMatch(/nothing to roll back|rolled back/);
        expect(lab.changesSent()).toHaveLength(sent);
      },
    );
  });

  test('--dry-run shows the way back and sends no change', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const run = await applied(lab);
      const after = lab.states();
      const sent = lab.changesSent().length;
      const { exitCode, stdout } = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--dry-run']);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('- release tcp 9955 on ipv4 and ipv6');
      expect(lab.changesSent()).toHaveLength(sent);
      expect(lab.changedSince(after)).toEqual([]);
      expect(await lab.runs()).toEqual([run]);
    });
  });

  test('without a terminal and without --yes nothing is taken back', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const run = await applied(lab);
      const after = lab.states();
      const { exitCode, stderr } = await lab.run(['rollback', run, '-i', lab.inventoryFile]);
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining('--yes')]);
      expect(lab.changedSince(after)).toEqual([]);
    });
  });

  test('--limit takes back these hosts only; the others later', async () => {
    await withLab([{ name: 'ex01' }, { name: 'ex02' }], async (lab) => {
      const before = lab.states();
      const run = await applied(lab);
      const first = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '-l', 'ex02']);
      expect(first.exitCode).toBe(0);
      expect(lab.changedSince(before)).toEqual(['ex01']);
      const none = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '-l', 'ex99']);
      expect(none.exitCode).toBe(1);
      const second = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '-l', 'ex01']);
      expect(second.exitCode).toBe(0);
      expect(lab.changedSince(before)).toEqual([]);
    });
  });

  test('refuses a host that somebody changed since, takes back the others, and --force takes back what the run did', async () => {
    await withLab([{ name: 'same' }, { name: 'touched' }], async (lab) => {
      const before = lab.states();
      const run = await applied(lab);
      byHand(lab, 'touched', `${deletion} store=active`);
      const touched = lab.states();
      const { exitCode, stdout } = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '--json']);
      expect([exitCode, verdictsIn(stdout)]).toEqual([3, { same: 'changed', touched: 'conflict' }]);
      expect(lab.changedSince(touched)).toEqual(['same']);
      expect(lab.changedSince(before)).toEqual(['touched']);

      const forced = await lab.run([
        'rollback',
        run,
        '-i',
        lab.inventoryFile,
        '--yes',
        '--force',
        '--json',
        '-l',
        'touched',
      ]);
      expectExit(forced, 0);
      expect(lab.changedSince(before)).toEqual([]);
    });
  });

  test('what somebody took back by hand counts as taken back, and what somebody added beside it stays', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const run = await applied(lab);
      byHand(lab, 'ex01', deletion);
      byHand(lab, 'ex01', 'netsh interface ipv4 add excludedportrange protocol=tcp startport=9930 numberofports=10');
      const { exitCode, stdout } = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '--json']);
      expect([exitCode, verdictsIn(stdout)]).toEqual([0, { ex01: 'changed' }]);
      const { active } = lab.fleet.server('ex01').machine.exclusions.tcp.ipv4;
      const left = active.filter((row) => row.administered && row.range.firstPort < 50000).map((row) => row.range);
      expect(left).toEqual([{ firstPort: 9930, portCount: 10 }]);
    });
  });

  test('a host that can’t be reached is said to be so, and is taken back by the same command later', async () => {
    await withLab([{ name: 'ex01' }, { name: 'ex02' }], async (lab) => {
      const before = lab.states();
      const run = await applied(lab);
      await lab.fleet.server('ex02').stop();
      const first = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '--json']);
      expect([first.exitCode, verdictsIn(first.stdout)]).toEqual([3, { ex01: 'changed', ex02: 'unreachable' }]);
      await lab.fleet.server('ex02').start();
      const second = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']);
      expectExit(second, 0);
      expect(lab.changedSince(before)).toEqual([]);
    });
  });
});

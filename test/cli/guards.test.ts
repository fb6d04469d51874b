// `confirm`, `confirm --extend`, `guards` and `guards clean` as a person types them, against servers with a task scheduler and a clock that
// the test moves: what stays, what is undone, what the next command is.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { LabClock } from '../../src/lab/lab-clock.ts';
import { notAsDesired } from '../support/machine-state.ts';
import { withLab, type TestLab } from '../support/lab.ts';
import { backEndPorts } from '../support/memory-run.ts';

const minutes = (count: number): number => count * 60_000;

/** Real time, and what the test adds to it; tasks start when the next request comes. */
function movedClock() {
  let addedMs = 0;
  const clock: LabClock = {
    now: () => new Date(Date.now() + addedMs).toISOString(),
    elapsedMs: () => performance.now() + addedMs,
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs).unref();
      return () => {
        clearTimeout(timer);
      };
    },
  };
  return { clock, add: (ms: number) => (addedMs += ms) };
}

async function writePlaybook(lab: TestLab): Promise<string> {
  const shipped = await readFile(new URL('../../playbooks/exchange-backend-ports.yml', import.meta.url), 'utf8');
  return lab.write('playbook.yml', `${shipped}\nconfirm: { within: 15m, by: person }\n`);
}

const otherPlaybook = `name: Another port
hosts: all
exclusions:
  - { port: 9966, protocol: tcp, families: [ipv4, ipv6] }
`;

const isChanged = (lab: TestLab, name: string): boolean =>
  notAsDesired(lab.fleet.server(name).machine, backEndPorts).length === 0;
const countTasks = (lab: TestLab, name: string): number => lab.fleet.server(name).machine.tasks.length;

test('confirmed in time nothing is undone; extended it is undone later; a guard that is left is cleaned', async () => {
  const { clock, add } = movedClock();
  const servers = [{ name: 'ex01' }, { name: 'ex02' }];
  await withLab(
    servers,
    async (lab) => {
      const before = lab.states();
      const playbook = await writePlaybook(lab);
      const inventory = ['-i', lab.inventoryFile];

      const applied = await lab.run(['apply', ...inventory, '-p', playbook, '--yes', '--verbose']);
      expect([applied.exitCode, applied.stderr]).toEqual([0, expect.any(String)]);
      const [run = ''] = await lab.runs();
      expect(applied.stdout).toContain('Guard: each changed host undoes the change by itself after 15 min');
      expect(applied.stdout).toContain('its guard, unless called off:');
      expect(applied.stdout).toContain(
        `Confirm now: each host undoes its changes 15 min after they started there: fencepost confirm ${run}`,
      );
      expect([countTasks(lab, 'ex01'), countTasks(lab, 'ex02')]).toEqual([1, 1]);

      const status = await lab.run(['status', run]);
      expect(status.stdout).toContain('GUARD ARMED');
      expect(status.stdout).toContain(`Next: fencepost confirm ${run}`);

      // One is confirmed, of the other the time starts again.
      const confirmed = await lab.run(['confirm', run, ...inventory, '-l', 'ex01', '--json']);
      expect(confirmed.exitCode).toBe(0);
      expect(JSON.parse(confirmed.stdout)).toMatchObject({
        schema: 'fencepost/confirm',
        run,
        hosts: [{ host: 'ex01', result: 'confirmed' }],
      });
      expect([countTasks(lab, 'ex01'), countTasks(lab, 'ex02')]).toEqual([0, 1]);
      add(minutes(10));
      const extended = await lab.run(['confirm', 'last', ...inventory, '--extend', '30m']);
      expect([extended.exitCode, extended.stdout]).toEqual([0, expect.stringContaining('1 host: extended')]);
      add(minutes(29));
      const listed = await lab.run(['guards', ...inventory]);
      expect(listed.stdout).toContain(`ex02: \\Fencepost\\${run}`);
      expect([isChanged(lab, 'ex01'), isChanged(lab, 'ex02')]).toEqual([true, true]);

      // A change that it might undo is blocked, whoever makes it; where nothing is to be changed it is told.
      const other = await lab.write('other.yml', otherPlaybook);
      const blocked = await lab.run(['plan', ...inventory, '-p', other, '-l', 'ex02', '--json']);
      expect(blocked.exitCode).toBe(3);
      expect(JSON.parse(blocked.stdout)).toMatchObject({
        hosts: [{ state: 'blocked', steps: [], findings: [{ severity: 'blocker', code: 'guard-left' }] }],
      });
      const drift = await lab.run(['verify', ...inventory, '-p', playbook]);
      expect([drift.exitCode, drift.stdout]).toEqual([
        0,
        expect.stringContaining(`the guard of run ${run} is on this host`),
      ]);
      const collected = await lab.run(['collect', ...inventory]);
      expect(collected.stdout).toContain('ex02: about guards');
      const examined = await lab.run(['doctor', ...inventory, '--json']);
      const checks = (JSON.parse(examined.stdout) as { hosts: { checks: { name: string; state: string }[] }[] }).hosts;
      expect(checks.map((one) => one.checks.find(({ name }) => name === 'guards')?.state)).toEqual(['ok', 'warning']);

      // Nobody confirms it: the host undoes it by itself, and says so when somebody comes.
      add(minutes(2));
      const undone = await lab.run(['verify', ...inventory, '-p', playbook]);
      expect([undone.exitCode, undone.stdout]).toEqual([
        2,
        expect.stringContaining(`the host undid the changes of run ${run} by itself`),
      ]);
      const late = await lab.run(['confirm', run, ...inventory]);
      expect([late.exitCode, late.stdout]).toEqual([3, expect.stringContaining('1 host: undone by the host itself')]);
      expect(lab.changedSince(before)).toEqual(['ex01']);
      expect(isChanged(lab, 'ex01')).toBe(true);
      expect((await lab.run(['status', run])).stdout).toContain('undone by the host itself');
      const none = await lab.run(['confirm', run, ...inventory]);
      expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining('[guard/none]')]);

      // What is left of another run is deleted once somebody said yes.
      await lab.run(['apply', ...inventory, '-p', playbook, '--yes', '-l', 'ex02']);
      const refused = await lab.run(['guards', 'clean', ...inventory]);
      expect([refused.exitCode, countTasks(lab, 'ex02')]).toEqual([1, 1]);
      const cleaned = await lab.run(['guards', 'clean', ...inventory, '--yes', '--json']);
      expect(cleaned.exitCode).toBe(0);
      expect(JSON.parse(cleaned.stdout)).toMatchObject({ schema: 'fencepost/guards', deleted: 1 });
      add(minutes(60));
      expect((await lab.run(['guards', ...inventory])).stdout).toContain('2 hosts without a guard');
      expect([isChanged(lab, 'ex01'), isChanged(lab, 'ex02'), countTasks(lab, 'ex02')]).toEqual([true, true, 0]);
    },
    { clock },
  );
});

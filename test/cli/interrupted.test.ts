// Ctrl-C once, twice, and while hosts are only asked; and two runs at once on the same hosts.
import { describe, expect, test } from 'vitest';
import type { LabClock } from '../../src/lab/lab-clock.ts';
import { expectBounded } from '../support/expect-bounded.ts';
import { withLab, type TestLab } from '../support/lab.ts';
import { expectExit } from '../support/expect-exit.ts';
import { afterRequests, sixHosts, sixHostsPlaybook } from './six-hosts.ts';

describe('Ctrl-C', () => {
  test('once: hosts in change are finished, nothing new is started, the journal is ended, exit code 130, resume goes on', async () => {
    const watch = { onRequest: () => undefined };
    await withLab(
      sixHosts(true),
      async (lab) => {
        const book = await lab.write('playbook.yml', sixHostsPlaybook);
        const before = lab.states();
        const changing = firstChange(lab, watch);
        const running = lab.start(['apply', '-i', lab.inventoryFile, '-p', book, '--yes', '--json']);
        await changing;
        running.kill('SIGINT');
        const { exitCode, stdout, stderr } = await running.ended;
        expect([exitCode, stderr]).toEqual([130, expect.stringContaining('Interrupted')]);
        const { run, hosts } = JSON.parse(stdout) as { run: string; hosts: { host: string; verdict: string }[] };
        expect(hosts).toHaveLength(6);
        const verdicts = new Set(hosts.map((one) => one.verdict));
        expect(verdicts).toEqual(new Set(['changed', 'skipped']));
        const changed = hosts.filter((one) => one.verdict === 'changed').map((one) => one.host);
        expect(lab.changedSince(before).toSorted()).toEqual(changed.toSorted());
        expect((await lab.events(run)).at(-1)?.type).toBe('run-finished');

        const resumed = await lab.run(['resume', run, '-i', lab.inventoryFile, '--yes', '--json']);
        expectExit(resumed, 0);
        expect(lab.changedSince(before)).toHaveLength(6);
        const back = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']);
        expectExit(back, 0);
        expect(lab.changedSince(before)).toEqual([]);
      },
      {
        delayMs: 20,
        onRequest: () => {
          watch.onRequest();
        },
      },
    );
  });

  test('twice: it stops at once and names the hosts in doubt; rollback asks them', async () => {
    const watch = { onRequest: () => undefined };
    await withLab(
      sixHosts(true),
      async (lab) => {
        const book = await lab.write('playbook.yml', sixHostsPlaybook);
        const before = lab.states();
        const changing = firstChange(lab, watch);
        const running = lab.start(['apply', '-i', lab.inventoryFile, '-p', book, '--yes']);
        await changing;
        running.kill('SIGINT');
        await running.until(/Interrupted/);
        const startedMs = performance.now();
        running.kill('SIGINT');
        const { exitCode, stdout, stderr } = await running.ended;
        expectBounded(startedMs);
        expect(exitCode).toBe(130);
        expect(stderr).toContain('Stopping immediately');
        expect(stdout).toMatch(/IN DOUBT/);
        const [run = ''] = await lab.runs();
        const named = (await lab.events(run)).filter(
          (one) => one.type === 'host-finished' && one.verdict === 'in-doubt',
        );
        expect(named.length).toBeGreaterThan(0);
        for (const one of named) if (one.type === 'host-finished') expect(stdout).toContain(one.host);
        const back = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']);
        expectExit(back, 0);
        expect(lab.changedSince(before)).toEqual([]);
      },
      {
        delayMs: 100,
        onRequest: () => {
          watch.onRequest();
        },
      },
    );
  });

  test('while hosts are only asked: it stops at once, nothing was changed, exit code 130', async () => {
    const watch = { onRequest: () => undefined };
    await withLab(
      [{ name: 'ex01' }],
      async (lab) => {
        const hosts = ['-i', lab.inventoryFile];
        const plan = lab.path('tonight.plan');
        const saved = await lab.run(['plan', ...hosts, '--out', plan]);
        expectExit(saved, 0);
        const interrupt = async (...args: readonly string[]): Promise<void> => {
          const before = lab.states();
          const changes = lab.changesSent().length;
          const asked = afterRequests(lab, 2, watch);
          const running = lab.start([...args, ...hosts]);
          await asked;
          running.kill('SIGINT');
          const { exitCode, stderr } = await running.ended;
          const told = [args[0], exitCode, stderr];
          expect(told).toEqual([args[0], 130, expect.stringMatching(/interrupted[^]*nothing was changed/)]);
          expect(stderr).not.toContain('unreachable');
          expect([lab.changedSince(before), lab.changesSent().length]).toEqual([[], changes]);
        };
        await interrupt('collect');
        await interrupt('doctor');
        await interrupt('apply', plan, '--dry-run');
        const applied = await lab.run(['apply', plan, ...hosts, '--yes']);
        expectExit(applied, 0);
        const [run = ''] = await lab.runs();
        await interrupt('rollback', run, '--yes');
        expect(await lab.runs()).toEqual([run]);
      },
      {
        delayMs: 100,
        onRequest: () => {
          watch.onRequest();
        },
      },
    );
  });
});

/** Resolves when the first change has reached a server. */
function firstChange(lab: TestLab, watch: { onRequest: () => void }): Promise<void> {
  return new Promise((resolve) => {
    watch.onRequest = () => {
      if (lab.changesSent().length > 0) resolve();
    };
  });
}

test('two applies at once on the same hosts: the second leaves them alone and is told who holds them since when', async () => {
  // The answer to the first change is held back until the second apply has ended.
  const heldMs = 987_654;
  let letGo = (): void => undefined;
  let isHeld = false;
  const clock: LabClock = {
    now: () => new Date().toISOString(),
    elapsedMs: () => performance.now(),
    after(delayMs, run) {
      if (delayMs === heldMs) {
        letGo = run;
        isHeld = true;
        return () => undefined;
      }
      const timer = setTimeout(run, delayMs);
      return () => {
        clearTimeout(timer);
      };
    },
  };
  const delay = { kind: 'delay' as const, delayMs: heldMs };
  const on = { operation: 'command' as const, nth: null, line: 'add excludedportrange', request: null };
  await withLab(
    [{ name: 'ex01', mishaps: [{ on, act: delay, times: 1 }] }],
    async (lab) => {
      const [one, other] = [lab.path('one.plan'), lab.path('other.plan')];
      for (const file of [one, other]) await lab.run(['plan', '-i', lab.inventoryFile, '--out', file]);
      const first = lab.start(['apply', one, '-i', lab.inventoryFile, '--yes', '--json']);
      await expect.poll(() => isHeld, { timeout: 60_000 }).toBe(true);
      const second = await lab.run(['apply', other, '-i', lab.inventoryFile, '--yes', '--json']);
      letGo();
      const { exitCode, stderr } = await first.ended;
      expectExit({ exitCode, stderr }, 0);
      const [run = ''] = await lab.runs();
      const { hosts } = JSON.parse(second.stdout) as { hosts: { verdict: string; detail: string }[] };
      expect([second.exitCode, hosts[0]?.verdict]).toEqual([3, 'locked']);
      expect(hosts[0]?.detail).toMatch(new RegExp(`being changed by run ${run} of .* since \\d{4}-`));
    },
    { clock },
  );
});

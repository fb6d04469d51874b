// `resume --dry-run` of a run that was killed: it says what is left, changes no machine and no journal, and resuming then does just that.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { expectExit } from '../support/expect-exit.ts';
import { withLab } from '../support/lab.ts';
import { afterRequests, sixHosts, sixHostsPlaybook } from './six-hosts.ts';

test('it shows what is left and does none of it', async () => {
  const watch = { onRequest: () => undefined };
  await withLab(
    sixHosts(true),
    async (lab) => {
      const before = lab.states();
      const book = await lab.write('playbook.yml', sixHostsPlaybook);
      const reached = afterRequests(lab, 50, watch);
      const running = lab.start(['apply', '-i', lab.inventoryFile, '-p', book, '--yes']);
      await Promise.race([reached, running.ended]);
      running.kill('SIGKILL');
      expect((await running.ended).signal).toBe('SIGKILL');
      const [run = ''] = await lab.runs();
      const [events, states, sent] = [await lab.events(run), lab.states(), lab.changesSent().length];

      const summary = lab.path('summary.md');
      const env = { GITHUB_STEP_SUMMARY: summary };
      const dry = await lab.run(['resume', run, '-i', lab.inventoryFile, '--dry-run', '--json'], { env });
      expectExit(dry, 0);
      const { hosts } = JSON.parse(dry.stdout) as { hosts: readonly { target: string; state: string }[] };
      const left = hosts.filter(({ state }) => state === 'changes').map(({ target }) => target);
      expect(left.length).toBeGreaterThan(0);
      const told = await readFile(summary, 'utf8');
      for (const host of left) expect(told).toContain(host);
      expect(lab.changedSince(states)).toEqual([]);
      expect(lab.changesSent()).toHaveLength(sent);
      expect(await lab.events(run)).toEqual(events);

      const resumed = await lab.run(['resume', run, '-i', lab.inventoryFile, '--yes']);
      expectExit(resumed, 0);
      expect(lab.changedSince(states)).toEqual(expect.arrayContaining(left));
      expect(lab.changedSince(before)).toHaveLength(6);
    },
    {
      delayMs: 5,
      onRequest: () => {
        watch.onRequest();
      },
    },
  );
});

// Runs that are killed: whatever the moment, the journal accounts for every host, and `rollback` or `resume` brings each machine to
// where it should be. The moments are drawn from a seed.
import { describe, expect, test } from 'vitest';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import { throwDice } from '../chaos/dice.ts';
import { amount, everyNth } from '../support/amount.ts';
import { withLab, type TestLab } from '../support/lab.ts';
import { expectExit } from '../support/expect-exit.ts';
import { afterRequests, sixHosts, sixHostsPlaybook } from './six-hosts.ts';

/** What `runs show --json` says of a run: every host either has a verdict, was in change, or was never started. */
async function accountedFor(lab: TestLab, run: string): Promise<readonly string[]> {
  const { exitCode, stdout } = await lab.run(['runs', 'show', run, '--json']);
  expect(exitCode).toBe(0);
  const { history } = JSON.parse(stdout) as {
    history: {
      started: { hosts: readonly { host: string }[] };
      hosts: readonly { host: string; verdict: unknown }[];
      verdicts: readonly { host: string }[];
    };
  };
  const known = new Set([...history.verdicts, ...history.hosts].map((one) => one.host));
  const all = history.started.hosts.map((one) => one.host);
  for (const host of known) expect(all).toContain(host);
  // A host that the journal says nothing of must be one to which nothing was sent.
  for (const host of all.filter((one) => !known.has(one))) expect([host, lab.changesSent(host)]).toEqual([host, []]);
  return all;
}

describe.each([
  { oneList: true, seed: 20261205 },
  { oneList: false, seed: 9933 },
])('killed at a moment drawn from seed $seed, one list for both families: $oneList', ({ oneList, seed }) => {
  const dice = throwDice(seed);
  // An apply of six hosts takes 13 or more requests each after the survey's 30, so 30..110 lie from the first host to the last.
  const moments = Array.from({ length: 6 }, (_, index) => ({
    requests: 32 + Math.floor(dice.roll() * 75),
    delayMs: Math.floor(dice.roll() * 8),
    way: index % 3 === 2 ? ('resume' as const) : ('rollback' as const),
  }));

  // Of the share one is rolled back and one resumed.
  const share = everyNth(moments.slice(0, 3), 2);
  test.each(amount({ share, ci: moments }))('after $requests requests: $way', async ({ requests, delayMs, way }) => {
    const watch = { onRequest: () => undefined };
    await withLab(
      sixHosts(oneList),
      async (lab) => {
        const before = lab.states();
        const book = await lab.write('playbook.yml', sixHostsPlaybook);
        const reached = afterRequests(lab, requests, watch);
        const running = lab.start(['apply', '-i', lab.inventoryFile, '-p', book, '--yes']);
        await Promise.race([reached, running.ended]);
        running.kill('SIGKILL');
        const { signal, exitCode } = await running.ended;
        expect(signal === 'SIGKILL' || exitCode === 0).toBe(true);

        const [run = ''] = await lab.runs();
        // The survey is 30 requests; whatever comes after them comes after the beginning of the run.
        expect(run).not.toBe('');
        expect(await accountedFor(lab, run)).toHaveLength(6);
        if (way === 'resume') {
          const resumed = await lab.run(['resume', run, '-i', lab.inventoryFile, '--yes']);
          expectExit(resumed, 0);
          expect(lab.changedSince(before)).toHaveLength(6);
        }
        const back = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']);
        expectExit(back, 0);
        expect(lab.changedSince(before), `${back.stdout}\n${lab.differencesSince(before)}`).toEqual([]);
      },
      {
        delayMs,
        onRequest: () => {
          watch.onRequest();
        },
      },
    );
  });
});

test(
  'killed with its own services stopped: rollback and resume both start them again',
  { timeout: 600_000 },
  async () => {
    for (const way of ['rollback', 'resume'] as const) {
      await withLab(
        // The service takes its time to stop, so it is still on its way when the next command asks for it.
        [{ name: 'ex01', imap: 'running', pop: 'running', quirks: { ...usualQuirks, pendingQueries: 2 } }],
        async (lab) => {
          const running = lab.start(['apply', '-i', lab.inventoryFile, '--yes']);
          // The answer is held back, so the process dies while it waits for it.
          await stoppingImap(lab);
          running.kill('SIGKILL');
          await running.ended;
          const [run = ''] = await lab.runs();
          // While the service is on its way the host may be left alone, with the advice to wait and do the same again.
          let last = await lab.run([way, run, '-i', lab.inventoryFile, '--yes']);
          expect(last.stderr).toMatch(
            way === 'resume'
              ? new RegExp(`^run ${run}: took over the lock of this run itself: its earlier process \\d+ on `, 'm')
              : new RegExp(`^ex01: took over the lock of run ${run}, whose process`, 'm'),
          );
          for (let tries = 0; tries < 4 && last.exitCode === 3; tries += 1)
            last = await lab.run([way, run, '-i', lab.inventoryFile, '--yes']);
          expect([way, last.exitCode, last.stdout + last.stderr]).toEqual([way, 0, last.stdout + last.stderr]);
          const { services, exclusions } = lab.fleet.server('ex01').machine;
          const states = ['MSExchangeIMAP4BE', 'MSExchangePOP3BE'].map(
            (name) => services.find((one) => one.name === name)?.state,
          );
          expect([way, states]).toEqual([way, ['running', 'running']]);
          const mine = exclusions.tcp.ipv4.persistent.filter((row) => row.range.firstPort < 50000);
          expect([way, mine.length]).toEqual([way, way === 'rollback' ? 0 : 2]);
        },
        { delayMs: 30 },
      );
    }
  },
);

/** Resolves when the machine's IMAP back end is on its way down. Looks at each turn of the event loop. */
async function stoppingImap(lab: TestLab): Promise<void> {
  const imap = lab.fleet.server('ex01').machine.services.find((one) => one.name === 'MSExchangeIMAP4BE');
  while (imap?.state === 'running') await new Promise((resolve) => setTimeout(resolve, 1));
}

// Runs that end before their end: killed at any moment, interrupted once and twice, and two at once. Whatever happens, the journal
// accounts for every host and `rollback` or `resume` brings each machine to where it should be. The moments are drawn from a seed.
import { describe, expect, test } from 'vitest';
import type { LabClock } from '../../src/lab/lab-clock.ts';
import { usualQuirks } from '../../src/lab/quirks.ts';
import { withLab, type TestLab } from '../support/lab.ts';

const playbook = `name: No canary
hosts: exchange
exclusions:
  - { port: 9933, for: MSExchangeIMAP4BE }
  - { port: 9955, for: MSExchangePOP3BE }
strategy: { canary: 0, batches: [3, 3], concurrency: 3 }
`;

/** A small generator of numbers in 0..1 from a seed (mulberry32, public domain algorithm). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const sixHosts = (oneList: boolean) =>
  ['ex01', 'ex02', 'ex03', 'ex04', 'ex05', 'ex06'].map((name) => ({ name, quirks: { ...usualQuirks, oneList } }));

/** Resolves when the servers have answered so many requests more. */
function afterRequests(lab: TestLab, count: number, watch: { onRequest: () => void }): Promise<void> {
  const goal = lab.requestCount() + count;
  return new Promise((resolve) => {
    watch.onRequest = () => {
      if (lab.requestCount() >= goal) resolve();
    };
  });
}

/** What `runs show --json` says of a run: every host either has a verdict, was in change, or was never begun. */
async function accountedFor(lab: TestLab, run: string): Promise<readonly string[]> {
  const { exitCode, stdout } = await lab.run(['runs', 'show', run, '--json']);
  expect(exitCode).toBe(0);
  const { history } = JSON.parse(stdout) as {
    history: {
      begun: { hosts: readonly { host: string }[] };
      hosts: readonly { host: string; verdict: unknown }[];
      verdicts: readonly { host: string }[];
    };
  };
  const known = new Set([...history.verdicts, ...history.hosts].map((one) => one.host));
  const all = history.begun.hosts.map((one) => one.host);
  for (const host of known) expect(all).toContain(host);
  // A host that the journal says nothing of must be one to which nothing was sent.
  for (const host of all.filter((one) => !known.has(one))) expect([host, lab.changesSent(host)]).toEqual([host, []]);
  return all;
}

describe.each([
  { oneList: true, seed: 20261205 },
  { oneList: false, seed: 9933 },
])('killed at a moment drawn from seed $seed, one list for both families: $oneList', ({ oneList, seed }) => {
  const next = generator(seed);
  // An apply of six hosts takes 13 or more requests each after the survey's 30, so 30..110 lie from the first host to the last.
  const moments = Array.from({ length: 6 }, (_, index) => ({
    requests: 32 + Math.floor(next() * 75),
    delayMs: Math.floor(next() * 8),
    way: index % 3 === 2 ? ('resume' as const) : ('rollback' as const),
  }));

  test.each(moments)('after $requests requests: $way', async ({ requests, delayMs, way }) => {
    const watch = { onRequest: () => undefined };
    await withLab(
      sixHosts(oneList),
      async (lab) => {
        const before = lab.states();
        const book = await lab.write('playbook.yml', playbook);
        const reached = afterRequests(lab, requests, watch);
        const running = lab.start(['apply', '-i', lab.inventoryFile, '-p', book, '--yes']);
        await Promise.race([reached, running.ended]);
        running.kill('SIGKILL');
        const { signal, exitCode } = await running.ended;
        expect(signal === 'SIGKILL' || exitCode === 0).toBe(true);

        const [run = ''] = await lab.runs();
        if (run === '') {
          expect(lab.changedSince(before)).toEqual([]);
          return;
        }
        expect(await accountedFor(lab, run)).toHaveLength(6);
        if (way === 'resume') {
          const resumed = await lab.run(['resume', run, '--yes']);
          expect([resumed.exitCode, resumed.stdout + resumed.stderr]).toEqual([0, resumed.stdout + resumed.stderr]);
          const verified = await lab.run(['verify', '-i', lab.inventoryFile, '-p', book]);
          expect([verified.exitCode, verified.stdout]).toEqual([0, verified.stdout]);
        }
        const back = await lab.run(['rollback', run, '--yes']);
        expect([back.exitCode, back.stdout + back.stderr]).toEqual([0, back.stdout + back.stderr]);
        expect(lab.changedSince(before)).toEqual([]);
        expect((await lab.run(['runs', 'verify', run])).exitCode).toBe(0);
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

test('killed with its own services stopped: rollback and resume both start them again', async () => {
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
        let last = await lab.run([way, run, '--yes']);
        for (let tries = 0; tries < 4 && last.exitCode === 3; tries += 1) last = await lab.run([way, run, '--yes']);
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
});

/** Resolves when the machine's IMAP back end is on its way down. Looks at each turn of the event loop. */
async function stoppingImap(lab: TestLab): Promise<void> {
  const imap = lab.fleet.server('ex01').machine.services.find((one) => one.name === 'MSExchangeIMAP4BE');
  while (imap?.state === 'running') await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('Ctrl-C', () => {
  test('once: hosts in change are finished, nothing new is begun, the journal is ended, exit code 130, resume goes on', async () => {
    const watch = { onRequest: () => undefined };
    await withLab(
      sixHosts(true),
      async (lab) => {
        const book = await lab.write('playbook.yml', playbook);
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
        expect(verdicts).toEqual(new Set(['changed', 'not-reached']));
        const changed = hosts.filter((one) => one.verdict === 'changed').map((one) => one.host);
        expect(lab.changedSince(before).toSorted()).toEqual(changed.toSorted());
        expect((await lab.events(run)).at(-1)?.type).toBe('run-ended');

        const resumed = await lab.run(['resume', run, '--yes', '--json']);
        expect([resumed.exitCode, resumed.stderr]).toEqual([0, resumed.stderr]);
        expect(lab.changedSince(before)).toHaveLength(6);
        const back = await lab.run(['rollback', run, '--yes']);
        expect([back.exitCode, back.stderr]).toEqual([0, back.stderr]);
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
        const book = await lab.write('playbook.yml', playbook);
        const before = lab.states();
        const changing = firstChange(lab, watch);
        const running = lab.start(['apply', '-i', lab.inventoryFile, '-p', book, '--yes']);
        await changing;
        running.kill('SIGINT');
        await running.until(/Interrupted/);
        const begunMs = performance.now();
        running.kill('SIGINT');
        const { exitCode, stdout, stderr } = await running.ended;
        expect(performance.now() - begunMs).toBeLessThan(5000);
        expect(exitCode).toBe(130);
        expect(stderr).toContain('Stopping at once');
        expect(stdout).toMatch(/IN DOUBT/);
        const [run = ''] = await lab.runs();
        const named = (await lab.events(run)).filter((one) => one.type === 'host-ended' && one.verdict === 'in-doubt');
        expect(named.length).toBeGreaterThan(0);
        for (const one of named) if (one.type === 'host-ended') expect(stdout).toContain(one.host);
        const back = await lab.run(['rollback', run, '--yes']);
        expect([back.exitCode, back.stdout + back.stderr]).toEqual([0, back.stdout + back.stderr]);
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
        const asked = afterRequests(lab, 2, watch);
        const running = lab.start(['collect', '-i', lab.inventoryFile]);
        await asked;
        running.kill('SIGINT');
        const { exitCode, stderr } = await running.ended;
        expect([exitCode, stderr]).toEqual([130, expect.stringContaining('nothing was changed')]);
      },
      {
        delayMs: 300,
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
      const first = lab.start(['apply', one, '--yes', '--json']);
      await expect.poll(() => isHeld, { timeout: 20_000 }).toBe(true);
      const second = await lab.run(['apply', other, '--yes', '--json']);
      letGo();
      const { exitCode, stderr } = await first.ended;
      expect([exitCode, stderr]).toEqual([0, stderr]);
      const [run = ''] = await lab.runs();
      const { hosts } = JSON.parse(second.stdout) as { hosts: { verdict: string; detail: string }[] };
      expect([second.exitCode, hosts[0]?.verdict]).toEqual([3, 'locked']);
      expect(hosts[0]?.detail).toMatch(new RegExp(`in change by run ${run} of .* since \\d{4}-`));
    },
    { clock },
  );
});

// A run that loses its terminal, or the reader of its output, in the middle of a change: it ends in order (promise 11). Real pipes, real
// signals, a real pseudo terminal; asserted on the servers.
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { amount, everyNth } from '../support/amount.ts';
import { mainScript } from '../support/cli.ts';
import { withLab, type Differences, type TestLab } from '../support/lab.ts';
import { sixHostsPlaybook } from './six-hosts.ts';

/** All with a service that is stopped for the change: in the middle of one, each is down. */
const sixDown: readonly Differences[] = ['ex01', 'ex02', 'ex03', 'ex04', 'ex05', 'ex06'].map((name) => ({
  name,
  imap: 'running',
}));

/** Opens the lab and calls `body` with a promise of the first change that reaches a server. */
async function whileChanging(
  body: (lab: TestLab, changing: Promise<void>, args: readonly string[]) => Promise<void>,
): Promise<void> {
  let seen = (): void => undefined;
  const changing = new Promise<void>((resolve) => {
    seen = resolve;
  });
  let isChanging = (): boolean => false;
  await withLab(
    sixDown,
    async (lab) => {
      isChanging = () => lab.changesSent().length > 0;
      const book = await lab.write('playbook.yml', `${sixHostsPlaybook}when_held: { by_own_service: restart }\n`);
      await body(lab, changing, ['apply', '-i', lab.inventoryFile, '-p', book, '--yes']);
    },
    {
      delayMs: 30,
      onRequest: () => {
        if (isChanging()) seen();
      },
    },
  );
}

/** The first batch is finished, the second never started, no service is down, and the journal says just that. */
async function expectOrderlyEnd(lab: TestLab, before: Readonly<Record<string, unknown>>): Promise<void> {
  const [run = ''] = await lab.runs();
  const events = await lab.events(run);
  expect(events.at(-1)?.type).toBe('run-finished');
  const ended = events.flatMap((one) => (one.type === 'host-finished' ? [[one.host, one.verdict] as const] : []));
  expect(ended).toHaveLength(6);
  expect(new Set(ended.map(([, verdict]) => verdict))).toEqual(new Set(['changed', 'skipped']));
  const changed = ended.flatMap(([host, verdict]) => (verdict === 'changed' ? [host] : []));
  expect(lab.changedSince(before).toSorted()).toEqual(changed.toSorted());
  const down = lab.fleet.servers.filter(({ machine }) => {
    const imap = machine.services.find((one) => one.name === 'MSExchangeIMAP4BE');
    return !['running', 'start-pending'].includes(imap?.state ?? '');
  });
  expect(down.map((one) => one.name)).toEqual([]);
}

/** Waits for a number that another process writes into a file. */
async function numberIn(file: string): Promise<number> {
  let text = '';
  await expect
    .poll(async () => (text = await readFile(file, 'utf8').catch(() => '')), { timeout: 60_000 })
    .toMatch(/^\d+\s*$/);
  return Number(text);
}

describe('in the middle of a change', () => {
  const cases = [
    { signals: ['SIGHUP'] as const },
    { signals: ['SIGHUP', 'SIGHUP', 'SIGHUP'] as const },
    { signals: ['SIGINT', 'SIGHUP'] as const },
    { signals: ['SIGHUP', 'SIGINT'] as const },
  ];
  test.each(amount({ share: everyNth(cases, 2), ci: cases }))(
    '$signals: counts as one interrupt, exit code 130, nothing is left down',
    async ({ signals }) => {
      await whileChanging(async (lab, changing, args) => {
        const before = lab.states();
        const running = lab.start(args);
        await changing;
        for (const signal of signals) running.kill(signal);
        const { exitCode, signal, stderr } = await running.ended;
        expect([exitCode, signal, stderr]).toEqual([130, null, expect.stringContaining('Interrupted')]);
        expect(stderr).not.toContain('Stopping immediately');
        await expectOrderlyEnd(lab, before);
      });
    },
  );

  test('`2>&1 | tee` dies of the same Ctrl-C: the run ends in order without a reader, exit code 130', async () => {
    await whileChanging(async (lab, changing, args) => {
      const before = lab.states();
      const [code, fencepost, tee] = [lab.path('code'), lab.path('fencepost.pid'), lab.path('tee.pid')];
      const own = `sh -c 'echo $$ >"$0"; exec "$@"' "${fencepost}" "$@" 2>&1`;
      const shell = `{ ${own}; echo $? >"${code}"; } | sh -c 'echo $$ >"${tee}"; exec cat >/dev/null'`;
      const running = lab.start(args, { shell });
      await changing;
      process.kill(await numberIn(tee), 'SIGINT');
      process.kill(await numberIn(fencepost), 'SIGINT');
      await running.ended;
      expect(await numberIn(code)).toBe(130);
      await expectOrderlyEnd(lab, before);
    });
  });

  test.runIf(hasScript())(
    'the ssh session drops: the terminal is gone and SIGHUP comes, the run ends in order',
    async () => {
      await whileChanging(async (lab, changing, args) => {
        const before = lab.states();
        const [code, pid] = [lab.path('code'), lab.path('script.pid')];
        // `script` gives a pseudo terminal; killed, it takes the terminal away as sshd does. The shell in it tells its job, as bash does.
        const words = [process.execPath, mainScript, ...args].map((word) => `'${word}'`).join(' ');
        const waiting = 'wait $job; code=$?; while kill -0 $job 2>/dev/null; do wait $job; code=$?; done';
        const inner = `${words} & job=$!; trap 'kill -HUP $job' HUP; ${waiting}; echo $code >'${code}'\n`;
        const file = await lab.write('inner.sh', inner);
        const shell = `echo $$ >"${pid}"; exec script -qfec "sh ${file}" /dev/null`;
        const running = lab.start(args, { shell, env: { TERM: 'xterm' } });
        await changing;
        expect(running.printed()).toMatch(/busy|batch/);
        process.kill(await numberIn(pid), 'SIGKILL');
        expect(await numberIn(code)).toBe(130);
        await expectOrderlyEnd(lab, before);
      });
    },
  );
});

test('SIGHUP while hosts are only asked: it stops at once, nothing was changed, exit code 130', async () => {
  await withLab(
    [{ name: 'ex01' }],
    async (lab) => {
      const running = lab.start(['apply', '-i', lab.inventoryFile, '--yes', '--trace']);
      await running.until(/trace ex01 #1/);
      running.kill('SIGHUP');
      const { exitCode, stderr } = await running.ended;
      expect([exitCode, stderr]).toEqual([130, expect.stringContaining('nothing was changed')]);
      expect(lab.changesSent()).toEqual([]);
    },
    { delayMs: 300 },
  );
});

function hasScript(): boolean {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch {
    return false;
  }
}

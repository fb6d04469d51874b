// No listener, log, pipe or full disk can change a verdict or an exit code (promise 11): the command as a process of its own with broken
// streams, real pipes and /dev/full, and what the servers are really like afterwards.
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import type { Verdict } from '../../src/model/outcome.ts';
import { amount, everyNth } from '../support/amount.ts';
import { withLab, type Differences, type TestLab } from '../support/lab.ts';
import { expectExit } from '../support/expect-exit.ts';

const playbook = `name: All at once
hosts: exchange
exclusions:
  - { port: 9933, for: MSExchangeIMAP4BE }
  - { port: 9955, for: MSExchangePOP3BE }
when_held: { by_own_service: restart, by_other: block }
strategy: { canary: 0, batches: [100%], concurrency: 30, max_failed: 100% }
`;

const names = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `ex${String(index + 1).padStart(2, '0')}`);

/** One host whose service is restarted, one plain, three that refuse and are undone. */
const fiveHosts: readonly Differences[] = [
  { name: 'ex01', imap: 'running' },
  { name: 'ex02' },
  ...['ex03', 'ex04', 'ex05'].map((name) => ({
    name,
    quirks: { ...usualQuirks, oneList: false, refuseAdd: 'ipv6' as const },
  })),
];
const fiveVerdicts: Readonly<Record<string, Verdict>> = {
  ex01: 'changed',
  ex02: 'changed',
  ex03: 'failed-rolled-back',
  ex04: 'failed-rolled-back',
  ex05: 'failed-rolled-back',
};

interface Ending {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Applies to the fleet with its streams as the shell line has them; `"$@"` is the command. `CODE` in it: where its exit code goes. */
async function applyUnder(lab: TestLab, shell: string, ...args: readonly string[]): Promise<Ending> {
  const book = await lab.write('playbook.yml', playbook);
  const code = lab.path('code');
  const given = ['apply', '-i', lab.inventoryFile, '-p', book, '--yes', ...args];
  const line = shell.replaceAll('CODE', `"${code}"`).replaceAll('FIFO', `"${lab.path('fifo')}"`);
  const result = await lab.run(given, { shell: line });
  if (!shell.includes('CODE')) return result;
  return { ...result, exitCode: Number(await readFile(code, 'utf8')) };
}

/** The journal's last word on every host: exactly one each. */
async function verdictsOf(lab: TestLab): Promise<Readonly<Record<string, Verdict>>> {
  const runs = await lab.runs();
  expect(runs).toHaveLength(1);
  const events = await lab.events(runs[0] ?? '');
  expect(events.at(-1)?.type).toBe('run-finished');
  const ended = events.flatMap((one) => (one.type === 'host-finished' ? [[one.host, one.verdict] as const] : []));
  expect(new Set(ended.map(([host]) => host)).size).toBe(ended.length);
  return Object.fromEntries(ended);
}

/** What the servers are like: both ports reserved or as before, and no service that ran is down. */
function expectServers(lab: TestLab, before: Readonly<Record<string, unknown>>, changed: readonly string[]): void {
  expect(lab.changedSince(before).toSorted()).toEqual(changed.toSorted());
  const down = lab.fleet.servers.flatMap(({ name, spec, machine }) => {
    const imap = machine.services.find((one) => one.name === 'MSExchangeIMAP4BE');
    return spec.imap === 'running' && !['running', 'start-pending'].includes(imap?.state ?? '') ? [name] : [];
  });
  expect(down).toEqual([]);
}

const unread = 'mkfifo FIFO; exec 3<>FIFO; ';

describe('an apply with three hosts that fail ends with 3 and with true verdicts, with', () => {
  const cases: readonly { what: string; shell: string; args: readonly string[]; says?: RegExp }[] = [
    { what: 'stdout into `head -1`', shell: '{ "$@"; echo $? >CODE; } | head -1', args: [] },
    { what: 'a reader of stdout that is gone at once', shell: '{ "$@"; echo $? >CODE; } | true', args: ['--json'] },
    { what: 'stdout on a full disk', shell: 'exec "$@" >/dev/full', args: [], says: /warning:.*stdout[^]*ENOSPC/ },
    { what: 'stderr on a full disk', shell: 'exec "$@" 2>/dev/full', args: [] },
    { what: 'both on a full disk', shell: 'exec "$@" >/dev/full 2>&1', args: [] },
    { what: 'both into a reader that is gone', shell: '{ "$@" 2>&1; echo $? >CODE; } | true', args: ['--trace'] },
    {
      what: '--events on a full disk',
      shell: 'exec "$@"',
      args: ['--events', '/dev/full'],
      says: /warning: --events \/dev\/full failed:[^]*ENOSPC/,
    },
    {
      what: '--events - into `head -1`',
      shell: '{ "$@"; echo $? >CODE; } | head -1',
      args: ['--events', '-'],
      says: /warning: --events - failed:[^]*EPIPE/,
    },
    {
      what: '--log-file on a full disk',
      shell: 'exec "$@"',
      args: ['--log-file', '/dev/full', '--log-level', 'trace'],
      says: /warning: --log-file \/dev\/full failed:[^]*ENOSPC/,
    },
    { what: '--log-file - on a full disk', shell: 'exec "$@" 2>/dev/full', args: ['--log-file', '-'] },
    {
      what: 'stderr into a pipe nobody reads',
      shell: `${unread}exec "$@" 2>FIFO`,
      args: ['--log-file', '-', '--trace'],
    },
  ];
  test.each(amount({ share: everyNth(cases, 2), ci: cases }))('$what', async ({ shell, args, says }) => {
    await withLab(fiveHosts, async (lab) => {
      const before = lab.states();
      const { exitCode, stderr } = await applyUnder(lab, shell, ...args);
      expectExit({ exitCode, stderr }, 3);
      if (says !== undefined) expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(says);
      if (says !== undefined) expect(stderr.match(/continues without/g)?.length ?? 0).toBeLessThanOrEqual(1);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(await verdictsOf(lab)).toEqual(fiveVerdicts);
      expectServers(lab, before, ['ex01', 'ex02']);
    });
  });

  test('a CI summary that can not be written', async () => {
    await withLab(fiveHosts, async (lab) => {
      const before = lab.states();
      const book = await lab.write('playbook.yml', playbook);
      const env = { GITHUB_STEP_SUMMARY: '/dev/full', GITHUB_ACTIONS: 'true' };
      const { exitCode, stderr } = await lab.run(['apply', '-i', lab.inventoryFile, '-p', book, '--yes'], { env });
      expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/warning: could not write the CI summary/)]);
      expect(await verdictsOf(lab)).toEqual(fiveVerdicts);
      expectServers(lab, before, ['ex01', 'ex02']);
    });
  });
});

describe('--events with thirty hosts', () => {
  const thirty: readonly Differences[] = names(30).map((name, index) =>
    index % 5 === 0 ? { name, imap: 'running' } : { name },
  );

  const spellings = [{ args: ['--events=-'] }, { args: ['--events', '-'] }];
  test.each(amount({ share: everyNth(spellings, 2), ci: spellings }))(
    '$args into a slow reader: every event, in order',
    async ({ args }) => {
      await withLab(thirty, async (lab) => {
        const before = lab.states();
        const { exitCode, stdout } = await applyUnder(lab, '{ "$@"; echo $? >CODE; } | { sleep 2; cat; }', ...args);
        expect(exitCode).toBe(0);
        const seen = stdout
          .trimEnd()
          .split('\n')
          .map((line) => (JSON.parse(line) as { type: string; at: string }).type);
        const [run = ''] = await lab.runs();
        expect(seen).toEqual((await lab.events(run)).map((one) => one.type));
        expectServers(lab, before, names(30));
      });
    },
  );

  test('into a pipe that nobody reads: the run ends in order, says that it gave up, exit code 0', async () => {
    await withLab(thirty, async (lab) => {
      const before = lab.states();
      const { exitCode, stderr } = await applyUnder(lab, `${unread}exec "$@" >FIFO`, '--events=-');
      expect([exitCode, stderr.replaceAll(/\s+/g, ' ')]).toEqual([
        0,
        expect.stringMatching(/--events - failed: its reader read nothing/),
      ]);
      expect(new Set(Object.values(await verdictsOf(lab)))).toEqual(new Set(['changed']));
      expectServers(lab, before, names(30));
    });
  });

  test('to a named pipe that nobody reads: refused before anything is asked', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      const { exitCode, stderr } = await applyUnder(lab, 'mkfifo FIFO; exec "$@"', '--events', lab.path('fifo'));
      expect([exitCode, stderr.replaceAll(/\s+/g, ' ')]).toEqual([
        1,
        expect.stringMatching(/named pipe without a reader/),
      ]);
      expect(lab.requestCount()).toBe(0);
    });
  });
});

describe('a command that changes nothing', () => {
  test('fails in words of its own when its results can not be written', async () => {
    await withLab([{ name: 'ex01' }], async (lab) => {
      for (const command of ['plan', 'collect', 'verify', 'inventory']) {
        const { exitCode, stderr } = await lab.run([command, '-i', lab.inventoryFile], {
          shell: 'exec "$@" >/dev/full',
        });
        expect([command, exitCode, stderr]).toEqual([command, 1, expect.stringMatching(/\[output\/unwritable\]/)]);
      }
    });
  });

  test('keeps its own exit code when its reader has seen enough', async () => {
    await withLab([{ name: 'ex01' }, { name: 'ex02', reachable: false }], async (lab) => {
      const shell = `{ "$@"; echo $? >"${lab.path('code')}"; } | true`;
      const { stderr } = await lab.run(['collect', '-i', lab.inventoryFile], { shell });
      expect([await readFile(lab.path('code'), 'utf8'), stderr]).toEqual(['3\n', '']);
    });
  });
});

// `show PLAN`: what is signed off is what apply sends, to where and as whom it says; and the few lines before apply's question.
import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, type TestLab } from '../support/lab.ts';
import { withPlainNames } from '../support/plain-names.ts';

let lab: TestLab;
let file: string;
let digest: string;

interface Shown {
  readonly digest: string;
  readonly shortDigest: string;
  readonly counts: object;
  readonly outages: readonly object[];
  readonly hosts: readonly {
    readonly host: string;
    readonly steps: readonly { readonly commands: readonly string[]; readonly undo: readonly string[] }[];
  }[];
}

beforeAll(async () => {
  lab = await openLab([{ name: 'ex01' }, { name: 'ex02', imap: 'running' }, { name: 'down', reachable: false }]);
  file = lab.path('tonight.plan');
  expect((await lab.run(['plan', '-i', lab.inventoryFile, '--out', file])).exitCode).toBe(3);
  ({ digest } = JSON.parse(await readFile(file, 'utf8')) as { digest: string });
});

afterAll(async () => {
  await lab.close();
});

test('the text has address, account, method, every command with its inverse, and outages, and asks no host', async () => {
  const asked = lab.requestCount();
  const { exitCode, stdout } = await lab.run(['show', file]);
  expect(exitCode).toBe(0);
  expect(lab.requestCount()).toBe(asked);
  expect(stdout).toMatch(new RegExp(`^Plan ${digest.slice(0, 12)}: `));
  expect(stdout).toContain(`  digest      ${digest}\n`);
  expect(stdout).toMatch(/^ {2}changes {3}2 of 3 hosts: 8 exclusions to add \(each address family counts\)$/m);
  expect(stdout).toMatch(/^ {2}restarts {2}MSExchangeIMAP4BE on 1 host, about 20 s \(assumed\)$/m);
  expect(stdout).toMatch(/^Stops MSExchangeIMAP4BE on 1 host, on each for at most 10 min,/m);
  const { port } = lab.fleet.server('ex02');
  expect(stdout).toContain(
    `ex02: to change\n  address  http://127.0.0.1:${port}/wsman\n  account  LAB\\operator\n  method   ntlm (password)\n`,
  );
  expect(stdout).toMatch(/sends {5}sc stop MSExchangeIMAP4BE\n {7}undo {6}sc start MSExchangeIMAP4BE\n/);
  expect(stdout).toMatch(/sends .*add excludedportrange .*\n {7}if needed .*add excl.*\n {7}undo .*delete excl.*\n/);
  expect(stdout).toMatch(/^down: unreachable\n/m);
  // Of hosts that are not reached today too: a resumed run acts on it.
  expect(stdout).toContain('  desired     tcp 9933 on ipv4 and ipv6, reserved for MSExchangeIMAP4BE\n');
});

test('the page and the JSON document say the same, and files are for their owner alone', async () => {
  const page = lab.path('tonight.html');
  expect((await lab.run(['show', file, '--out', page])).exitCode).toBe(0);
  expect((await stat(page)).mode & 0o777).toBe(0o600);
  const html = await readFile(page, 'utf8');
  const shown = JSON.parse((await lab.run(['show', file, '--format', 'json'])).stdout) as Shown;
  expect(shown).toMatchObject({ digest, shortDigest: digest.slice(0, 12) });
  expect(shown.counts).toEqual({ hosts: 3, changing: 2, exclusions: 8, dynamicRanges: 0 });
  expect(shown.outages).toEqual([{ service: 'MSExchangeIMAP4BE', hostCount: 1, atMostMs: 600_000 }]);
  for (const { steps } of shown.hosts) {
    for (const line of steps.flatMap((one) => [...one.commands, ...one.undo]))
      expect(html).toContain(`<code>${line}</code>`);
  }
  expect(html).not.toContain('<script');
});

test('a forged plan is not shown', async () => {
  const forged = await lab.write(
    'forged.plan',
    (await readFile(file, 'utf8')).replace('"firstPort":9933', '"firstPort":25'),
  );
  const { exitCode, stdout, stderr } = await lab.run(['show', forged]);
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toContain('[plan/damaged]');
});

test('apply says the digest, the counts and the outages, and sends nothing that was not shown', async () => {
  const shown = JSON.parse((await lab.run(['show', file, '--json'])).stdout) as Shown;
  const { exitCode, stderr } = await lab.run(['apply', file, '-i', lab.inventoryFile, '--yes']);
  expect(exitCode).toBe(3);
  expect(stderr).toContain(
    `Plan ${digest.slice(0, 12)}\n  changes   2 of 3 hosts: 8 exclusions to add (each address family counts)\n`,
  );
  expect(stderr).toContain(
    '  skips     1 unreachable (connect/refused)\n  restarts  MSExchangeIMAP4BE on 1 host, about',
  );
  expect(stderr).toContain('\nStops MSExchangeIMAP4BE on 1 host, on each for at most 10 min,');
  const lines = new Set(shown.hosts.flatMap(({ steps }) => steps.flatMap((one) => one.commands)).map(withPlainNames));
  for (const sent of lab.changesSent()) expect([...lines].some((line) => sent.includes(line))).toBe(true);
  expect(lab.changesSent().length).toBeGreaterThan(3);
});

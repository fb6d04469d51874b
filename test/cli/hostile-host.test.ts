// Hosts that answer hostilely, by whole commands: what they say is shown and obeyed by nothing, and a fault of a megabyte stays short.
import { readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { longestQuote } from '../../src/model/text/cut-text.ts';
import type { HolderSpec } from '../../src/lab/scenario/server-spec.ts';
import { obeyed } from '../support/hostile-text.ts';
import { withLab } from '../support/lab.ts';

const image = '\u001b]52;c;ZXZpbA==\u0007##[add-mask]x##vso[task.complete]\u001b[2K.exe';
// XML knows no ESC.
const faultText = `gone \u009b2J\u202e\n::stop-commands::t\n::error::x ##[error]y section_start:1:a ${'x'.repeat(1_000_000)}`;

const holder: HolderSpec = {
  port: 9955,
  protocol: 'tcp',
  image,
  services: ['Dnscache\u001b[31m'],
  families: ['ipv4', 'ipv6'],
  state: 'LISTENING',
};
const servers = [
  { name: 'ex01' },
  { name: 'ex02', holders: [holder] },
  {
    name: 'ex03',
    mishaps: [
      {
        on: { operation: 'command', nth: null, line: null, request: null },
        act: { kind: 'fault', code: 1234, text: faultText },
        times: 100,
      },
    ],
  },
] as const;

const inActions = { GITHUB_ACTIONS: 'true', FORCE_COLOR: '1' };

test('whatever hosts say, no command prints anything that a terminal or a runner obeys', async () => {
  await withLab(servers, async (lab) => {
    const file = lab.path('tonight.plan');
    const summary = lab.path('summary.md');
    const inventory = ['-i', lab.inventoryFile];
    const env = { ...inActions, GITHUB_STEP_SUMMARY: summary };
    for (const args of [
      ['collect', ...inventory],
      ['collect', ...inventory, '--json'],
      ['doctor', ...inventory],
      ['plan', ...inventory, '--out', file],
      ['plan', ...inventory, '--json'],
      ['verify', ...inventory, '--junit', lab.path('verify.xml')],
      ['report', file],
      ['report', file, '--format', 'markdown'],
      ['apply', ...inventory, '--yes', '--events', lab.path('events')],
    ]) {
      const { stdout, stderr } = await lab.run(args, { env });
      // Annotations are Fencepost's own.
      const said = stderr.replaceAll(/^::(?:error|warning) /gm, '');
      expect([args[0], obeyed(stdout, true), obeyed(said, true)]).toEqual([args[0], [], []]);
      expect(stdout.length + stderr.length).toBeLessThan(200_000);
    }
    const [run = ''] = await lab.runs();
    const { stdout } = await lab.run(['runs', 'show', run], { env });
    expect(obeyed(stdout, true)).toEqual([]);
    for (const name of [summary, lab.path('verify.xml'), lab.path('events')]) {
      expect([name, obeyed(await readFile(name, 'utf8'))]).toEqual([name, []]);
    }
    for (const name of [file, summary, lab.path('verify.xml'), lab.path('events')]) {
      expect((await stat(name)).size).toBeLessThan(200_000);
    }
    const { hosts } = (JSON.parse(await readFile(file, 'utf8')) as { plan: { hosts: Host[] } }).plan;
    const quoted = hosts.find((one) => one.target === 'ex03')?.failure?.message ?? '';
    expect(quoted).toContain('gone \u009b2J');
    expect(quoted).toContain('more characters)');
    expect(quoted.length).toBeLessThan(longestQuote + 200);
  });
});

interface Host {
  readonly target: string;
  readonly failure: { readonly message: string } | null;
}

test('what was said is still there to be read', async () => {
  await withLab(servers, async (lab) => {
    const { stdout } = await lab.run(['plan', '-i', lab.inventoryFile]);
    expect(stdout).toContain('\\u001b]52;c;ZXZpbA==\\u0007#\\u0023[add-mask]x');
    expect(stdout).toMatch(/it said: gone \\u009b2J\\u202e/);
  });
});

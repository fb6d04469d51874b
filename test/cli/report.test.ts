// `report` on what other commands left behind, in every format; and what verify, plan and apply tell a CI system beside their output.
import { readFile, writeFile } from 'node:fs/promises';
import { SaxesParser } from 'saxes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CodeQualityIssue } from '../../src/report/ci/code-quality.ts';
import type { FleetView } from '../../src/report/view/fleet-view.ts';
import { setHeadBehind } from '../support/head-behind.ts';
import { openLab, reserved, type TestLab } from '../support/lab.ts';

let lab: TestLab;
let inventory: readonly string[];
let run: string;

beforeAll(async () => {
  lab = await openLab([
    { name: 'bare-en' },
    { name: 'bare-ja', language: 'ja', windows: '2022' },
    { name: 'done', exclusions: [reserved(9933), reserved(9955)] },
    { name: 'old', windows: '2008r2', exchange: '2013', hotfix: false },
    { name: 'down', reachable: false },
  ]);
  inventory = ['-i', lab.inventoryFile];
  await lab.run(['collect', ...inventory, '--out', lab.path('night.json')]);
  await lab.run(['plan', ...inventory, '--out', lab.path('tonight.plan')]);
  await lab.run(['apply', lab.path('tonight.plan'), '-i', lab.inventoryFile, '--yes']);
  [run = ''] = await lab.runs();
  // Three commands one after the other: on a busy machine more than a hook's usual ten seconds.
});

afterAll(async () => {
  await lab.close();
});

function viewIn(stdout: string): FleetView & { readonly schema: string; readonly version: number } {
  return JSON.parse(stdout) as FleetView & { schema: string; version: number };
}

function isXml(text: string): boolean {
  const parser = new SaxesParser();
  let isGood = true;
  parser.on('error', () => {
    isGood = false;
  });
  parser.write(text).close();
  return isGood;
}

/** The line of the inventory that names a host. */
async function lineOf(host: string): Promise<number> {
  const lines = (await readFile(lab.inventoryFile, 'utf8')).split('\n');
  return lines.findIndex((line) => line.trim().startsWith(`${host}:`)) + 1;
}

describe('the subject is told by what it is', () => {
  test.each([
    ['a run', () => run, 'apply', { changed: 2, unchanged: 1, blocked: 1, unreachable: 1 }],
    ['a plan', () => lab.path('tonight.plan'), 'plan', { changes: 2, ok: 1, blocked: 1, unreachable: 1 }],
    ['a snapshot', () => lab.path('night.json'), 'snapshot', { collected: 4, unreachable: 1 }],
  ] as const)('%s', async (_, subject, kind, counts) => {
    const { exitCode, stdout } = await lab.run(['report', subject(), '--json']);
    const view = viewIn(stdout);
    expect([exitCode, view.schema, view.version, view.kind]).toEqual([0, 'fencepost/report', 1, kind]);
    for (const [standing, count] of Object.entries(counts)) {
      expect(view.hosts.filter((one) => one.standing === standing)).toHaveLength(count);
    }
  });

  test('a snapshot shows the ports of the playbook that is named', async () => {
    const args = ['report', lab.path('night.json'), '-p', 'playbooks/exchange-backend-ports.yml', '--json'];
    const done = viewIn((await lab.run(args)).stdout).hosts.find((one) => one.host === 'done');
    expect(new Set(done?.ports?.checks.map((one) => one.before))).toEqual(new Set(['reserved']));
  });

  test.each([
    ['no-such-run', /no-such-run: no such file, and no such run in /, /run\/unknown/],
    ['package.json', /package\.json: neither a plan nor a snapshot/, /usage\/invalid/],
  ])('%s is refused in words', async (subject, sentence, code) => {
    const { exitCode, stderr } = await lab.run(['report', subject]);
    expect(exitCode).toBe(1);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(sentence);
    expect(stderr).toMatch(code);
    expect(stderr).toMatch(/fix:/);
  });

  test('a plan that was edited is refused', async () => {
    const text = await readFile(lab.path('tonight.plan'), 'utf8');
    const file = await lab.write('edited.plan', text.replace('9955', '9956'));
    const { exitCode, stderr } = await lab.run(['report', file]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('plan/damaged')]);
  });
});

describe('formats', () => {
  test('the ending of the file chooses, --format overrules, stdout is a page', async () => {
    const beginnings = [
      ['out.xml', [], /^<\?xml /],
      ['out.md', [], /^## Reserve the Exchange back-end ports/],
      ['out.json', [], /^\{\s*"schema": "fencepost\/report"/],
      ['out.html', [], /^<!doctype html>/],
      ['quality.json', ['--format', 'gitlab-codequality'], /^\[/],
    ] as const;
    for (const [name, args, beginning] of beginnings) {
      const { exitCode, stdout } = await lab.run(['report', run, '--out', lab.path(name), ...args]);
      expect([exitCode, stdout]).toEqual([0, '']);
      expect(await readFile(lab.path(name), 'utf8')).toMatch(beginning);
    }
    expect((await lab.run(['report', run])).stdout).toMatch(/^<!doctype html>/);
    expect(isXml(await readFile(lab.path('out.xml'), 'utf8'))).toBe(true);
  });

  test('the page of a run holds what was sent and answered, in the host’s own language', async () => {
    const page = (await lab.run(['report', run])).stdout;
    expect(page).toContain('netsh interface ipv4 add excludedportrange protocol=tcp startport=9933');
    expect(page).toContain('exit code 0, printed');
    expect(page).not.toContain(lab.password);
  });

  test('with an inventory, groups and lines are known', async () => {
    const { stdout } = await lab.run(['report', run, ...inventory, '-f', 'gitlab-codequality']);
    const issues = JSON.parse(stdout) as readonly CodeQualityIssue[];
    const old = issues.find((one) => one.description.startsWith('old: '));
    expect(old?.location.lines.begin).toBe(await lineOf('old'));
    const view = viewIn((await lab.run(['report', run, ...inventory, '--json'])).stdout);
    expect(view.hosts[0]?.groups).toContain('exchange');
  });

  test('a report is made anew over the old one, but never over what it reports on', async () => {
    const file = await lab.write('again.html', 'old');
    await lab.run(['report', run, '-o', file]);
    expect(await readFile(file, 'utf8')).toMatch(/^<!doctype/);
    const plan = lab.path('tonight.plan');
    const before = await readFile(plan, 'utf8');
    const { exitCode, stderr } = await lab.run(['report', plan, '-o', plan]);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/--out names the file that is\s+reported on/)]);
    expect(await readFile(plan, 'utf8')).toBe(before);
  });

  test('--json beside another format is refused', async () => {
    const { exitCode, stdout, stderr } = await lab.run(['report', run, '--json', '--format', 'junit']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'fencepost/error', error: { code: 'usage/invalid' } });
    expect(stderr).toMatch(/--json and --format junit contradict each other/);
  });

  test('a place that can not be written is said', async () => {
    const { exitCode, stderr } = await lab.run(['report', run, '-o', lab.path('nowhere/report.html')]);
    expect([exitCode, stderr.replaceAll(/\s+/g, ' ')]).toEqual([
      1,
      expect.stringMatching(/can't be written \(ENOENT\)/),
    ]);
  });
});

test('a journal that was cut short: the report tells what is known and that the run has not ended', async () => {
  const journal = lab.path(`state/runs/${run}/journal.ndjson`);
  const whole = await readFile(journal, 'utf8');
  const lines = whole.split('\n');
  const last = lines.findIndex((line) => line.includes('"type":"command-planned"'));
  try {
    await writeFile(journal, `${lines.slice(0, last + 1).join('\n')}\n`);
    // As the process left it when it died there: a journal that was cut later is damaged.
    setHeadBehind(journal);
    const view = viewIn((await lab.run(['report', run, '--json'])).stdout);
    expect(view.hosts).toHaveLength(5);
    expect(view.hosts.filter((one) => one.standing === 'in-change')).toHaveLength(1);
    expect(view.alerts[0]).toMatch(/^The run has not finished while bare-\w+ was being changed/);
    await writeFile(journal, whole.replace('"type":"command-finished"', '"type":"command-answerEd"'));
    const damaged = viewIn((await lab.run(['report', run, '--json'])).stdout);
    expect(damaged.alerts[0]).toMatch(/^The journal is damaged in line \d+/);
  } finally {
    await writeFile(journal, whole);
  }
});

describe('in CI', () => {
  test('verify writes JUnit, a summary, and annotations at the lines of the inventory; stdout stays one document', async () => {
    const summary = await lab.write('verify-summary.md', '');
    const { exitCode, stdout, stderr } = await lab.run(
      ['verify', ...inventory, '--json', '--junit', lab.path('verify.xml')],
      { env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, GITHUB_WORKSPACE: lab.folder } },
    );
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'fencepost/verify' });
    const line = await lineOf('old');
    expect(stderr).toMatch(new RegExp(`^::error file=inventory\\.yml,line=${String(line)},col=\\d+,title=old`, 'm'));
    expect(await readFile(summary, 'utf8')).toMatch(/^## Reserve[^]*\| old \| blocked \|/);
    const junit = await readFile(lab.path('verify.xml'), 'utf8');
    expect(isXml(junit)).toBe(true);
    expect(junit).toMatch(/<testsuites name="fencepost verify" tests="5" failures="1" errors="1">/);
  });

  test('apply tells of its run, and adds to what the step has written already', async () => {
    const summary = await lab.write('apply-summary.md', 'earlier\n');
    const back = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']);
    expect(back.exitCode).toBe(0);
    const { stderr } = await lab.run(['apply', ...inventory, '-l', 'bare-en', '--yes'], {
      env: { GITHUB_STEP_SUMMARY: summary },
    });
    expect(stderr).not.toMatch(/^::/m);
    expect(await readFile(summary, 'utf8')).toMatch(/^earlier\n\n## Reserve[^]*\*\*1\*\* changed and verified/);
  });

  test('a plan that is gone through without a change tells which hosts are not as it found them', async () => {
    const changed = await lab.run(['rollback', (await lab.runs()).at(-1) ?? '', '-i', lab.inventoryFile, '--yes']);
    expect(changed.exitCode, changed.stderr).toBe(0);
    await lab.run(['plan', ...inventory, '-l', 'bare-en', '--out', lab.path('stale.plan')]);
    const apply = await lab.run(['apply', ...inventory, '-l', 'bare-en', '--yes']);
    expect(apply.exitCode, apply.stderr).toBe(0);
    const summary = await lab.write('dry-summary.md', '');
    const { exitCode, stdout, stderr } = await lab.run(
      ['apply', lab.path('stale.plan'), '-i', lab.inventoryFile, '--dry-run', '--json'],
      { env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, GITHUB_WORKSPACE: lab.folder } },
    );
    expect(exitCode).toBe(3);
    const document = JSON.parse(stdout) as { readonly notReady: readonly { readonly detail: string }[] };
    const detail = document.notReady[0]?.detail ?? '';
    expect(detail).toMatch(
      /^no longer matches the plan: tcp 9933 on ipv4 and ipv6, active store: planned for no exclusion, now 9933 \(administered\);/,
    );
    expect(document).toMatchObject({
      schema: 'fencepost/plan',
      notReady: [{ host: 'bare-en', state: 'stale', detail, failure: null }],
    });
    expect(stderr).toMatch(/^::error file=inventory\.yml,line=\d+,col=\d+,title=bare-en.*changed-since/m);
    expect(await readFile(summary, 'utf8')).toContain(`| bare-en | blocked | ${detail} | make a new plan`);
  });

  test('a rollback, planned and carried out, and a resume tell of themselves', async () => {
    const last = (await lab.runs()).at(-1) ?? '';
    const told = async (expected: number, ...args: readonly string[]): Promise<string> => {
      const summary = await lab.write(`summary-${args.join('-').replaceAll(/[^a-z]/g, '')}.md`, '');
      const { exitCode, stderr } = await lab.run(args, { env: { GITHUB_STEP_SUMMARY: summary } });
      expect(exitCode, stderr).toBe(expected);
      return readFile(summary, 'utf8');
    };
    expect(await told(0, 'rollback', last, '-i', lab.inventoryFile, '--dry-run')).toMatch(
      /^## Rollback of run .*\n\nplan, [^]*bare-en/,
    );
    expect(await told(0, 'rollback', last, '-i', lab.inventoryFile, '--yes')).toMatch(
      /^## Rollback of run [^]*rollback, run [^]*\*\*1\*\* /,
    );
    const started = await lab.run(['apply', ...inventory, '-l', 'bare-en', '--yes', '--deadline', '1s']);
    expect(started.exitCode, started.stderr).toBe(3);
    const open = (await lab.runs()).at(-1) ?? '';
    expect(await told(0, 'resume', open, '-i', lab.inventoryFile, '--yes')).toMatch(
      /^## Reserve [^]*apply, run [^]*\*\*1\*\* changed and verified/,
    );
  });

  test('collect and doctor annotate the hosts that could not be reached, or are not in order', async () => {
    const env = (summary: string) => ({
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_WORKSPACE: lab.folder,
    });
    for (const [command, title] of [
      ['collect', 'Collected facts'],
      ['doctor', 'Fencepost doctor'],
    ] as const) {
      const summary = await lab.write(`${command}-summary.md`, '');
      const { exitCode, stdout, stderr } = await lab.run([command, ...inventory, '--json'], { env: env(summary) });
      expect(exitCode).toBe(3);
      expect(JSON.parse(stdout)).toHaveProperty('schema');
      const line = await lineOf('down');
      const place = `file=inventory\\.yml,line=${String(line)},col=\\d+`;
      expect(stderr).toMatch(new RegExp(`^::error ${place},title=down.*connect/refused`, 'm'));
      expect(await readFile(summary, 'utf8')).toMatch(new RegExp(`^## ${title}\n[^]*\\| down \\|`));
    }
  });

  test('without a CI system nothing of it is printed', async () => {
    const { stderr } = await lab.run(['plan', ...inventory, '-l', 'old']);
    expect(stderr).not.toMatch(/^::/m);
  });

  test('a summary that can not be written is a warning, not a failure', async () => {
    const { exitCode, stderr } = await lab.run(['verify', ...inventory, '-l', 'done'], {
      env: { GITHUB_STEP_SUMMARY: lab.path('no/such/folder.md') },
    });
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('warning: could not write the CI summary')]);
  });
});

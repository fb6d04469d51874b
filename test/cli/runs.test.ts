// `runs`: the list, one run's story, and the proof of its journal; and what every command that reads a journal says of one that was
// cut short or altered.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { setHeadBehind } from '../support/head-behind.ts';
import { openLab, type TestLab } from '../support/lab.ts';

let lab: TestLab;
let run: string;
let journal: string;

beforeEach(async () => {
  lab = await openLab([{ name: 'ex01' }, { name: 'ex02', reachable: false }]);
  const { stdout } = await lab.run(['apply', '-i', lab.inventoryFile, '--yes', '--json']);
  run = (JSON.parse(stdout) as { run: string }).run;
  journal = join(lab.stateDirectory, 'runs', run, 'journal.ndjson');
});

afterEach(async () => {
  await lab.close();
});

test('list, show and verify tell of a whole run, as text and as JSON', async () => {
  const [list, listJson, show, showJson, verify, verifyJson] = await Promise.all([
    lab.run(['runs']),
    lab.run(['runs', 'list', '--json']),
    lab.run(['runs', 'show', run]),
    lab.run(['runs', 'show', run, '--json']),
    lab.run(['runs', 'verify', run]),
    lab.run(['runs', 'verify', run, '--json']),
  ]);
  for (const { exitCode, stderr } of [list, listJson, show, showJson, verify, verifyJson]) {
    expect([exitCode, stderr]).toEqual([0, '']);
  }
  expect(list.stdout).toMatch(new RegExp(`^${run} +apply .* finished +1 unreachable, 1 changed$`, 'm'));
  expect(JSON.parse(listJson.stdout)).toMatchObject({
    schema: 'fencepost/runs',
    runs: [{ run, kind: 'apply', finished: true, counts: { changed: 1, unreachable: 1 } }],
  });
  expect(show.stdout).toMatch(/ex01: undo saved, 4 steps\n[^]*ex01: netsh interface ipv4 add excludedportrange/);
  expect(show.stdout).toMatch(/^Summary: 2 hosts: 1 changed, 1 unreachable\.$/m);
  const events = await lab.events(run);
  expect(JSON.parse(showJson.stdout)).toMatchObject({
    schema: 'fencepost/run-history',
    run,
    damage: null,
    status: { run, kind: 'apply', isFinished: true },
    events,
  });
  expect(verify.stdout).toContain(`The chain is intact: ${String(events.length)} records`);
  expect(JSON.parse(verifyJson.stdout)).toMatchObject({
    schema: 'fencepost/run-proof',
    holds: true,
    records: events.length,
  });
});

test('no runs yet is said and is no error', async () => {
  await mkdir(lab.path('empty'));
  const { exitCode, stdout } = await lab.run(['runs', '--state-dir', lab.path('empty')]);
  expect([exitCode, stdout]).toEqual([0, 'No runs yet.\n']);
});

test('a state directory that is not there is an error, not a list without runs', async () => {
  const { exitCode, stdout, stderr } = await lab.run(['runs', '--state-dir', lab.path('mistyped')]);
  expect([exitCode, stdout, stderr]).toEqual([1, '', expect.stringContaining('there is no state directory')]);
  // Also right behind an apply that was killed before it made one.
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
    'unless this one was moved or removed, no run of it has changed a host;',
  );
});

test('a state directory that is there and is none is not called missing', async () => {
  await writeFile(lab.path('a-file'), '');
  const { exitCode, stdout, stderr } = await lab.run(['runs', '--state-dir', lab.path('a-file/state')]);
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain("the state directory can't be read: reading failed (ENOTDIR)");
  expect(stderr).not.toContain('has changed a host');
});

test('last and the beginning of a name stand for the run; its status is one screen, as text and as JSON', async () => {
  const screen = await lab.run(['status', 'last']);
  expect([screen.exitCode, screen.stderr]).toEqual([0, '']);
  expect(screen.stdout).toMatch(new RegExp(`^Run ${run} \\(apply, [^]*^changed \\(1 host\\):\\n +ex01:$`, 'm'));
  const shown = await lab.run(['status', run.slice(0, 12), '--json']);
  expect(JSON.parse(shown.stdout)).toMatchObject({ schema: 'fencepost/run-status', run, isFinished: true });
  expect((await lab.run(['runs', 'verify', 'last'])).exitCode).toBe(0);
  const view = await lab.run(['report', 'last', '--format', 'json']);
  expect([view.exitCode, view.stderr]).toEqual([0, '']);
});

test('a last record that was cut short is set aside: the rest is shown and can be rolled back', async () => {
  const before = lab.states();
  const text = await readFile(journal, 'utf8');
  await writeFile(journal, text.slice(0, -20));
  setHeadBehind(journal);
  const show = await lab.run(['runs', 'show', run]);
  expect([show.exitCode, show.stdout]).toEqual([0, expect.stringContaining('cut short when the process died')]);
  expect((await lab.run(['runs', 'verify', run])).exitCode).toBe(0);
  const back = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']);
  expect([back.exitCode, back.stderr]).toEqual([0, expect.stringContaining('cut short')]);
  expect(lab.changedSince(before)).toEqual(['ex01']);
});

test.each([
  ['emptied', 0],
  ['cut', 3],
])('a journal that was %s: verify, show, report, rollback and resume say so, and nothing is sent', async (_, kept) => {
  const lines = (await readFile(journal, 'utf8')).split('\n');
  await writeFile(
    journal,
    lines
      .slice(0, kept)
      .map((line) => `${line}\n`)
      .join(''),
  );
  const [sent, before] = [lab.requestCount(), lab.states()];
  const [verify, show, report, back, resume, list] = await Promise.all([
    lab.run(['runs', 'verify', run]),
    lab.run(['runs', 'show', run]),
    lab.run(['report', run, '--format', 'markdown']),
    lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '--force']),
    lab.run(['resume', run, '-i', lab.inventoryFile, '--yes']),
    lab.run(['runs']),
  ]);
  const says = /records\s+are\s+missing/;
  expect([verify.exitCode, verify.stdout]).toEqual([3, expect.stringMatching(says)]);
  expect([show.exitCode, show.stderr]).toEqual([3, expect.stringMatching(says)]);
  expect(report.stdout + report.stderr).toMatch(says);
  for (const refused of [back, resume]) {
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('[journal/damaged]')]);
    expect(refused.stderr).toMatch(says);
  }
  expect(list.stdout).toMatch(says);
  expect([lab.requestCount(), lab.changedSince(before)]).toEqual([sent, []]);
});

describe('a journal that was altered', () => {
  const alterations: readonly { readonly what: string; readonly alter: (lines: string[]) => string[] }[] = [
    {
      what: 'a line in the middle was changed',
      alter: (lines) => lines.with(4, (lines[4] ?? '').replace('ex01', 'ex02')),
    },
    { what: 'a line was removed', alter: (lines) => lines.toSpliced(3, 1) },
    { what: 'a line was added twice', alter: (lines) => lines.toSpliced(3, 0, lines[3] ?? '') },
  ];
  test.each(alterations)(
    '$what: show and verify name the line, rollback and resume refuse, nothing is sent',
    async ({ alter }) => {
      const lines = (await readFile(journal, 'utf8')).split('\n');
      const altered = alter(lines);
      expect(altered).not.toEqual(lines);
      await writeFile(journal, altered.join('\n'));
      const sent = lab.requestCount();
      const [show, verify, back, forced, resume, list, listJson] = await Promise.all([
        lab.run(['runs', 'show', run]),
        lab.run(['runs', 'verify', run]),
        lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '--json']),
        lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '--force']),
        lab.run(['resume', run, '-i', lab.inventoryFile, '--yes']),
        lab.run(['runs']),
        lab.run(['runs', '--json']),
      ]);
      expect([show.exitCode, show.stderr]).toEqual([3, expect.stringMatching(/damaged in line [45]: /)]);
      expect([verify.exitCode, verify.stdout]).toEqual([3, expect.stringMatching(/broken in line [45]: /)]);
      expect([back.exitCode, JSON.parse(back.stdout)]).toMatchObject([1, { error: { code: 'journal/damaged' } }]);
      expect([forced.exitCode, resume.exitCode]).toEqual([1, 1]);
      expect([list.exitCode, list.stdout]).toEqual([0, expect.stringMatching(`${run} .*JOURNAL DAMAGED`)]);
      expect(list.stdout).toMatch(new RegExp(`^! the journal of ${run} is damaged in line [45]: `, 'm'));
      expect(list.stdout).not.toMatch(/\d changed/);
      const { runs } = JSON.parse(listJson.stdout) as { runs: unknown };
      expect(runs).toMatchObject([
        {
          run,
          kind: 'apply',
          problem: expect.stringMatching(/damaged in line [45]: /) as string,
          finished: false,
          counts: null,
        },
      ]);
      expect(lab.requestCount()).toBe(sent);
    },
  );
});

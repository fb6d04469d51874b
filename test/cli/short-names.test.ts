// `-l ex01` finds ex01.corp.example in every command that takes --limit, and says so; what it asks and changes is that host alone.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLab, type TestLab } from '../support/lab.ts';

const [ex01, ex02] = ['ex01.corp.example', 'ex02.corp.example'];
const said = 'warning: --limit: ex01 is taken for ex01.corp.example\n';
let lab: TestLab;

beforeAll(async () => {
  lab = await openLab([{ name: ex01 }, { name: ex02 }]);
});

afterAll(async () => {
  await lab.close();
});

function limited(...args: readonly string[]): ReturnType<TestLab['run']> {
  return lab.run([...args, '-i', lab.inventoryFile, '-l', 'ex01']);
}

describe('the host is found, and said', () => {
  test.each(['plan', 'verify', 'collect', 'doctor', 'guards'])('by %s, which asks no other', async (command) => {
    const asked = lab.requestCount(ex02);
    const { stderr } = await limited(command);
    expect(stderr).toContain(said);
    expect(lab.requestCount(ex02)).toBe(asked);
  });

  test('by inventory', async () => {
    const { stdout, stderr } = await limited('inventory', '--json');
    expect(stderr).toContain(said);
    expect((JSON.parse(stdout) as { hosts: readonly { host: string }[] }).hosts.map(({ host }) => host)).toEqual([
      ex01,
    ]);
  });

  test('by apply, rollback and confirm, which change no other', async () => {
    const before = lab.states();
    const applied = await limited('apply', '--yes');
    expect([applied.exitCode, applied.stderr]).toEqual([0, expect.stringContaining(said)]);
    expect(lab.changedSince(before)).toEqual([ex01]);
    const all = await lab.run(['apply', '-i', lab.inventoryFile, '--yes']);
    expect(all.exitCode).toBe(0);
    expect(lab.changedSince(before)).toEqual([ex01, ex02]);

    // Of the second run only ex02 is a host that was changed.
    const [first = '', second = ''] = await lab.runs();
    const none = await limited('rollback', second, '--yes');
    expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining('no-match')]);
    const confirmed = await limited('confirm', first);
    expect(confirmed.stderr).toContain(said);
    const back = await limited('rollback', first, '--yes');
    expect([back.exitCode, back.stderr]).toEqual([0, expect.stringContaining(said)]);
    expect(lab.changedSince(before)).toEqual([ex02]);
  });

  test('a saved plan and a resumed run are taken as they are, not narrowed', async () => {
    const file = lab.path('tonight.plan');
    await limited('plan', '--out', file);
    const apply = await limited('apply', file, '--yes');
    expect([apply.exitCode, apply.stderr]).toEqual([
      1,
      expect.stringContaining('--limit cannot be used with a saved plan'),
    ]);
    const [run = ''] = await lab.runs();
    const resume = await limited('resume', run);
    expect([resume.exitCode, resume.stderr]).toEqual([1, expect.stringContaining('Unknown argument')]);
  });
});

// Faults of files as each reader wants them: an editor's file:line:column, JSON with columns, annotations for GitHub; and the lines
// themselves on a terminal, where no secret may stand in them.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadInventory } from '../../src/inventory/load.ts';
import { sourceLines } from '../../src/cli/io/source-lines.ts';
import { Failure, type Issue } from '../../src/model/failure.ts';
import { renderFailure } from '../../src/report/text/failure-text.ts';
import { runCli } from '../support/cli.ts';

const text = `all:
  vars:
    winrm: { adress: 127.0.0.1, prot: 70000, username: x, password: { evn: Geheim-1 } }
  hosts:
    ex[05:01]: {}
    ex01: { winrm: { port: 70000 } }
`;
const places = ['3:14', '3:33', '3:71', '5:5', '6:28'];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-errors-'));
  await writeFile(join(folder, 'prod.yml'), text);
  const hosts = Array.from({ length: 14 }, (_, at) => `    ex${String(at)}: { winrm: { prot: 1 } }\n`);
  await writeFile(join(folder, 'many.yml'), `all:\n  hosts:\n${hosts.join('')}`);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCli(['inventory', ...args], { cwd: folder, env });

describe('a pipe', () => {
  test('gets one line an issue and nothing of the file', async () => {
    const { exitCode, stdout, stderr } = await run(['-i', 'prod.yml']);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr.match(/^prod\.yml:\d+:\d+(?=: )/gm)).toEqual(places.map((place) => `prod.yml:${place}`));
    expect(stderr).not.toMatch(/\^|::error|\u001b|Geheim/);
  });

  test('gets them as data with --json', async () => {
    const { stdout } = await run(['-i', 'prod.yml', '--json']);
    const { error } = JSON.parse(stdout) as { error: { issues: readonly Issue[] } };
    expect(error.issues.map(({ file, line, column }) => [file, `${String(line)}:${String(column)}`])).toEqual(
      places.map((place) => ['prod.yml', place]),
    );
  });
});

describe('GitHub Actions', () => {
  const annotations = (stderr: string): readonly string[] => stderr.split('\n').filter((line) => line.startsWith('::'));

  test('gets an annotation at each line, by the path in the repository', async () => {
    const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: join(folder, '..') };
    const { stderr } = await run(['-i', 'prod.yml'], env);
    const file = `${folder.split('/').at(-1) ?? ''}/prod.yml`;
    const found = annotations(stderr);
    expect(found).toHaveLength(places.length);
    expect(found[0]).toBe(
      `::error file=${file},line=3,col=14,title=inventory/invalid::all.vars.winrm.adress: unknown key (did you mean "address"?)`,
    );
    expect(stderr).toMatch(/^prod\.yml:3:14: /m);
  });

  test('gets ten, and the last says how many more there are', async () => {
    const { stderr } = await run(['-i', 'many.yml', '--json'], { GITHUB_ACTIONS: 'true' });
    const found = annotations(stderr);
    expect(found).toHaveLength(10);
    const issues = stderr.match(/^many\.yml:/gm)?.length ?? 0;
    expect(issues).toBeGreaterThan(10);
    expect(found.at(-1)).toContain(`(${String(issues - 10)} more: see the log)`);
  });

  test('gets none for what is no fault of a file', async () => {
    const { stderr } = await run(['--host', 'x', '--limit', 'y'], { GITHUB_ACTIONS: 'true' });
    expect(annotations(stderr)).toEqual([]);
  });
});

describe('a terminal', () => {
  const shown = (issues: readonly Issue[]): string => {
    const style = { paint: (_: unknown, words: string): string => words, lineOf: sourceLines() };
    return renderFailure(new Failure('inventory/invalid', 'faults', { issues }), false, style);
  };
  const at = (file: string, line: number, column: number): Issue => ({
    file: join(folder, file),
    line,
    column,
    message: 'm',
  });

  test('gets the line with carets, up to what is secret in it', () => {
    const lines = shown([at('prod.yml', 3, 14), at('prod.yml', 3, 33)]).split('\n');
    expect(lines.slice(2, 4)).toEqual([
      '  3 |     winrm: { adress: 127.0.0.1, prot: 70000, username: x, password: (not shown)',
      '    |              ^                  ^',
    ]);
  });

  test.each([
    ['with hosts', 'Fqdn,Password\nex01,Geheim-1,more\n'],
    ['of Excel', 'sep=;\r\n"Name";"Site";"api_token"\r\nex01;paris;Geheim-1;more\r\n'],
    ['without a column of hosts', 'Server,Password\nex01,Geheim-1,more\n'],
    ['without names of columns', 'ex01,CORP\\svc,Geheim-1\nex02,CORP\\svc\n'],
  ])('gets no line and no secret of a table %s', async (_, text) => {
    const file = join(folder, 'servers.csv');
    await writeFile(file, text);
    const thrown: unknown = await loadInventory([file]).catch((reason: unknown) => reason);
    if (!(thrown instanceof Failure)) return expect.fail('expected a Failure');
    expect(thrown.issues.length).toBeGreaterThan(0);
    expect(shown(thrown.issues)).not.toContain('Geheim');
  });

  test('gets the line of a table in which no column is a secret', async () => {
    await writeFile(join(folder, 'open.csv'), 'Fqdn,Site\nex01,paris,more\n');
    expect(shown([at('open.csv', 2, 1)])).toContain('  2 | ex01,paris,more');
  });

  test('gets the line of an INI file up to what is secret in it', async () => {
    const file = join(folder, 'fleet.ini');
    await writeFile(
      file,
      '[paris]\nex01 ansible_user=svc ansible_password=Geheim-1 more\nex02 ansible_password="Geheim-2\n',
    );
    const thrown: unknown = await loadInventory([file]).catch((reason: unknown) => reason);
    if (!(thrown instanceof Failure)) return expect.fail('expected a Failure');
    const lines = shown(thrown.issues);
    expect(lines).toContain('  2 | ex01 ansible_user=svc ansible_password= (not shown)');
    expect(lines).not.toContain('Geheim');
  });

  test('gets no line of a file that is gone or encrypted', async () => {
    await writeFile(join(folder, 'sealed.yml'), '$ANSIBLE_VAULT;1.1;AES256\n3061\n');
    expect(shown([at('gone.yml', 1, 1), at('sealed.yml', 1, 1)])).not.toContain(' | ');
  });
});

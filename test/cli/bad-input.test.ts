// What a person gets wrong: every mistake is told with its place and its cure, ends with exit code 1, shows no stack trace, is a
// JSON document with --json, and nothing is sent to any host.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLab, type TestLab } from '../support/lab.ts';
import { expectExit } from '../support/expect-exit.ts';
import type { CliResult } from '../support/cli.ts';

let lab: TestLab;
let inventory: string;
const stackTrace = /\n\s+at .*(?:\.js|\.ts|node:)/;

beforeAll(async () => {
  lab = await openLab([{ name: 'ex01' }, { name: 'ex02' }]);
  inventory = await readFile(lab.inventoryFile, 'utf8');
});

afterAll(async () => {
  await lab.close();
});

interface ErrorDocument {
  readonly schema: string;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly issues: readonly { readonly file: string; readonly line: number; readonly column: number }[];
  };
}

/** Runs it twice, once with --json, and holds both against the promises above. */
async function refused(args: readonly string[], code: string, env: Readonly<Record<string, string>> = {}) {
  const sent = lab.requestCount();
  const [human, json] = await Promise.all([lab.run(args, { env }), lab.run([...args, '--json'], { env })]);
  expect([human.exitCode, human.stdout]).toEqual([1, '']);
  expect(human.stderr).toContain(`[${code}]`);
  expect(human.stderr).not.toMatch(stackTrace);
  const document = JSON.parse(json.stdout) as ErrorDocument;
  expect([json.exitCode, document.schema, document.error.code]).toEqual([1, 'fencepost/error', code]);
  expect(lab.requestCount()).toBe(sent);
  return { human, document };
}

const playbookOf = (exclusion: string, more = ''): string =>
  `name: Try\nhosts: exchange\nexclusions:\n  - ${exclusion}\n${more}`;

describe('files', () => {
  test.each([
    {
      what: 'an inventory that is no YAML',
      file: 'broken.yml',
      text: 'all:\n  hosts:\n    ex01: {\n  children: [\n',
      flag: '-i',
      code: 'inventory/invalid',
      says: /broken\.yml:\d+:\d+: /,
    },
    {
      what: 'an unknown key in a winrm block, with the nearest known one',
      file: 'key.yml',
      text: 'all:\n  hosts:\n    ex01:\n      winrm: { adress: 127.0.0.1, username: x, password: { env: P } }\n',
      flag: '-i',
      code: 'inventory/invalid',
      says: /key\.yml:4:\d+: .*adress.*address/,
    },
    {
      what: 'an inventory port out of range',
      file: 'port.yml',
      text: 'all:\n  hosts:\n    ex01:\n      winrm: { port: 70000, username: x, password: { env: P } }\n',
      flag: '-i',
      code: 'inventory/invalid',
      says: /port\.yml:4:\d+: .*65535.*70000/,
    },
    {
      what: 'a playbook port out of range',
      file: 'range.yml',
      text: playbookOf('{ port: 99330 }'),
      flag: '-p',
      code: 'playbook/invalid',
      says: /range\.yml:4:\d+: .*65535.*99330/,
    },
    {
      what: 'an unknown key in a playbook, with the nearest known one',
      file: 'typo.yml',
      text: playbookOf('{ port: 9933 }', 'stratgy: { canary: 1 }\n'),
      flag: '-p',
      code: 'playbook/invalid',
      says: /typo\.yml:5:\d+: .*stratgy.*strategy/,
    },
    {
      what: 'a playbook that is no YAML',
      file: 'bad.yml',
      text: 'name: "Try\nhosts: exchange\n',
      flag: '-p',
      code: 'playbook/invalid',
      says: /bad\.yml:\d+:\d+: /,
    },
  ])('$what', async ({ file, text, flag, code, says }) => {
    const path = await lab.write(file, text);
    const files = flag === '-i' ? ['-i', path] : ['-i', lab.inventoryFile, '-p', path];
    const { human, document } = await refused(['apply', ...files, '--yes'], code);
    expect(human.stderr).toMatch(says);
    expect(document.error.issues[0]).toMatchObject({ file: path, line: expect.any(Number) as number });
  });

  test('all mistakes of both files are told at once', async () => {
    const badInventory = await lab.write('two.yml', inventory.replace('auth: ntlm', 'auth: ntml'));
    const badPlaybook = await lab.write('three.yml', playbookOf('{ port: 0 }', 'when: now\n'));
    const { human, document } = await refused(['plan', '-i', badInventory, '-p', badPlaybook], 'inventory/invalid');
    expect(new Set(document.error.issues.map((one) => one.file))).toEqual(new Set([badInventory, badPlaybook]));
    expect(document.error.issues.length).toBeGreaterThanOrEqual(3);
    for (const { file, line, column } of document.error.issues) {
      expect(human.stderr).toContain(`${file}:${String(line)}:${String(column)}: `);
    }
  });

  test('no inventory where the default one should be, or where -i says', async () => {
    const { human } = await refused(['collect'], 'inventory/unreadable');
    expect(human.stderr).toContain('inventory/prod.yml');
    await refused(['collect', '-i', lab.path('nowhere.yml')], 'inventory/unreadable');
  });

  test('no playbook and no plan where they should be', async () => {
    await refused(['plan', '-i', lab.inventoryFile, '-p', lab.path('nowhere.yml')], 'playbook/unreadable');
    const { human } = await refused(['apply', lab.path('nowhere.plan'), '--yes'], 'plan/unreadable');
    expect(human.stderr.replaceAll(/\s+/g, ' ')).toContain('it does not exist');
  });

  test('a scenario with a mistake', async () => {
    const scenario = await lab.write('lab.yml', 'servers:\n  - { name: ex01, windws: 2019 }\n');
    const { human } = await refused(['lab', scenario, '--dir', lab.path('lab')], 'scenario/invalid');
    expect(human.stderr).toMatch(/lab\.yml:2:\d+: .*windws.*windows/);
  });
});

describe('words on the command line', () => {
  test('a pattern that selects nobody', async () => {
    const { human } = await refused(['apply', '-i', lab.inventoryFile, '-l', 'ex99', '--yes'], 'inventory/no-match');
    expect(human.stderr).toContain('ex99');
  });

  test.each([
    { args: ['colect'], says: /collect/ },
    { args: ['collect', '--jsn'], says: /jsn/ },
    { args: [], says: /command/ },
    { args: ['collect', '--concurrency', '0'], says: /at least 1/ },
    { args: ['collect', '--concurrency', 'many'], says: /concurrency/ },
    { args: ['collect', '--log-level', 'loud'], says: /loud[^]*trace|trace[^]*loud/ },
    { args: ['rollback'], says: /run|argument/ },
    { args: ['rollback', '20261124-000000-abcdef', '--concurrency', '0'], says: /at least 1/ },
    { args: ['runs', 'show'], says: /name of the run is missing/ },
  ])('$args', async ({ args, says }) => {
    const needsInventory = args[0] === 'collect' ? ['-i', lab.inventoryFile] : [];
    const { human } = await refused([...args, ...needsInventory], 'usage/invalid');
    expect(human.stderr).toMatch(says);
    expect(human.stderr).toMatch(/--help|fix:|Did you mean/);
  });

  test('a run that nobody knows', async () => {
    for (const command of [['rollback'], ['runs', 'show'], ['runs', 'verify']]) {
      await refused([...command, '20261124-000000-abcdef'], 'run/unknown');
    }
    await refused(['rollback', '../../etc/passwd'], 'run/unknown');
  });

  test.each(['collect', 'plan', 'apply', 'verify', 'rollback', 'resume', 'runs', 'lab', 'demo'])(
    '%s --help shows an example and ends with 0',
    async (command) => {
      const { exitCode, stdout } = await lab.run([command, '--help']);
      expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/Examples:[^]*fencepost/)]);
    },
  );

  test('--help tells the exit codes', async () => {
    const { exitCode, stdout } = await lab.run(['--help']);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/Exit codes:[^]*130/)]);
  });
});

describe('a password that is not there', () => {
  const missing = (result: CliResult): readonly string[] =>
    (JSON.parse(result.stdout) as { hosts: { host: string; failure: { code: string } | null }[] }).hosts.map(
      (one) => `${one.host} ${one.failure?.code ?? 'fine'}`,
    );

  test.each([
    {
      what: 'an environment variable that is not set',
      reference: '{ env: NO_SUCH_VARIABLE }',
      says: /NO_SUCH_VARIABLE/,
    },
    { what: 'a file that does not exist', reference: '{ file: no-such-file }', says: /no-such-file/ },
    { what: 'a terminal that is not there', reference: '{ prompt: true }', says: /no terminal/ },
  ])('$what: each host says so, nothing is sent', async ({ reference, says }) => {
    const text = inventory.replace(/password:\n\s+file: password/, `password: ${reference}`);
    expect(text).not.toBe(inventory);
    const path = await lab.write('secretless.yml', text);
    const sent = lab.requestCount();
    const result = await lab.run(['collect', '-i', path, '--json']);
    expect([result.exitCode, missing(result)]).toEqual([3, ['ex01 secret/missing', 'ex02 secret/missing']]);
    const shown = await lab.run(['apply', '-i', path, '--yes']);
    expect(shown.exitCode).toBe(3);
    expect(shown.stdout).toMatch(says);
    expect(shown.stderr).not.toMatch(stackTrace);
    expect(lab.requestCount()).toBe(sent);
  });
});

test('a relative path is read from where the command runs', async () => {
  const { exitCode, stderr } = await lab.run(
    ['collect', '-i', 'inventory.yml', '-p', join(process.cwd(), 'playbooks/exchange-backend-ports.yml')],
    {
      cwd: lab.folder,
    },
  );
  expectExit({ exitCode, stderr }, 0);
});

test('collect needs no playbook; what is named has to be there, and a plan is never made from what ships', async () => {
  const [collected, named, planned] = await Promise.all([
    lab.run(['collect', '-i', 'inventory.yml', '--json'], { cwd: lab.folder }),
    lab.run(['collect', '-i', 'inventory.yml', '-p', 'mistyped.yml'], { cwd: lab.folder }),
    lab.run(['plan', '-i', 'inventory.yml'], { cwd: lab.folder }),
  ]);
  expect([collected.exitCode, collected.stderr.replaceAll(/\s+/g, ' ')]).toEqual([
    0,
    expect.stringContaining('No playbooks/exchange-backend-ports.yml here: asking all hosts about the ports'),
  ]);
  const { hosts } = JSON.parse(collected.stdout) as { hosts: { host: string; facts: object | null }[] };
  expect(hosts.map((one) => [one.host, one.facts !== null])).toEqual([
    ['ex01', true],
    ['ex02', true],
  ]);
  for (const { exitCode, stderr } of [named, planned]) {
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('[playbook/unreadable]')]);
  }
});

test('no room for temporary files is said before any host is asked', async () => {
  const { exitCode, stdout, stderr } = await lab.run(['collect', '-i', lab.inventoryFile, '--json'], {
    env: { TMPDIR: join(lab.folder, 'not-there') },
  });
  expect([exitCode, JSON.parse(stdout)]).toMatchObject([1, { error: { code: 'usage/invalid' } }]);
  expect(stderr).toMatch(/folder for temporary files[^]*TMPDIR/);
  expect(stderr).not.toMatch(stackTrace);
});

test('an error in a pipe is painted only when FORCE_COLOR asks for it', async () => {
  const plain = await lab.run(['plan', '-i', 'no-such-file.yml']);
  const painted = await lab.run(['plan', '-i', 'no-such-file.yml'], { env: { FORCE_COLOR: '1' } });
  expect(plain.stderr).toMatch(/^error: /m);
  expect(painted.stderr).toMatch(/^\u001b\[31merror:\u001b\[39m /m);
});

// The help of every command: an example, and the exit codes at its end. And what a start costs: help and version load no package, or only yargs.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { exitCodeHelp } from '../../src/cli/exit-codes.ts';
import { findQuickAnswer } from '../../src/cli/help/quick-answer.ts';
import { repository, runCli, type CliResult } from '../support/cli.ts';

let overview: string;
const commandFolder = join(repository, 'src/cli/commands');
const commandFiles: string[] = [];
for (const file of await readdir(commandFolder, { recursive: true })) {
  if (!file.endsWith('.ts')) continue;
  const isCommand = (await readFile(join(commandFolder, file), 'utf8')).includes('= defineCommand({');
  if (isCommand) commandFiles.push(basename(file));
}

/** What `fencepost COMMAND --help` prints, asked once. */
const helps = new Map<string, Promise<CliResult>>();
function helpOf(command: string): Promise<CliResult> {
  const help = helps.get(command) ?? runCli([command, '--help']);
  helps.set(command, help);
  return help;
}

beforeAll(async () => {
  overview = (await runCli(['--help'])).stdout;
});

test('the overview names every command there is, each with what it does', () => {
  const named = [...overview.matchAll(/^ {2}fencepost ([a-z]+)(?: [[<].*?[\]>])* {2,}\S/gm)].map((found) => found[1]);
  expect(named.toSorted()).toEqual(commandFiles.map((file) => file.replace(/\.ts$/, '')).toSorted());
  expect(overview.trimEnd()).toMatch(/ 130 +interrupted$/);
  expect(overview).toMatch(/\nEnvironment:\n[^]*OTEL_EXPORTER_OTLP_ENDPOINT[^]*\nExit codes:\n/);
});

describe.each(commandFiles.map((file) => file.replace(/\.ts$/, '')))('%s --help', (command) => {
  test('says what it does, has an example and ends in the exit codes', async () => {
    const { exitCode, stdout, stderr } = await helpOf(command);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.startsWith(`fencepost ${command}`)).toBe(true);
    expect(stdout).toMatch(new RegExp(`Examples:\\n {2}fencepost ${command}`));
    expect(stdout.trimEnd().endsWith(exitCodeHelp)).toBe(true);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("shows the command's own flags first and the common ones last", async () => {
    const headings = [
      'Options:',
      'Hosts and playbook:',
      'Directory:',
      'Ansible Vault:',
      'Common options:',
      'Examples:',
      'Exit codes:',
    ];
    const { stdout } = await helpOf(command);
    const shown = stdout.split('\n').filter((line) => /^[A-Z][\w ]*:$/.test(line) && line !== 'Positionals:');
    expect(shown).toEqual(headings.filter((heading) => shown.includes(heading)));
    expect(shown).toContain('Common options:');
    expect(stdout).toMatch(/Common options:\n[^]*--json[^]*--debug[^]*--version[^]*--help[^]*Examples:/);
  });

  test('takes --json', async () => {
    expect((await helpOf(command)).stdout).toMatch(/--json +One JSON document on stdout/);
  });
});

describe('what is answered without a command line parser', () => {
  const names = commandFiles.map((file) => file.replace(/\.ts$/, ''));

  test.each([[], ...names.map((name) => [name])])(
    '%s --help is what yargs prints, at each width that is kept',
    async (...words) => {
      const [narrow, wide] = [80, 100].map((columns) => findQuickAnswer([...words, '--help'], () => columns));
      // This process of the tests is never asked by way of main.ts.
      expect((await runCli([...words, '--help'])).stdout).toBe(`${narrow ?? ''}\n`);
      expect(wide).toContain(exitCodeHelp);
      expect(findQuickAnswer([...words, '-h'], () => 80)).toBe(narrow);
    },
  );

  test('--version is the version of the package', async () => {
    const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string };
    expect(findQuickAnswer(['--version'], () => 80)).toBe(version);
    for (const fresh of [true, false]) {
      expect(await runCli(['--version'], { fresh })).toMatchObject({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
    }
  });

  test.each([
    [],
    ['plan'],
    ['plan', '--version'],
    ['--help', 'plan'],
    ['plan', '--help', '--json'],
    ['runs', 'show', '--help'],
    ['nothing', '--help'],
    ['../plan', '--help'],
    ['Plan', '--help'],
    ['--', '--help'],
  ])('%s %s %s is left to the parser', (...words) => {
    expect(findQuickAnswer(words, () => 80)).toBeNull();
  });

  test('so is a width that is not kept', () => {
    expect(findQuickAnswer(['--help'], () => 93)).toBeNull();
  });

  test('an answer that cannot be written is an error, as it is for a command', async () => {
    const full = await runCli(['--version'], { shell: '"$@" > /dev/full' });
    expect([full.exitCode, full.stderr]).toEqual([1, expect.stringContaining('the disk is full (ENOSPC)')]);
  });
});

const talking = ['apply', 'collect', 'confirm', 'doctor', 'guards', 'plan', 'resume', 'rollback', 'runner', 'verify'];
const withRuns = [
  'apply',
  'approve',
  'collect',
  'confirm',
  'history',
  'rehearse',
  'report',
  'resume',
  'rollback',
  'runs',
  'status',
  'unlock',
  'verify',
  'watch',
];

describe.each([
  { flags: ['--log-file', '--log-level', '--trace'], commands: talking },
  { flags: ['--quiet'], commands: [...talking, 'discover', 'report'].toSorted() },
  { flags: ['--state-dir'], commands: withRuns },
  { flags: ['--state'], commands: [...withRuns, 'runner', 'state'].toSorted() },
])('$flags', ({ flags, commands }) => {
  test('are taken where they do something, and nowhere else', async () => {
    const taken = new Map(flags.map((flag): [string, string[]] => [flag, []]));
    for (const command of commandFiles.map((file) => file.replace(/\.ts$/, '')).toSorted()) {
      const { stdout } = await helpOf(command);
      for (const flag of flags) if (new RegExp(` ${flag}\\b`).test(stdout)) taken.get(flag)?.push(command);
    }
    expect([...taken]).toEqual(flags.map((flag) => [flag, commands]));
  });
});

test.each(['inventory', 'explain', 'schema'])('%s refuses a flag that would do nothing', async (command) => {
  const { exitCode, stderr } = await runCli([command, '--trace']);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('Unknown argument: trace')]);
});

/**
 * The sources that a run of the command line evaluates, by their paths in the repository. Node writes down for coverage which parts of
 * the product they were, and the bundler notes in a part what it was made of.
 */
async function modulesLoadedBy(...args: readonly string[]): Promise<readonly string[]> {
  const parts = (await partsLoadedBy(...args)).map((url) => readFile(fileURLToPath(url), 'utf8'));
  return (await Promise.all(parts)).flatMap((part) =>
    [...part.matchAll(/^\/\/ ((?:src|node_modules)\/.*)$/gm)].map(([, path = '']) => path),
  );
}

/** The files of dist/ that a run of the command line evaluates, as URLs. */
async function partsLoadedBy(...args: readonly string[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-start-'));
  try {
    const { exitCode } = await runCli(args, { env: { NODE_V8_COVERAGE: folder } });
    expect(exitCode).toBe(0);
    const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
    const urls = texts.flatMap((text) =>
      (JSON.parse(text) as { result: readonly { url: string }[] }).result.map((one) => one.url),
    );
    return urls.filter((url) => url.startsWith('file:'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const packageOf = (path: string): string => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'fencepost';
const withYargs = [
  'yargs',
  'yargs-parser',
  'cliui',
  'y18n',
  'escalade',
  'get-caller-file',
  'string-width',
  'strip-ansi',
  'ansi-regex',
  'ansi-styles',
  'emoji-regex',
  'wrap-ansi',
  'get-east-asian-width',
];

describe('a start', () => {
  test.each([['--version'], ['--help'], ['plan', '-h']])('%s %s loads the door alone', async (...args) => {
    const modules = await modulesLoadedBy(...args);
    expect(modules.map(packageOf).filter((name) => name !== 'fencepost')).toEqual([]);
    expect(modules).toContain('src/cli/help/quick-answer.ts');
    expect(modules).not.toContain('src/cli/fencepost.ts');
  });

  test.each([['-h', 'plan']])('%s %s loads yargs, the commands and next to nothing else', async (...args) => {
    const modules = await modulesLoadedBy(...args);
    expect(modules).toContain('src/cli/main.ts');
    const strange = modules.map(packageOf).filter((name) => name !== 'fencepost' && !withYargs.includes(name));
    expect(strange).toEqual([]);
    const own = modules.filter((path) => path.startsWith('src/'));
    expect(own.filter((path) => !/^src\/(?:cli|model)\//.test(path))).toEqual([]);
  });

  test('a command that opens the state loads few files, and no package for what it is not asked', async () => {
    expect((await partsLoadedBy('runs')).length).toBeLessThan(25);
    const packages = (await modulesLoadedBy('runs')).map(packageOf);
    for (const late of ['pino', 'log-update', 'pg', 'nodemailer', 'koffi', '@opentelemetry/resources']) {
      expect(packages).not.toContain(late);
    }
  });

  test('the measure sees what a command loads that reads files', async () => {
    const packages = (await modulesLoadedBy('schema', 'playbook')).map(packageOf);
    expect(packages).toContain('zod');
  });
});

// Every fencepost command line in the README and the docs is run as it stands, against a lab, where a reader would run it: in a folder
// with inventory/prod.yml and the shipped playbook. A command that the tool no longer knows, or refuses, fails the test.
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository } from './support/cli.ts';
import { openLab, type TestLab } from './support/lab.ts';

const docs = (await readdir(join(repository, 'docs'))).filter((name) => name.endsWith('.md'));
/** Pages about how and why it is built, not about what to type. */
const withoutCommands = [
  'architecture.md',
  'dependencies.md',
  'dictionary.md',
  'library.md',
  'performance.md',
  // These need a database: test/interop/postgres/commands.test.ts, sites.test.ts, site-roles.test.ts.
  'runner.md',
  'state.md',
  'windows.md',
];
const pages = ['README.md', ...docs.filter((name) => !withoutCommands.includes(name)).map((name) => `docs/${name}`)];

/** Lines of shell fences, and the commands inside the pipelines of ci.md. */
function commandsIn(markdown: string): readonly string[] {
  const shell = [...markdown.matchAll(/^```sh\n(.*?)^```/gms)].flatMap((fence) => (fence[1] ?? '').split('\n'));
  const pipelines = [...markdown.matchAll(/^```(?:yaml|groovy)\n(.*?)^```/gms)].flatMap((fence) => [
    ...[...(fence[1] ?? '').matchAll(/^.*?(?:run: |script: |- |sh ')(fencepost [^'\n]*)/gm)].map(
      (match) => match[1] ?? '',
    ),
  ]);
  const commands = [...shell, ...pipelines].map((line) => line.replace(/\s+#.*$/, '').trim());
  // The demo brings servers of its own, and has its own tests (cli/lab.test.ts, interop).
  return [...new Set(commands.filter((line) => line.startsWith('fencepost ') && line !== 'fencepost demo'))];
}

/** As typed, but for what needs a person: a run's real name, and the yes. */
function argumentsOf(command: string, run: string): readonly string[] {
  const words = command
    .split(/\s+/)
    .slice(1)
    .map((word) => (/^(RUN|"\$RUN")$/.test(word) ? run : word));
  const asks =
    ['apply', 'rollback', 'resume'].includes(words[0] ?? '') && !words.some((one) => /^--(yes|dry-run)$/.test(one));
  return asks ? [...words, '--yes'] : words;
}

async function openOffice(): Promise<TestLab> {
  const lab = await openLab([
    { name: 'ex01', groups: ['exchange', 'paris'] },
    { name: 'ex02', groups: ['exchange', 'paris'], language: 'fr' },
    { name: 'ex03', groups: ['exchange', 'london'], language: 'de' },
  ]);
  await mkdir(lab.path('inventory'));
  // What a pull request proposes names no secret; the protected branch is checked out beside it.
  const original = await readFile(lab.inventoryFile, 'utf8');
  const hosts = original.replace(/^ *password:\n\s+file: password\n/m, '');
  // In a folder every file is an inventory, so the password lies above it.
  await lab.write('inventory/prod.yml', original.replace('file: password', 'file: ../password'));
  await mkdir(lab.path('proposed/inventory'), { recursive: true });
  await mkdir(lab.path('group_vars'));
  // A channel that is only tried, at an address where nobody listens.
  await lab.write('inventory/policy.yml', 'notify: { noc: { webhook: "http://127.0.0.1:9/", events: [] } }\n');
  for (const folder of ['inventory', 'proposed/inventory']) await lab.write(`${folder}/hosts.yml`, hosts);
  for (const name of ['inventory', 'password']) {
    await cp(lab.path(name), lab.path(`protected/${name}`), { recursive: true });
  }
  // A table from the Exchange shell; account and password stand beside it.
  const rows = lab.fleet.servers.map(({ name, port }) => `"${name}","Mailbox","Version 15.2","127.0.0.1","${port}"`);
  await lab.write(
    'servers.csv',
    `"Name","ServerRole","AdminDisplayVersion","ansible_host","ansible_port"\r\n${rows.join('\r\n')}\r\n`,
  );
  await lab.write(
    'group_vars/all.yml',
    'ansible_winrm_scheme: http\nwinrm: { auth: ntlm, username: LAB\\operator, password: { file: ../password } }\n',
  );
  await cp(join(repository, 'playbooks'), lab.path('playbooks'), { recursive: true });
  return lab;
}

/** The run that a reader would name: the newest one that is no rollback, unless it was rolled back itself. */
async function newestChange(lab: TestLab): Promise<string> {
  const starts = await Promise.all(
    (await lab.runs()).map(async (run) => ({
      run,
      start: (await lab.events(run)).find((one) => one.type === 'run-started'),
    })),
  );
  const undone = new Set(starts.map((one) => one.start?.of));
  return starts.findLast(({ run, start }) => start?.of === null && !undone.has(run))?.run ?? starts.at(-1)?.run ?? '';
}

describe.each(pages)('%s', (page) => {
  it('shows only commands that work', async () => {
    const commands = commandsIn(await readFile(join(repository, page), 'utf8'));
    expect(commands.length).toBeGreaterThan(0);
    const lab = await openOffice();
    try {
      // A run to speak of, as the pages about runs take for granted.
      const first = await lab.run(['apply', '--yes', '--limit', 'ex03'], { cwd: lab.folder });
      expect(first.exitCode, first.stderr).toBe(0);
      for (const command of commands) {
        const run = await newestChange(lab);
        const { exitCode, stderr } = await lab.run(argumentsOf(command, run), { cwd: lab.folder });
        expect([0, 2, 3], `${command}\nended with ${String(exitCode)}\n${stderr}`).toContain(exitCode);
      }
    } finally {
      await lab.close();
    }
  });
});

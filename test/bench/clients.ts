// The clients of the fan-out bench and how each is started: Fencepost's own, and other people's as far as they are at hand; of each that is not,
// why. All seal NTLM over http, and all but Ansible's send collect's own command line.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FanoutTask } from './library-process.ts';
import { ownNode, type Program } from './measure.ts';
import { inPowerShell, questionsOf, wholeInPowerShell } from './questions.ts';
import type { Client } from './table.ts';

export interface FanoutClient extends Program {
  readonly client: Client;
  /** What it asks and prints. */
  readonly does: string;
  /** It takes minutes where others take seconds: one round is enough. */
  readonly slow?: boolean;
}

export interface Fleet extends FanoutTask {
  /** Where the lab's inventory is, and where programs may write. */
  readonly folder: string;
  readonly ansibleForks: number;
}

/** Programs that not every machine has; null: left out. */
export interface Peers {
  readonly python: string | null;
  readonly awinrm: string | null;
  readonly go: string | null;
}

const sameLine = 'the command line that collect sends, checks that the answer is whole';

/** This file runs compiled, from below `.fencepost/`; npm runs it in the repository. */
const repository = resolve('.');
export const mainScript = join(repository, 'dist/cli/main.js');
const inBench = (name: string): string => join(repository, 'test/bench', name);
const compiled = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Looks for other people's clients, builds the one in Go into `folder`, and says of each that is missing how to get it. */
export async function findPeers(folder: string, say: (line: string) => void): Promise<Peers> {
  const present = (file: string, hint: string): string | null => {
    if (existsSync(file)) return file;
    say(`left out: ${hint}`);
    return null;
  };
  const awinrm = join(repository, '.fencepost/peers/awinrm');
  return {
    python: present(
      join(repository, '.venv/bin/python'),
      'pywinrm, pypsrp and Ansible: there is no .venv/ (npm run test:interop makes it)',
    ),
    awinrm: present(
      join(awinrm, 'bin/python'),
      'awinrm: python3 -m venv .fencepost/peers/awinrm && .fencepost/peers/awinrm/bin/pip install awinrm==0.1.2',
    ),
    go: await buildGo(join(folder, 'go-fanout'), say),
  };
}

async function buildGo(program: string, say: (line: string) => void): Promise<string | null> {
  const environment = { ...process.env, CGO_ENABLED: '0' };
  try {
    await promisify(execFile)('go', ['build', '-mod=readonly', '-o', program, '.'], {
      cwd: inBench('go'),
      env: environment,
    });
    return program;
  } catch (thrown) {
    const said = (thrown as Error).message.trimEnd().split('\n').at(-1) ?? '';
    say(`left out: Go's winrm, which cannot be built here (${said})`);
    return null;
  }
}

export function ownCollect(inventory: string, concurrency: number): FanoutClient {
  return ownCommand({ client: 'collect', name: 'fencepost collect --json', main: mainScript }, inventory, concurrency);
}

/** Beside `collect`: `plan`, and both by another build's main.js, null: there is none to compare with. */
export function ownOthers(inventory: string, concurrency: number, before: string | null): readonly FanoutClient[] {
  const plan = { client: 'plan', name: 'fencepost plan', main: mainScript } as const;
  const earlier =
    before === null
      ? []
      : ([
          { client: 'collect-before', name: 'before: collect --json', main: resolve(before) },
          { client: 'plan-before', name: 'before: plan', main: resolve(before) },
        ] as const);
  return [plan, ...earlier].map((one) => ownCommand(one, inventory, concurrency));
}

interface OwnCommand {
  readonly client: 'collect' | 'plan' | 'collect-before' | 'plan-before';
  readonly name: string;
  readonly main: string;
}

function ownCommand({ client, name, main }: OwnCommand, inventory: string, concurrency: number): FanoutClient {
  const hosts = ['-i', inventory, '--concurrency', String(concurrency)];
  const isPlan = client.startsWith('plan');
  const command = isPlan ? ['plan'] : ['collect', '--json'];
  return {
    client,
    name,
    concurrency,
    file: process.execPath,
    does: `reads inventory and playbook, asks all questions in one command line, ${isPlan ? 'judges, prints the dry run' : 'judges, keeps the history, prints all facts as JSON'}`,
    args: [...ownNode, main, ...command, ...hosts],
    usage: 'file',
  };
}

export function ownLibrary(task: FanoutTask): FanoutClient {
  return {
    client: 'library',
    does: sameLine,
    name: 'fencepost/winrm, one process',
    concurrency: task.concurrency,
    file: process.execPath,
    args: [...ownNode, compiled('./library-process.js'), JSON.stringify(task)],
    usage: 'file',
  };
}

/** Those that ask all of collect's questions in its one line. */
export function otherClients(task: FanoutTask, peers: Peers): readonly FanoutClient[] {
  const input = JSON.stringify(task);
  const { concurrency } = task;
  const of = (client: Client, name: string, file: string | null, args: readonly string[]): readonly FanoutClient[] =>
    file === null ? [] : [{ client, name, does: sameLine, concurrency, file, args, input, usage: 'stdout' }];
  return [
    ...of('go', 'Go winrm, goroutines', peers.go, []),
    ...of('pypsrp', 'pypsrp, threads', peers.python, [inBench('pypsrp_fanout.py')]),
    ...of('pywinrm', 'pywinrm, threads', peers.python, [inBench('pywinrm_fanout.py')]),
  ];
}

/** Those that take minutes. Ansible: one of the questions; all, as an engineer would write them; all in one task. */
export function slowClients(fleet: Fleet, peers: Peers): readonly FanoutClient[] {
  const { commandLine, ansibleForks, ...task } = fleet;
  const questions = questionsOf(commandLine).map(inPowerShell);
  const [, table = ''] = questions;
  const concurrency = Math.min(task.ports.length, ansibleForks);
  const ansible = (
    client: Client,
    name: string,
    lines: readonly string[],
    expected: string,
  ): readonly FanoutClient[] =>
    peers.python === null
      ? []
      : [
          {
            client,
            name,
            does: `${String(lines.length)} task(s), its results kept in memory`,
            concurrency,
            file: peers.python,
            args: [inBench('ansible_fanout.py')],
            input: JSON.stringify({ ...task, lines, expected, concurrency }),
            usage: 'stdout',
            hasChildren: true,
            slow: true,
          },
        ];
  const awinrm: readonly FanoutClient[] =
    peers.awinrm === null
      ? []
      : [
          {
            client: 'awinrm',
            name: 'awinrm, asyncio',
            does: sameLine,
            concurrency: task.concurrency,
            file: peers.awinrm,
            args: [inBench('awinrm_fanout.py')],
            input: JSON.stringify(fleet),
            usage: 'stdout',
            slow: true,
          },
        ];
  return [
    ...awinrm,
    ...ansible('ansible-one-question', 'Ansible, 1 question', [table], ''),
    ...ansible('ansible-whole-line', 'Ansible, all in one task', [wholeInPowerShell(commandLine)], fleet.expected),
    ...ansible('ansible-each-question', `Ansible, ${String(questions.length)} tasks`, questions, ''),
  ];
}

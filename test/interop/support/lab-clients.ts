// Other people's clients, driven against the lab: each takes one plain question and gives bytes and an exit code, or an error.
// The Python programs stand in ../clients; Ansible is its own program with an inventory file.
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonVenv } from './python-venv.ts';

const run = promisify(execFile);
const clients = fileURLToPath(new URL('../clients/', import.meta.url));

export interface Question {
  readonly url: string;
  readonly auth: 'ntlm' | 'basic' | 'kerberos' | 'negotiate';
  readonly username: string;
  readonly password: string;
  readonly encryption: 'always' | 'auto' | 'never';
  /** PEM file; null over http. */
  readonly caFile: string | null;
  readonly command: string;
  /** The name in the ticket, when it isn't that of the URL. */
  readonly kerberosHostname?: string;
  /** Where a KDC and tickets are. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
  readonly codePage?: number;
  /** Ask something of this shell instead of opening one. */
  readonly unknownShell?: string;
  /** pypsrp's short way, and the Python encoding it is to read with. */
  readonly executeCmd?: string;
}

export type Reply =
  | { readonly kind: 'ran'; readonly stdout: Buffer; readonly stderr: Buffer; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly error: string; readonly code: number | null; readonly said: string };

/** Asks with `pywinrm_client.py` or `pypsrp_client.py`. Rejects when the program itself breaks. */
export async function ask(client: 'pywinrm' | 'pypsrp', question: Question): Promise<Reply> {
  const { python } = await pythonVenv();
  const child = spawn(python, [join(clients, `${client}_client.py`)], {
    env: { ...quietEnvironment(), ...question.environment },
  });
  child.stdin.end(
    JSON.stringify({
      ...question,
      ca_file: question.caFile,
      code_page: question.codePage,
      kerberos_hostname: question.kerberosHostname,
      unknown_shell: question.unknownShell,
      way: question.executeCmd === undefined ? 'process' : 'execute_cmd',
      encoding: question.executeCmd,
    }),
  );
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  let answer: Record<string, unknown>;
  try {
    answer = JSON.parse(stdout) as Record<string, unknown>;
  } catch (cause) {
    throw new Error(`${client} broke:\n${stderr}`, { cause });
  }
  if (typeof answer['error'] === 'string') {
    const { error, code, said } = answer as { error: string; code: number | null; said: string };
    return { kind: 'failed', error, code, said };
  }
  return {
    kind: 'ran',
    stdout: Buffer.from((answer['stdout'] as string | undefined) ?? '', 'base64'),
    stderr: Buffer.from((answer['stderr'] as string | undefined) ?? '', 'base64'),
    exitCode: (answer['exit_code'] as number | undefined) ?? -1,
  };
}

export interface AnsibleRun {
  readonly exitCode: number;
  /** What it printed, both streams. */
  readonly output: string;
  /** Standard output of the command, per host, out of Ansible's JSON. */
  readonly results: ReadonlyMap<string, { readonly stdout: string; readonly rc: number }>;
}

/** `ansible HOSTS -m raw -a LINE` over an inventory with these variables per host. */
export async function ansibleRaw(
  hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  line: string,
): Promise<AnsibleRun> {
  const { binFolder } = await pythonVenv();
  const home = await mkdtemp(join(tmpdir(), 'fencepost-ansible-'));
  try {
    await mkdir(join(home, 'results'));
    // JSON is YAML, so this is an inventory file.
    await writeFile(join(home, 'inventory.yml'), JSON.stringify({ all: { hosts } }));
    const args = ['all', '-i', join(home, 'inventory.yml'), '-m', 'raw', '-a', line, '-t', join(home, 'results')];
    const env = {
      ...quietEnvironment(),
      HOME: home,
      ANSIBLE_HOME: home,
      ANSIBLE_LOCALHOST_WARNING: 'False',
      ANSIBLE_NOCOLOR: '1',
    };
    const { exitCode, output } = await run(join(binFolder, 'ansible'), args, { env, cwd: home }).then(
      ({ stdout, stderr }) => ({ exitCode: 0, output: stdout + stderr }),
      (error: unknown) => {
        const failed = error as { code: number; stdout: string; stderr: string };
        return { exitCode: failed.code, output: failed.stdout + failed.stderr };
      },
    );
    return { exitCode, output, results: await readResults(join(home, 'results'), Object.keys(hosts)) };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function readResults(folder: string, hosts: readonly string[]): Promise<AnsibleRun['results']> {
  const results = new Map<string, { readonly stdout: string; readonly rc: number }>();
  for (const host of hosts) {
    const text = await readFile(join(folder, host), 'utf8').catch(() => null);
    if (text === null) continue;
    const { stdout, rc } = JSON.parse(text) as { stdout?: string; rc?: number };
    if (stdout !== undefined && rc !== undefined) results.set(host, { stdout, rc });
  }
  return results;
}

/** No proxy may stand between a client and loopback, and no user's settings. */
function quietEnvironment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8', PYTHONUTF8: '1', NO_PROXY: '*' };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

// masterzen/winrm (Go), built once per test run from clients/go with the versions its go.sum pins. It installs no Go.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = fileURLToPath(new URL('../clients/go/', import.meta.url));

export interface GoQuestion {
  readonly port: number;
  readonly tls: boolean;
  readonly auth: 'ntlm' | 'basic';
  readonly username: string;
  readonly password: string;
  /** PEM file; null: the system's authorities. */
  readonly caFile: string | null;
  readonly command: string;
}

type GoReply =
  | { readonly kind: 'ran'; readonly stdout: Buffer; readonly stderr: Buffer; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly said: string };

export interface GoClient {
  ask(question: GoQuestion): Promise<GoReply>;
  remove(): Promise<void>;
}

/** For `test.skipIf`: null when there is a Go, else the reason. With CI set a missing Go rejects instead. */
export async function missingGo(): Promise<string | null> {
  try {
    await run('go', ['version']);
    return null;
  } catch (thrown) {
    if (process.env['CI'] !== undefined) throw new Error('no Go for the peer in Go', { cause: thrown });
    const reason = 'there is no Go here: the client in Go is skipped';
    console.warn(reason);
    return reason;
  }
}

/** Rejects with the compiler's own words when a module can't be had. */
export async function buildGoClient(): Promise<GoClient> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-go-'));
  const program = join(folder, 'client');
  await run('go', ['build', '-mod=readonly', '-o', program, '.'], {
    cwd: source,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  return {
    ask: (question) => ask(program, question),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function ask(program: string, { caFile, ...question }: GoQuestion): Promise<GoReply> {
  // No proxy may stand between it and loopback.
  const child = spawn(program, { env: { NO_PROXY: '*' }, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify({ ...question, host: '127.0.0.1', ca_file: caFile ?? '' }));
  const parts: Buffer[] = [];
  for await (const part of child.stdout) parts.push(part as Buffer);
  const answer = JSON.parse(Buffer.concat(parts).toString('utf8')) as {
    readonly stdout: string | null;
    readonly stderr: string | null;
    readonly exit_code: number;
    readonly error?: string;
  };
  if (answer.error !== undefined) return { kind: 'failed', said: answer.error };
  return {
    kind: 'ran',
    stdout: Buffer.from(answer.stdout ?? '', 'base64'),
    stderr: Buffer.from(answer.stderr ?? '', 'base64'),
    exitCode: answer.exit_code,
  };
}

// I/O: OpenSSH's ssh-keygen, which signs and verifies. Run without a shell, with an environment of a few names, within a time, and with no
// argument that a plan or an approval names: a signature from a file goes into a private file of ours, a message goes to its stdin.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SshKeygen } from '../../../approval/ssh-keygen.ts';
import { Failure } from '../../../model/failure.ts';
import { quoteOutput, runProgram, type ProgramCall } from '../programs/run-program.ts';

const program = 'ssh-keygen';
/** To find the program, a person's keys and their agent; the last ones because little starts on Windows without them. */
const passedOn = ['PATH', 'HOME', 'SSH_AUTH_SOCK', 'USERPROFILE', 'SYSTEMROOT'];
const verifyMs = 20_000;

export interface SshKeygenOptions {
  readonly env: NodeJS.ProcessEnv;
  /** What it says to whoever signs: "Confirm user presence". Null: nobody is there to be asked, and it has no terminal to ask on. */
  readonly say: ((text: string) => void) | null;
  /** How long somebody may take to type a passphrase or touch a key. */
  readonly signMs?: number;
  /** Ends whatever it does. */
  readonly signal?: AbortSignal;
}

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function createSshKeygen({
  env,
  say,
  signMs = say === null ? 30_000 : 180_000,
  signal,
}: SshKeygenOptions): SshKeygen {
  const run = (args: readonly string[], input: string, timeoutMs: number, talk: typeof say): Promise<Ended> =>
    runSshKeygen({ input: [input], env: pickEnvironment(env), timeoutMs, talk, signal }, args);

  return {
    async sign(message, namespace, keyFile) {
      const { exitCode, stdout, stderr } = await run(
        ['-Y', 'sign', '-n', namespace, '-f', keyFile],
        message,
        signMs,
        say,
      );
      if (exitCode === 0 && stdout.startsWith('-----BEGIN SSH SIGNATURE-----')) return stdout;
      throw new Failure('approval/not-signed', `ssh-keygen did not sign with this key: ${quoteOutput(stderr)}`, {
        where: keyFile,
        hint: 'name a private key, or a public one whose private half is in your SSH agent: --sign-key FILE; ssh-keygen 8.1 or later is needed',
      });
    },
    findPrincipals: (signature, signersFile) =>
      withFile(signature, async (file) => {
        const args = ['-Y', 'find-principals', '-s', file, '-f', signersFile];
        const { exitCode, stdout } = await run(args, '', verifyMs, null);
        return exitCode === 0 ? stdout.split(/\r?\n/).filter((line) => line !== '') : [];
      }),
    verify: ({ message, signature, namespace, principal, signersFile }) =>
      withFile(signature, async (file) => {
        const args = ['-Y', 'verify', '-n', namespace, '-I', principal, '-f', signersFile, '-s', file];
        return (await run(args, message, verifyMs, null)).exitCode === 0;
      }),
  };
}

function pickEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => passedOn.includes(name.toUpperCase())));
}

async function withFile<T>(text: string, work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-signature-'));
  try {
    const file = join(folder, 'signature');
    await writeFile(file, text, { mode: 0o600 });
    return await work(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Throws Failure `approval/ssh-keygen` when it did not come to an end. */
async function runSshKeygen(call: Omit<ProgramCall, 'argv'>, args: readonly string[]): Promise<Ended> {
  const end = await runProgram({ ...call, argv: [program, ...args] });
  if (end.kind === 'timed-out' && call.signal?.aborted === true) throw notRun('was interrupted');
  if (end.kind === 'timed-out') throw notRun(`did not finish within ${call.timeoutMs / 1000} s`);
  if (end.kind === 'not-started')
    throw notRun(end.isMissing ? 'is not on the PATH' : 'could not be started', end.cause);
  return end;
}

function notRun(what: string, cause?: Error): Failure {
  return new Failure('approval/ssh-keygen', `ssh-keygen ${what}`, {
    hint: 'install OpenSSH 8.1 or later (openssh-client; an optional feature of Windows) and run again',
    cause,
  });
}

// I/O: one program with text on its stdin: without a shell, within a time, its output bounded. What it means is for the caller.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const mostLettersUsually = 65_536;

export interface ProgramCall {
  readonly argv: readonly string[];
  readonly input: Iterable<string>;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** Of each of its outputs; the rest is dropped. */
  readonly mostLetters?: number;
  /** Gets what it says on stderr at once. Null: nobody is there, and it has no terminal on which it could ask. */
  readonly talk: ((text: string) => void) | null;
  /** Ends it like its time. */
  readonly signal?: AbortSignal | undefined;
}

export type ProgramEnd =
  | {
      readonly kind: 'exited';
      /** Null: a signal ended it. */
      readonly exitCode: number | null;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: 'not-started'; readonly isMissing: boolean; readonly cause: Error }
  | { readonly kind: 'timed-out' };

/** Never rejects. */
export function runProgram(call: ProgramCall): Promise<ProgramEnd> {
  const { argv, input, env, timeoutMs, mostLetters = mostLettersUsually, talk, signal } = call;
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    const isDetached = talk === null;
    const child = spawn(program, args, { env, stdio: 'pipe', detached: isDetached, windowsHide: true });
    const giveUp = (): void => {
      resolve({ kind: 'timed-out' });
      killWhole();
    };
    const timer = setTimeout(giveUp, timeoutMs);
    signal?.addEventListener('abort', giveUp);
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        if (texts[stream].length < mostLetters) texts[stream] = (texts[stream] + text).slice(0, mostLetters);
        if (stream === 'stderr') talk?.(text.replaceAll(/[^\P{C}\n]/gu, '?'));
      });
    }
    child.once('error', (cause) => {
      forget();
      resolve({ kind: 'not-started', isMissing: 'code' in cause && cause.code === 'ENOENT', cause });
    });
    child.once('close', (exitCode) => {
      forget();
      resolve({ kind: 'exited', exitCode, ...texts });
    });
    // A program that ends early closes its input.
    child.stdin.on('error', () => undefined);
    void feed();
    if (signal?.aborted === true) giveUp();

    function forget(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    }

    /** Detached it leads a group of its own: whatever it started ends with it. */
    function killWhole(): void {
      for (const stream of [child.stdout, child.stderr, child.stdin]) stream.destroy();
      if (isDetached && child.pid !== undefined && process.platform !== 'win32') {
        try {
          process.kill(-child.pid, 'SIGKILL');
          return;
        } catch {
          // It has ended meanwhile.
        }
      }
      child.kill('SIGKILL');
    }

    async function feed(): Promise<void> {
      try {
        for (const part of input) {
          if (child.stdin.destroyed) return;
          if (!child.stdin.write(part)) await Promise.race([once(child.stdin, 'drain'), once(child.stdin, 'close')]);
        }
        child.stdin.end();
      } catch {
        // Its input is closed; its exit code tells.
      }
    }
  });
}

/** What a program printed, as a quotation within a message. */
export function quoteOutput(text: string): string {
  const said = text.replaceAll(/\s+/g, ' ').trim().replaceAll(/\p{C}/gu, '?');
  return said === '' ? 'it said nothing' : `"${said.length > 500 ? `${said.slice(0, 500)}...` : said}"`;
}

// I/O: the person at the terminal. Never waits for one that isn't there.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Failure } from '../../model/failure.ts';
import { shownText } from './colours.ts';

export function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** How wide the terminal of a stream is; undefined: it is none, or does not say. */
export function findColumns({
  isTTY,
  columns,
}: Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>>): number | undefined {
  return isTTY === true && columns !== undefined && columns > 0 ? columns : undefined;
}

interface Asking {
  /** What is typed isn't shown. */
  readonly hidden?: boolean;
  /** Ends the wait: an empty answer. */
  readonly signal?: AbortSignal;
}

/** Asks on stderr and reads one line; an end of input, or of the terminal, is an empty answer. */
async function askLine(question: string, { hidden = false, signal }: Asking = {}): Promise<string> {
  if (signal?.aborted === true) return '';
  const muted = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  process.stderr.write(shownText(question));
  const reader = createInterface({ input: process.stdin, output: hidden ? muted : process.stderr, terminal: hidden });
  try {
    return await new Promise<string>((resolve, reject) => {
      reader.once('line', resolve);
      const giveUp = (): void => {
        resolve('');
      };
      reader.once('close', giveUp);
      // The terminal is gone (EIO).
      process.stdin.once('error', giveUp);
      signal?.addEventListener('abort', giveUp, { once: true });
      reader.once('SIGINT', () => {
        reject(new Failure('interrupted', 'interrupted at a prompt; nothing was changed'));
      });
    });
  } finally {
    reader.close();
    if (hidden) process.stderr.write('\n');
  }
}

/** Asks for a secret; what is typed isn't shown. */
export function askSecret(label: string): Promise<string> {
  return askLine(`${label}: `, { hidden: true });
}

/**
 * Asks for a yes before something is changed. Throws Failure `run/not-confirmed` without a terminal to ask on.
 * Only the whole word counts: a stray return key must not change two hundred servers. `signal` ends the question with a no.
 */
export async function confirm(question: string, signal?: AbortSignal): Promise<boolean> {
  if (!hasTerminal()) {
    throw new Failure('run/not-confirmed', 'there is no terminal to confirm on; nothing was changed', {
      hint: 'check the plan, then run again with --yes',
    });
  }
  return (
    (await askLine(`${question} Type yes to continue: `, signal === undefined ? {} : { signal }))
      .trim()
      .toLowerCase() === 'yes'
  );
}

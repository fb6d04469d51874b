// I/O: the person at the terminal. Never waits for one that isn't there.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Failure } from '../model/failure.ts';

export function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks on stderr and reads one line; an end of input is an empty answer. `hidden`: what is typed isn't shown. */
async function askLine(question: string, hidden = false): Promise<string> {
  const muted = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  process.stderr.write(question);
  const reader = createInterface({ input: process.stdin, output: hidden ? muted : process.stderr, terminal: hidden });
  try {
    return await new Promise<string>((resolve, reject) => {
      reader.once('line', resolve);
      reader.once('close', () => {
        resolve('');
      });
      reader.once('SIGINT', () => {
        reject(new Failure('interrupted', 'interrupted while a question was open; nothing was changed'));
      });
    });
  } finally {
    reader.close();
    if (hidden) process.stderr.write('\n');
  }
}

/** Asks for a secret; what is typed isn't shown. */
export function askSecret(label: string): Promise<string> {
  return askLine(`${label}: `, true);
}

/**
 * Asks for a yes before something is changed. Throws Failure `run/not-confirmed` where there is nobody to ask.
 * Only the whole word counts: a stray return key must not change two hundred servers.
 */
export async function confirm(question: string): Promise<boolean> {
  if (!hasTerminal()) {
    throw new Failure('run/not-confirmed', 'there is no terminal to ask on, so nothing was changed', {
      hint: 'look at the plan, then run again with --yes',
    });
  }
  return (await askLine(`${question} Type yes to go on: `)).trim().toLowerCase() === 'yes';
}

// I/O: the log. Every line passes a scrubber that knows the secrets revealed so far, plain, as JSON writes them, and in base64.
// It never waits for its reader and never fails a command: a log that can't be written is given up, and said so once.
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { makeDirectory } from '../../files/make-directory.ts';
import { visibleText } from '../../model/text/visible-text.ts';
import { createOrderedWriter, type WriterTarget } from './ordered-writer.ts';
import { streamTarget, openFileTarget } from './writer-targets.ts';

export interface LogOptions {
  /** A path, or `-` for stderr. */
  readonly file: string;
  readonly level: string;
  readonly revealed: () => readonly string[];
  /** Told once why nothing more is written. */
  readonly onLost: (reason: string) => void;
}

export interface Log {
  readonly logger: Logger;
  /** Resolves when all of it is written or given up. Never rejects. */
  end(): Promise<void>;
}

/** Its writer is loaded here, for few commands are asked for a log. Throws Failure `usage/invalid` when the file can't be opened. */
export async function openLog({ file, level, revealed, onLost }: LogOptions): Promise<Log> {
  // CommonJS: in the bundle its names are found below `default` only.
  const { pino } = (await import('pino')).default;
  const target = file === '-' ? streamTarget(process.stderr) : await openLogFile(file);
  const writer = createOrderedWriter(target, { onLost });
  const logger = pino(
    { level, base: null, hooks: { streamWrite: (line) => visibleText(scrub(line, revealed())) } },
    writer,
  );
  return { logger, end: () => writer.end() };
}

async function openLogFile(file: string): Promise<WriterTarget> {
  try {
    await makeDirectory(dirname(file));
  } catch {
    // Opening the file says what is wrong, with the file's own name.
  }
  return openFileTarget(file, '--log-file');
}

/** The text with every secret replaced. */
function scrub(text: string, secrets: readonly string[]): string {
  return secrets.flatMap(listSecretForms).reduce((scrubbed, form) => scrubbed.replaceAll(form, '[redacted]'), text);
}

function listSecretForms(secret: string): readonly string[] {
  if (secret.length === 0) return [];
  const utf16 = Buffer.from(secret, 'utf16le');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret, 'utf8').toString('base64').replace(/=+$/, ''),
    utf16.toString('base64').replace(/=+$/, ''),
    utf16.toString('hex'),
  ];
}

// I/O: the log. Every line passes a scrubber that knows the secrets revealed so far, plain, as JSON writes them, and in base64.
import type { Logger } from 'pino';

export interface LogOptions {
  /** A path, or `-` for stderr. */
  readonly file: string;
  readonly level: string;
  readonly revealed: () => readonly string[];
}

/** Its writer is loaded here, for few commands are asked for a log. */
export async function openLog({ file, level, revealed }: LogOptions): Promise<Logger> {
  const { pino } = await import('pino');
  const destination = pino.destination({ dest: file === '-' ? 2 : file, sync: true, mkdir: true, mode: 0o600 });
  return pino({ level, base: null, hooks: { streamWrite: (line) => scrub(line, revealed()) } }, destination);
}

/** The text with every secret replaced. */
function scrub(text: string, secrets: readonly string[]): string {
  return secrets.flatMap(formsOf).reduce((scrubbed, form) => scrubbed.replaceAll(form, '[redacted]'), text);
}

function formsOf(secret: string): readonly string[] {
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

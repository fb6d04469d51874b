// I/O: reads what an operator named, to its end or to a limit, and never waits for ever: a regular file is read at once, a named pipe
// (`-i <(sops -d FILE)`) for as long as something comes. A blocked open() could not even be interrupted: Node waits for it at exit.
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputRefused } from '../model/failures/read-error.ts';
import { readErrnoCode } from '../model/failures/errno-code.ts';
import { decodeText } from './decode-text.ts';

export interface InputLimits {
  /** More is refused. Default: no limit, for what is read part by part. */
  readonly maxBytes?: number;
  /** How long a pipe may be silent. */
  readonly silenceMs?: number;
}

const partBytes = 256 * 1024;
const pollMs = 20;
const mostTextBytes = 8 * 1024 * 1024;
const defaultSilenceMs = 10_000;

/** All of a file. Rejects with InputRefused at a limit, else as the file system does. */
export async function readInput(file: string, limits: InputLimits & { readonly maxBytes: number }): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of readInputParts(file, limits)) parts.push(part);
  return Buffer.concat(parts);
}

/** All of a file that is a text of ordinary size: certificates, signatures, a snapshot. */
export async function readTextInput(file: string, maxBytes = mostTextBytes): Promise<string> {
  return (await readInput(file, { maxBytes })).toString('utf8');
}

/** The same for text that an operator wrote: an encoding that can't be told is refused with its place, never guessed. */
export async function readDecodedText(file: string, maxBytes = mostTextBytes): Promise<string> {
  const decoded = decodeText(await readInput(file, { maxBytes }));
  if (decoded.fault === null) return decoded.text;
  throw new InputRefused(`${decoded.fault} (line ${decoded.line}, column ${decoded.column})`);
}

/** The same for a file that holds a secret: what is wrong with it is said without any of its letters, and where they stand. */
export async function readSecretText(file: string): Promise<string> {
  const decoded = decodeText(await readInput(file, { maxBytes: mostTextBytes }));
  if (decoded.fault === null) return decoded.text;
  throw new InputRefused('it is no text in UTF-8 or UTF-16; save the file as UTF-8');
}

/** A file part by part; each part is the reader's to keep. */
export async function* readInputParts(file: string, limits: InputLimits = {}): AsyncGenerator<Buffer> {
  const { maxBytes = Infinity } = limits;
  const handle = await openInput(file);
  try {
    let total = 0;
    for await (const part of partsOf(handle, limits.silenceMs ?? defaultSilenceMs)) {
      total += part.length;
      if (total > maxBytes) throw new InputRefused(`it is larger than ${describeBytes(maxBytes)}`);
      yield part;
    }
  } finally {
    await handle.close();
  }
}

/** Opens without waiting for a pipe's other end. Windows has no such flag and no such pipes. */
export function openInput(file: string): Promise<FileHandle> {
  const nonBlocking = (constants.O_NONBLOCK as number | undefined) ?? 0;
  return open(file, constants.O_RDONLY | nonBlocking);
}

async function* partsOf(handle: FileHandle, silenceMs: number): AsyncGenerator<Buffer> {
  const isPipe = (await handle.stat()).isFIFO();
  let hasCome = false;
  for (let silentMs = 0; silentMs <= silenceMs; silentMs += pollMs) {
    const buffer = Buffer.allocUnsafe(partBytes);
    const bytesRead = await readSome(handle, buffer);
    if (bytesRead !== null && bytesRead > 0) {
      hasCome = true;
      silentMs = 0;
      yield buffer.subarray(0, bytesRead);
    } else if (bytesRead === 0 && (hasCome || !isPipe)) {
      return;
    } else {
      // Nothing yet: a pipe that nobody has opened for writing reads as empty.
      await sleep(pollMs);
    }
  }
  throw new InputRefused(`nothing came for ${String(silenceMs / 1000)} s (a pipe that nobody writes to)`);
}

/** Null: nothing is there yet. */
async function readSome(handle: FileHandle, buffer: Buffer): Promise<number | null> {
  try {
    return (await handle.read(buffer, 0, buffer.length, null)).bytesRead;
  } catch (thrown) {
    if (readErrnoCode(thrown) === 'EAGAIN') return null;
    throw thrown;
  }
}

export function describeBytes(bytes: number): string {
  return bytes >= 1024 * 1024
    ? `${String(Math.round(bytes / 1024 / 1024))} MB`
    : `${String(Math.round(bytes / 1024))} KB`;
}

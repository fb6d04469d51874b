// I/O: reads a journal in parts and goes through it event by event. It writes nothing; store.ts does.
import { open } from 'node:fs/promises';
import { followChain, type JournalEnd } from './chain.ts';
import { readHead } from './head.ts';

const partBytes = 256 * 1024;

/** As `followChain`; `rest` is waited for between two parts of the file. Rejects as the file system does when the file can't be read. */
export async function readChain<E>(
  file: string,
  parse: (event: Buffer) => E | null,
  visit: (event: E, digest: string) => void,
  rest: () => Promise<void> = () => Promise.resolve(),
): Promise<JournalEnd> {
  // The head first: whoever appends meanwhile only takes the journal further beyond it.
  const reader = followChain(parse, visit, await readHead(file));
  await eachPart(file, async (part) => {
    reader.take(part);
    await rest();
    return true;
  });
  return reader.end();
}

/** The first event of a journal; null when there is none, or when its line is damaged. */
export async function readFirst<E>(file: string, parse: (event: Buffer) => E | null): Promise<E | null> {
  const found: E[] = [];
  const reader = followChain(parse, (event) => found.push(event));
  await eachPart(file, (part) => {
    reader.take(part);
    const { records, damage } = reader.end();
    return Promise.resolve(records === 0 && damage === null);
  });
  return found[0] ?? null;
}

/** `take` says whether it wants more; what it is given is overwritten afterwards. */
async function eachPart(file: string, take: (part: Buffer) => Promise<boolean>): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(partBytes);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, partBytes, null);
      if (bytesRead === 0 || !(await take(buffer.subarray(0, bytesRead)))) return;
    }
  } finally {
    await handle.close();
  }
}

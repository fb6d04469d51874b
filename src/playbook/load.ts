// Reads a playbook from disk. It decides nothing: schema.ts and resolve.ts do.
import { createHash } from 'node:crypto';
import { decodeText } from '../files/decode-text.ts';
import { readInput } from '../files/read-input.ts';
import { Failure } from '../model/failure.ts';
import type { Issue } from '../model/failure.ts';
import { describeReadError } from '../model/failures/read-error.ts';
import { readYaml } from '../yaml/document.ts';
import type { Playbook } from './playbook.ts';
import { resolvePlaybook } from './resolve.ts';

export interface LoadedPlaybook {
  readonly playbook: Playbook;
  readonly warnings: readonly Issue[];
  /** Over the bytes of the file. */
  readonly sha256: string;
}

/** A playbook is a page long; a megabyte of YAML takes two seconds. */
const mostBytes = 1024 * 1024;

/** Throws Failure `playbook/unreadable` or `playbook/invalid`, the latter with all issues. */
export async function loadPlaybook(path: string): Promise<LoadedPlaybook> {
  let bytes: Buffer;
  try {
    bytes = await readInput(path, { maxBytes: mostBytes });
  } catch (cause) {
    throw new Failure('playbook/unreadable', `the playbook can't be read: ${describeReadError(cause)}`, {
      where: path,
      hint: 'name an existing file with -p FILE; fencepost init writes one to start from',
      cause,
    });
  }
  return parsePlaybook(bytes, path);
}

/** `path`: as it is named in messages. Throws as `loadPlaybook` does. */
export function parsePlaybook(bytes: Buffer, path: string): LoadedPlaybook {
  const decoded = decodeText(bytes);
  if (decoded.fault !== null) {
    throw new Failure('playbook/unreadable', `the playbook can't be read: ${decoded.fault}`, {
      where: `${path}:${decoded.line}:${decoded.column}`,
      hint: 'save it as UTF-8 and run again',
    });
  }
  const { value, issues, warnings } = resolvePlaybook(readYaml(decoded.text, path));
  if (value === null) {
    const [first] = issues;
    const count = issues.length === 1 ? 'one fault' : `${issues.length} faults`;
    throw new Failure('playbook/invalid', `the playbook has ${count}; nothing was changed`, {
      where: first === undefined ? path : `${path}:${first.line}:${first.column}`,
      hint: 'fix the lines listed and run again',
      issues,
    });
  }
  return { playbook: value, warnings, sha256: createHash('sha256').update(bytes).digest('hex') };
}

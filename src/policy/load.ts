// I/O: finds and reads the operator's policies: policy.yml beside the inventory, and the file that --policy names. Each that is there holds;
// one that can't be read ends the command, for a rule that nobody reads protects nothing.
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readDecodedText } from '../files/read-input.ts';
import { Failure } from '../model/failure.ts';
import { describeReadError } from '../model/failures/read-error.ts';
import { readYaml } from '../yaml/document.ts';
import type { OperatorPolicy } from './operator-policy.ts';

const names = ['policy.yml', 'policy.yaml'];
const mostBytes = 1024 * 1024;

export interface PolicyFiles {
  /** The operator's own; policies are never looked for beside an inventory that others may edit. */
  readonly inventory: readonly string[];
  /** Has to be there. */
  readonly named: string | undefined;
}

/** Throws Failure `policy/unreadable`, and `policy/invalid` with all issues. */
export async function loadPolicies({ inventory, named }: PolicyFiles): Promise<readonly OperatorPolicy[]> {
  const found = new Set(named === undefined ? [] : [resolve(named)]);
  for (const path of inventory) {
    for (const file of await placesBeside(path)) if (await isThere(file)) found.add(file);
  }
  const policies: OperatorPolicy[] = [];
  for (const file of found) policies.push(await loadPolicy(file));
  return policies;
}

/** Of a directory, in it and beside it. */
async function placesBeside(path: string): Promise<readonly string[]> {
  const isDirectory = await stat(path).then(
    (one) => one.isDirectory(),
    () => false,
  );
  const folders = [dirname(resolve(path)), ...(isDirectory ? [resolve(path)] : [])];
  return folders.flatMap((folder) => names.map((name) => join(folder, name)));
}

/** Whatever is there and can't be looked at is there. */
async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (thrown: unknown) => {
      const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
      return code !== 'ENOENT' && code !== 'ENOTDIR';
    },
  );
}

async function loadPolicy(file: string): Promise<OperatorPolicy> {
  let text: string;
  try {
    text = await readDecodedText(file, mostBytes);
  } catch (cause) {
    throw new Failure('policy/unreadable', `the policy can't be read: ${describeReadError(cause)}`, {
      where: file,
      hint: 'make it readable, or name another with --policy FILE; nothing was changed',
      cause,
    });
  }
  // Few inventories have a policy; its form is made when the first is read.
  const { resolvePolicy } = await import('./resolve.ts');
  const { value, issues } = resolvePolicy(readYaml(text, file), (path) => resolve(dirname(file), path));
  if (value !== null) return value;
  const count = issues.length === 1 ? 'one fault' : `${issues.length} faults`;
  throw new Failure('policy/invalid', `the policy has ${count}; nothing was changed`, {
    where: file,
    hint: 'fix the lines listed and run again',
    issues,
  });
}

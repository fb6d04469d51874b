// Reads an inventory from disk: files or directories, and group_vars/ and host_vars/ beside them. It decides nothing: forms/, schema,
// resolve and the file rules of sources.ts do; and runs nothing: a script or a plugin goes to the program it is given. Source: Ansible's
// inventory sources.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';
import type { Issue } from '../model/failure.ts';
import { describeReadError } from '../model/failures/read-error.ts';
import { openVariables, passwordVariables } from './connection/ansible.ts';
import type { Inventory } from './inventory.ts';
import type { InventoryDocument } from './forms/inventory-document.ts';
import {
  makeFileIssue,
  readDocuments,
  readInventoryFile,
  readVariablesFile,
  startLoading,
  type InventoryProgram,
  type LoadState,
} from './load-files.ts';
import type { ReferencedNames } from './read-document.ts';
import { findReferencedNames } from './connection/references.ts';
import { resolveInventory } from './resolve.ts';
import type { VariablesFile } from './resolve.ts';
import { completeDriveRelative, type Source } from './source-files.ts';
import { isPlaybook, variablesEntries } from './sources.ts';
import { buildTree } from './tree.ts';
import { createVaultOpener, noPasswords } from './secrets/vault-opener.ts';
import type { VaultOpener } from './secrets/vault-opener.ts';
import type { Trust } from './untrusted.ts';

export interface LoadOptions {
  /** Makes JSON of scripts and plugins that are named themselves; null: they are refused. */
  readonly program?: InventoryProgram | null;
  /** With where each value is written. */
  readonly traced?: boolean;
}

/**
 * Loads one or more inventories as one; of two values for one variable the later inventory's wins. Each path is a file, a
 * directory of them, or hosts with commas behind them. `vault` opens what ansible-vault encrypted; left out: nothing does. `trust`: what its
 * hosts may say. Throws Failure `inventory/unreadable` or
 * `inventory/invalid`, or `secret/missing` when something is encrypted that can't be opened; each with all issues of all files.
 */
export async function loadInventory(
  paths: readonly string[],
  vault: VaultOpener = createVaultOpener(noPasswords),
  trust: Trust = 'protected',
  { program = null, traced = false }: LoadOptions = {},
): Promise<Inventory> {
  if (paths.length === 0) {
    throw new Failure('inventory/unreadable', 'no inventory is given', { hint: 'name one with -i FILE' });
  }
  const reading = startLoading(vault, program);
  const sources = await runInOrder(paths.map(completeDriveRelative), (path) => findSource(path, reading));
  let documents: InventoryDocument[] = [];
  const strayFiles: Issue[] = [];
  for (const { files, foreign, isDirectory, folder } of sources) {
    for (const one of foreign) strayFiles.push(makeFileIssue(one, 'folder not read: it is no part of an inventory'));
    for (const file of files) {
      const kind = folder === null ? 'hosts' : isDirectory ? 'found' : 'named';
      if (kind === 'found' && /\.csv$/i.test(file)) {
        strayFiles.push(makeFileIssue(file, 'file not read: a table is read only when it is named itself, with -i'));
        continue;
      }
      const read = await readInventoryFile(file, kind, reading);
      if (isDirectory && isPlaybook(read[0]?.value)) {
        reading.bytes.delete(file);
        strayFiles.push(makeFileIssue(file, 'file not read: it is a playbook'));
      } else {
        documents.push(...read);
      }
      // A signal is heard between two files.
      await nextTurn();
    }
  }
  refuseUnreadable(reading);

  let tree = buildTree(documents);
  const names = { group: [...tree.groups.keys()], host: [...tree.hosts.keys()] };
  let variablesFiles: VariablesFile[] = [];
  const folders = new Set<string>();
  for (const [number, { folder }] of sources.entries()) {
    if (folder === null || folders.has(folder)) continue;
    folders.add(folder);
    for (const kind of ['group', 'host'] as const) {
      const directory = join(folder, `${kind}_vars`);
      const found = variablesEntries(await reading.reader.listEntries(directory), names[kind]);
      for (const { name, entry, shadowed } of found.entries) {
        for (const other of shadowed)
          strayFiles.push(makeFileIssue(join(directory, other), `${entry} is used instead of this file`));
        for (const file of await reading.reader.listVariables(join(directory, entry))) {
          variablesFiles.push({ kind, name, source: number, document: await readVariablesFile(file, reading) });
        }
      }
      for (const { entry, near } of found.unknown) {
        const guess = near === null ? '' : ` (did you mean "${near}"?)`;
        strayFiles.push(makeFileIssue(join(directory, entry), `no ${kind} has this name${guess}; file ignored`));
      }
    }
  }
  refuseUnreadable(reading);
  const meant = findReferencesOfSettings([...documents, ...variablesFiles.map((one) => one.document)]);
  if (meant.passwords.size + meant.others.size > 0) {
    const files = [...new Set(documents.map((one) => one.file))];
    documents = (await runInOrder(files, (file) => readDocuments(file, reading, meant))).flat();
    variablesFiles = await runInOrder(variablesFiles, async (one) => {
      return { ...one, document: await readVariablesFile(one.document.file, reading, meant) };
    });
    refuseUnreadable(reading);
    tree = buildTree(documents);
  }

  const { value, issues, warnings } = resolveInventory(documents, variablesFiles, tree, trust, traced);
  if (value === null) throw makeInvalidFailure(issues);
  const files = [...reading.bytes.keys()];
  const hash = createHash('sha256');
  for (const [file, bytes] of reading.bytes)
    hash.update(`${file.replaceAll('\\', '/')}\0${bytes.length}\0`).update(bytes);
  const hostLists = sources.filter((one) => one.folder === null).flatMap((one) => one.files);
  return { ...value, warnings: [...warnings, ...strayFiles], files, hostLists, sha256: hash.digest('hex') };
}

/** One after the other, so that what is wrong is told in the order in which it was given. */
async function runInOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) {
    results.push(await work(item));
    await nextTurn();
  }
  return results;
}

async function findSource(path: string, { reader, issues }: LoadState): Promise<Source> {
  try {
    const source = await reader.find(path);
    if (source.files.length === 0) issues.push(makeFileIssue(path, 'no inventory file in this directory'));
    return source;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    issues.push(makeFileIssue(path, describeReadError(cause)));
    return { files: [], folder: path, foreign: [], isDirectory: false };
  }
}

/** Settings may mean variables of other names, which are known only when all is read. */
function findReferencesOfSettings(documents: readonly InventoryDocument[]): ReferencedNames {
  const values = documents.map((one) => one.value);
  return {
    passwords: findReferencedNames(passwordVariables, values),
    others: findReferencedNames(openVariables, values),
  };
}

function refuseUnreadable({ issues, locked }: LoadState): void {
  const [first] = issues;
  const [closed] = locked;
  if (first === undefined && closed !== undefined) {
    const { code, message, where, hint } = closed.failure;
    throw new Failure(code, message, { where, hint, issues: locked.map((one) => one.issue) });
  }
  if (first === undefined) return;
  throw new Failure('inventory/unreadable', `the inventory can't be read: ${first.message}`, {
    where: first.file,
    hint: 'name an existing file with -i FILE; fencepost init writes one to start from',
    issues,
  });
}

function makeInvalidFailure(issues: readonly Issue[]): Failure {
  const [first] = issues;
  const count = issues.length === 1 ? 'one fault' : `${issues.length} faults`;
  return new Failure('inventory/invalid', `the inventory has ${count}; nothing was changed`, {
    where: first === undefined ? null : `${first.file}:${first.line}:${first.column}`,
    hint: 'fix the lines listed and run again',
    issues,
  });
}

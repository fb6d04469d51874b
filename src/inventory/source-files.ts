// I/O: finds and reads the files of an inventory, within limits that are stated: a directory that is no inventory (a home, a checkout with
// node_modules) is refused by name instead of read for minutes. Which files belong to one is decided by sources.ts.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { describeBytes, readInput } from '../files/read-input.ts';
import { Failure } from '../model/failure.ts';
import { describeReadError, InputRefused } from '../model/failures/read-error.ts';
import { isForeignFolder, isInventoryFile, isVariablesFile } from './sources.ts';
import { readErrnoCode } from '../model/failures/errno-code.ts';

export interface SourceLimits {
  /** Of all directories given, with what lies below them. */
  readonly inventoryFiles: number;
  /** Below group_vars/ and host_vars/. */
  readonly variablesFiles: number;
  /** Files and folders that are looked at, whatever they are. */
  readonly entries: number;
  readonly fileBytes: number;
  readonly totalBytes: number;
}

/** A megabyte of YAML takes about two seconds and has ten thousand hosts. */
export const sourceLimits: SourceLimits = {
  inventoryFiles: 500,
  variablesFiles: 20_000,
  entries: 50_000,
  fileBytes: 8 * 1024 * 1024,
  totalBytes: 32 * 1024 * 1024,
};

export interface Source {
  readonly files: readonly string[];
  /** Where group_vars/ and host_vars/ lie; null: what was named are hosts, not a file. */
  readonly folder: string | null;
  /** Folders that are no part of an inventory and were not looked into. */
  readonly foreign: readonly string[];
  /** Found by looking, not named by the operator. */
  readonly isDirectory: boolean;
}

export interface SourceReader {
  /** An inventory file, or the files of a directory. Rejects as the file system does, and with Failure `inventory/unreadable` at a limit. */
  find(path: string): Promise<Source>;
  /** Of a directory; empty when there is none. */
  listEntries(directory: string): Promise<readonly string[]>;
  /** The files of one name in group_vars/ or host_vars/. */
  listVariables(path: string): Promise<readonly string[]>;
  /** Each file is read once. */
  read(file: string): Promise<Buffer>;
}

export function createSourceReader(limits: SourceLimits = sourceLimits): SourceReader {
  const counts = { inventoryFiles: 0, variablesFiles: 0, entries: 0, totalBytes: 0 };

  function count(what: keyof typeof counts, by: number, where: string): void {
    counts[what] += by;
    if (counts[what] > limits[what]) throw makeLimitFailure(what, limits, where);
  }

  async function walk(
    top: string,
    belongs: (name: string, isFolder: boolean) => boolean,
    kind: 'inventoryFiles' | 'variablesFiles',
  ): Promise<{ files: string[]; foreign: string[] }> {
    const files: string[] = [];
    const foreign: string[] = [];
    const visit = async (directory: string): Promise<void> => {
      const entries = await readdir(directory, { withFileTypes: true });
      count('entries', entries.length, top);
      for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        const path = join(directory, entry.name);
        // A link of an editor to nowhere is hidden; only what may belong is followed.
        if (entry.name.startsWith('.')) continue;
        const found = entry.isSymbolicLink() ? await stat(path) : entry;
        const isFolder = found.isDirectory();
        if (isFolder && isForeignFolder(entry.name)) foreign.push(path);
        else if (!belongs(entry.name, isFolder)) continue;
        else if (isFolder) await visit(path);
        else {
          count(kind, 1, top);
          files.push(path);
        }
      }
    };
    await visit(top);
    return { files, foreign };
  }

  return {
    async find(path) {
      if (await isHostList(path)) return { files: [path], folder: null, foreign: [], isDirectory: false };
      if (!(await stat(path)).isDirectory()) {
        return { files: [path], folder: dirname(path), foreign: [], isDirectory: false };
      }
      const name = basename(resolve(path));
      if (name === '.git' || isForeignFolder(name)) throw makeForeignFailure(path, name);
      return { ...(await walk(path, isInventoryFile, 'inventoryFiles')), folder: path, isDirectory: true };
    },
    async listEntries(directory) {
      try {
        const entries = await readdir(directory);
        count('entries', entries.length, directory);
        return entries;
      } catch (cause) {
        if (cause instanceof Failure) throw cause;
        if (['ENOENT', 'ENOTDIR'].includes(readErrnoCode(cause) ?? '')) {
          return [];
        }
        throw new Failure('inventory/unreadable', `the directory can't be read: ${describeReadError(cause)}`, {
          where: directory,
          cause,
        });
      }
    },
    async listVariables(path) {
      if ((await stat(path)).isDirectory()) return (await walk(path, isVariablesFile, 'variablesFiles')).files;
      count('variablesFiles', 1, dirname(path));
      return [path];
    },
    async read(file) {
      if (await isHostList(file)) return Buffer.from(file);
      const left = limits.totalBytes - counts.totalBytes;
      const bytes = await readInput(file, { maxBytes: Math.min(limits.fileBytes, left) }).catch((thrown: unknown) => {
        if (thrown instanceof InputRefused && left < limits.fileBytes) {
          throw makeLimitFailure('totalBytes', limits, file);
        }
        throw thrown;
      });
      counts.totalBytes += bytes.length;
      return bytes;
    },
  };
}

/**
 * `C:prod.yml` is a file in the current folder of that drive. Node takes `C:` for its folder and then `C:\\` for that, so that the variables
 * and passwords of another inventory would be read.
 */
export function completeDriveRelative(path: string): string {
  return sep === '\\' && /^[A-Za-z]:(?![\\/])/.test(path) ? resolve(path) : path;
}

/** `ex01,ex02,` where there is no such file, as Ansible has it. */
async function isHostList(path: string): Promise<boolean> {
  if (!path.includes(',')) return false;
  return stat(path).then(
    () => false,
    // A list is soon longer than any name of a file may be.
    (thrown: unknown) => ['ENOENT', 'ENAMETOOLONG'].includes(readErrnoCode(thrown) ?? ''),
  );
}

function makeForeignFailure(path: string, name: string): Failure {
  return new Failure('inventory/unreadable', `the inventory can't be read: a folder called ${name} is no inventory`, {
    where: path,
    hint: 'name an inventory file or a directory of them: -i FILE',
  });
}

function makeLimitFailure(what: keyof SourceLimits, limits: SourceLimits, where: string): Failure {
  const sizes = {
    inventoryFiles: `more than ${String(limits.inventoryFiles)} files in this directory`,
    variablesFiles: `more than ${String(limits.variablesFiles)} files of variables`,
    entries: `more than ${String(limits.entries)} files and folders in this directory`,
    fileBytes: `larger than ${describeBytes(limits.fileBytes)}`,
    totalBytes: `all files together are larger than ${describeBytes(limits.totalBytes)}, up to this one`,
  } satisfies Record<keyof SourceLimits, string>;
  return new Failure('inventory/unreadable', `the inventory can't be read: ${sizes[what]}`, {
    where,
    hint: 'name inventory files, or a directory that has nothing else in it: -i FILE',
  });
}

// I/O: the files a new user starts from. Their text is that of the shipped examples, read from the package at run time, so that there
// is one text and not two; where this machine's domain is known it stands in place of the example's. Nothing is ever written over.
import { stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import { jsonSchemaText, modeline, schemaFileName } from '../../documents/json-schemas.ts';
import { defaultInventory } from '../../../workflows/inventory-flags.ts';
import { defaultPlaybook } from '../../options.ts';
import { readShippedFile } from '../../shipped-files.ts';
import type { GuessedDomain } from './guess-domain.ts';
import { makeDirectory } from '../../../files/make-directory.ts';
import { readErrnoCode } from '../../../model/failures/errno-code.ts';

const shipped = {
  inventory: 'inventory/example.yml',
  playbook: 'playbooks/exchange-backend-ports.yml',
} as const;

export interface StarterFile {
  /** As the user would type it from where the command ran. */
  readonly path: string;
  /** False: a file of this name was there and was left as it is. */
  readonly written: boolean;
}

/**
 * Writes inventory, playbook and their schemas below `directory`, which is made when it isn't there.
 * Throws Failure `usage/invalid` when the folder can't be written; files written before stay.
 */
export async function writeStarterFiles(
  directory: string,
  domain: GuessedDomain | null,
): Promise<readonly StarterFile[]> {
  const files: StarterFile[] = [];
  for (const { name, text } of starterTexts(domain)) {
    const path = join(directory, name);
    files.push({ path, written: await writeNew(path, text) });
  }
  return files;
}

function starterTexts(domain: GuessedDomain | null): readonly { readonly name: string; readonly text: string }[] {
  const yaml = (kind: 'inventory' | 'playbook', name: string): { name: string; text: string } => {
    const text = readShippedFile(shipped[kind]);
    // The commands in its comments shall work as they stand.
    const named = text.replaceAll('inventory/example.yml', defaultInventory);
    return { name, text: schemaLine(kind) + (domain === null ? named : nameDomain(named, domain)) };
  };
  return [
    yaml('inventory', defaultInventory),
    yaml('playbook', defaultPlaybook),
    ...(['inventory', 'playbook'] as const).map((kind) => ({
      name: join('schemas', schemaFileName(kind)),
      text: jsonSchemaText(kind),
    })),
  ];
}

/** The example's domain and account give way to what was guessed; its servers can't be guessed, and stay. */
function nameDomain(text: string, { realm, from, account }: GuessedDomain): string {
  const guessed = text
    .replace(/^(\s*username: )svc-fencepost@CORP\.EXAMPLE.*$/m, (line, key: string) =>
      account === null ? line : `${key}${account} # guessed: who ran "fencepost init"`,
    )
    .replaceAll('CORP.EXAMPLE', realm)
    .replaceAll('corp.example', realm.toLowerCase());
  return guessed.replace(
    /^all:$/m,
    `# The domain ${realm} was guessed from ${from}; the servers below are examples.\nall:`,
  );
}

function schemaLine(kind: 'inventory' | 'playbook'): string {
  return modeline(`../schemas/${schemaFileName(kind)}`);
}

/** False when there is such a file already. */
async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await makeDirectory(dirname(path));
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (cause) {
    if (readErrnoCode(cause) === 'EEXIST') return await isThere(path, cause);
    throw unwritable(path, cause);
  }
}

/** EEXIST also says that a folder's name is taken by a file. */
async function isThere(path: string, cause: unknown): Promise<false> {
  const found = await stat(path).catch(() => null);
  if (found === null || found.isDirectory()) throw unwritable(path, cause);
  return false;
}

function unwritable(path: string, cause: unknown): Failure {
  const reason = readErrnoCode(cause) ?? 'writing failed';
  return new Failure('usage/invalid', `the file can't be written (${reason})`, {
    where: path,
    hint: 'name a folder you may write to: fencepost init FOLDER',
    cause,
  });
}

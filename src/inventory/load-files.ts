// The files of one inventory while it is loaded: each is read once, decoded, and read again from the same bytes where references ask for it.
// A script or a plugin's settings go to the program that makes JSON of them, and only when the operator named that very file.
import { asFailure, Failure } from '../model/failure.ts';
import type { Issue } from '../model/failure.ts';
import { describeReadError } from '../model/failures/read-error.ts';
import { decodeText } from '../files/decode-text.ts';
import { readYaml } from '../yaml/document.ts';
import type { InventoryDocument } from './forms/inventory-document.ts';
import { readHostList } from './forms/host-list.ts';
import { findProgram, readForm } from './forms/read-form.ts';
import { readDocuments as readText, readVariables } from './read-document.ts';
import type { DocumentResult, ReferencedNames, TextReader } from './read-document.ts';
import { createSourceReader, type SourceReader } from './source-files.ts';
import type { VaultOpener } from './secrets/vault-opener.ts';

/** What `ansible-inventory --list` prints of a script or a plugin's settings. Rejects with a Failure that says why it can't be had. */
export type InventoryProgram = (file: string) => Promise<string>;

/** All that was read from disk so far. */
export interface LoadState {
  readonly reader: SourceReader;
  readonly bytes: Map<string, Buffer>;
  /** How each file is read. */
  readonly forms: Map<string, TextReader>;
  readonly issues: Issue[];
  readonly vault: VaultOpener;
  /** Null: none is run. */
  readonly program: InventoryProgram | null;
  /** Vault texts that could not be opened. */
  readonly locked: DocumentResult['locked'][number][];
}

export function startLoading(vault: VaultOpener, program: InventoryProgram | null): LoadState {
  const reader = createSourceReader();
  return { reader, bytes: new Map(), forms: new Map(), issues: [], vault, program, locked: [] };
}

/** `found`: in a directory, by looking; nobody asked for it to be run. `hosts`: the name itself lists them. */
export async function readInventoryFile(
  file: string,
  kind: 'named' | 'found' | 'hosts',
  reading: LoadState,
): Promise<readonly InventoryDocument[]> {
  reading.forms.set(file, kind === 'hosts' ? readHostList : readForm);
  const { documents, text } = await readFile(file, reading);
  const program = kind === 'hosts' ? null : findProgram(text ?? '', documents[0]?.value);
  if (program === null) return documents;
  const words = program === 'script' ? 'this is a script' : 'this configures an inventory plugin';
  const convert = 'convert it with: ansible-inventory -i FILE --list --yaml';
  if (kind === 'found' || reading.program === null) {
    const why = kind === 'found' ? 'which is run only when it is named itself, with -i' : 'which is not run here';
    reading.issues.push(makeFileIssue(file, `${words}, ${why}; or ${convert}`));
    return [];
  }
  try {
    // In place of what the file says: the plan rests on what the program printed.
    reading.bytes.set(file, Buffer.from(await reading.program(file)));
  } catch (thrown) {
    const { message, hint } = asFailure(thrown);
    reading.issues.push(makeFileIssue(file, `${words}; ${message}${hint === null ? '' : `; ${hint}`}`));
    return [];
  }
  reading.forms.set(file, readProgramOutput);
  return readDocuments(file, reading);
}

/** A line of what a program printed is a line of no file. */
const readProgramOutput: TextReader = (text, file, readVault) => {
  const nowhere = { line: 0, column: 0 };
  return readForm(text, `${file}.json`, readVault).map((document) => ({
    ...document,
    file,
    issues: document.issues.map((issue) => ({ ...issue, file, ...nowhere })),
    at: () => nowhere,
    keyAt: () => nowhere,
  }));
};

export async function readVariablesFile(
  file: string,
  reading: LoadState,
  meant?: ReferencedNames,
): Promise<InventoryDocument> {
  reading.forms.set(file, readVariables);
  const [document = readYaml('', file)] = await readDocuments(file, reading, meant);
  return document;
}

/** `meant`: what is read a second time, from the same bytes. */
export async function readDocuments(
  file: string,
  reading: LoadState,
  meant?: ReferencedNames,
): Promise<readonly InventoryDocument[]> {
  return (await readFile(file, reading, meant)).documents;
}

async function readFile(file: string, reading: LoadState, meant?: ReferencedNames): Promise<DocumentResult> {
  const text = await readText({
    text: await decodeFile(file, reading),
    file,
    vault: reading.vault,
    read: reading.forms.get(file) ?? readForm,
    meant,
  });
  reading.locked.push(...text.locked);
  return text;
}

/** Empty where it can't be read; that is among the issues then. */
async function decodeFile(file: string, { reader, bytes, issues }: LoadState): Promise<string> {
  try {
    const read = bytes.get(file) ?? (await reader.read(file));
    bytes.set(file, read);
    const decoded = decodeText(read);
    if (decoded.fault === null) return decoded.text;
    const { line, column, fault } = decoded;
    issues.push({ file, line, column, message: fault });
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    issues.push(makeFileIssue(file, describeReadError(cause)));
  }
  return '';
}

export function makeFileIssue(file: string, message: string): Issue {
  return { file, line: 0, column: 0, message };
}

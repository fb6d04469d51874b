// One text of an inventory -> documents whose vaulted settings are readable and whose passwords stay encrypted. A file that was encrypted
// whole is decrypted for its keys; each password in it is sealed again on its own, so that no plan holds more than it needs.
import { asFailure, Failure } from '../model/failure.ts';
import type { Issue } from '../model/failure.ts';
import { readYaml } from '../yaml/document.ts';
import type { VaultReader } from '../yaml/document.ts';
import type { DocumentPath } from '../yaml/document-path.ts';
import { passwordVariables } from './connection/ansible.ts';
import type { InventoryDocument } from './forms/inventory-document.ts';
import { isMapping } from './variables.ts';
import type { VaultOpener } from './secrets/vault-opener.ts';
import { isVaultText } from './secrets/vault.ts';

/** Reads a text in its form. */
export type TextReader = (text: string, file: string, readVault: VaultReader) => readonly InventoryDocument[];

/** Files of variables are YAML or JSON, whatever they are called. */
export const readVariables: TextReader = (text, file, readVault) => [readYaml(text, file, readVault)];

export interface DocumentResult {
  readonly documents: readonly InventoryDocument[];
  /** The text; for an encrypted file what is inside. Null when that can't be opened. */
  readonly text: string | null;
  /** What could not be opened, with its place; the document is not to be used then. */
  readonly locked: readonly { readonly issue: Issue; readonly failure: Failure }[];
}

/** Names of variables that settings mean (`{{ name }}`): they are treated like the settings themselves. */
export interface ReferencedNames {
  readonly passwords: ReadonlySet<string>;
  readonly others: ReadonlySet<string>;
}

const noReferences: ReferencedNames = { passwords: new Set(), others: new Set() };

export interface DocumentRequest {
  readonly text: string;
  readonly file: string;
  readonly vault: VaultOpener;
  readonly read: TextReader;
  readonly meant?: ReferencedNames | undefined;
}

/** Never rejects. */
export async function readDocuments(request: DocumentRequest): Promise<DocumentResult> {
  return isVaultText(request.text) ? readEncrypted(request) : readPlain(request);
}

async function readPlain({ text, file, vault, read, meant = noReferences }: DocumentRequest): Promise<DocumentResult> {
  const documents = read(text, file, () => null);
  const settings = documents.flatMap((document) =>
    document.vaulted
      .filter(({ path }) => isIn(meant.others, path) || (isSetting(path) && !isPassword(path, meant)))
      .map(({ path, ciphertext }) => ({ ciphertext, ...document.at(path) })),
  );
  if (settings.length === 0) return { documents, text, locked: [] };
  const plain = new Map<string, string>();
  const locked: DocumentResult['locked'][number][] = [];
  for (const { line, column, ciphertext } of settings) {
    const opened = await tryToOpen(vault.open(ciphertext, `${file}:${line}:${column}`));
    if (opened instanceof Failure) locked.push(makeLocked({ file, line, column }, opened));
    else plain.set(ciphertext, opened);
  }
  // Passwords are left encrypted even where one has the text of a setting.
  return { documents: read(text, file, (ciphertext) => plain.get(ciphertext) ?? null), text, locked };
}

async function readEncrypted(request: DocumentRequest): Promise<DocumentResult> {
  const { text: vaultText, file, vault, meant = noReferences } = request;
  const text = await tryToOpen(vault.open(vaultText, file));
  if (text instanceof Failure) {
    const nothing = [readYaml('', file)];
    return { documents: nothing, text: null, locked: [makeLocked({ file, line: 1, column: 1 }, text)] };
  }
  const { documents, locked } = await readPlain({ ...request, text });
  const sealed: InventoryDocument[] = [];
  for (const document of documents) sealed.push(await sealPasswords(document, { vaultText, vault, meant }));
  return { documents: sealed, text, locked };
}

async function sealPasswords(
  document: InventoryDocument,
  { vaultText, vault, meant }: { vaultText: string; vault: VaultOpener; meant: ReferencedNames },
): Promise<InventoryDocument> {
  const sealed = new Map<string, string>();
  for (const { path, value } of findPasswords(document.value, [], meant)) {
    if (document.vaultedAt(path) === null) sealed.set(writePathKey(path), await vault.seal(value, vaultText));
  }
  const vaultedAt: InventoryDocument['vaultedAt'] = (path) =>
    document.vaultedAt(path) ?? { ciphertext: sealed.get(writePathKey(path)) ?? null };
  return { ...document, vaultedAt };
}

async function tryToOpen(opening: Promise<string>): Promise<string | Failure> {
  try {
    return await opening;
  } catch (thrown) {
    return asFailure(thrown);
  }
}

function makeLocked(place: Omit<Issue, 'message'>, failure: Failure): DocumentResult['locked'][number] {
  const { message, hint } = failure;
  return { issue: { ...place, message: hint === null ? message : `${message}; ${hint}` }, failure };
}

/** A variable that says how to reach a host; others are not read here and stay encrypted. */
function isSetting(path: DocumentPath): boolean {
  return path.some((part) => part === 'winrm' || (typeof part === 'string' && part.startsWith('ansible_')));
}

function isPassword(path: DocumentPath, meant: ReferencedNames): boolean {
  const [above, last] = path.slice(-2);
  return (
    (above === 'winrm' && last === 'password') ||
    passwordVariables.some((name) => name === path.at(-1)) ||
    isIn(meant.passwords, path)
  );
}

function isIn(names: ReadonlySet<string>, path: DocumentPath): boolean {
  const last = path.at(-1);
  return typeof last === 'string' && names.has(last);
}

function findPasswords(
  value: unknown,
  path: DocumentPath,
  meant: ReferencedNames,
): readonly { path: DocumentPath; value: string }[] {
  if (typeof value === 'string' || typeof value === 'number') {
    return isPassword(path, meant) ? [{ path, value: String(value) }] : [];
  }
  if (Array.isArray(value)) return value.flatMap((one: unknown, at) => findPasswords(one, [...path, at], meant));
  return isMapping(value)
    ? Object.entries(value).flatMap(([key, one]) => findPasswords(one, [...path, key], meant))
    : [];
}

function writePathKey(path: DocumentPath): string {
  return JSON.stringify(path);
}

// YAML text -> a plain value that knows where each part of it was written. All faults of the text are found at once.
// It reads no file and evaluates nothing: no templates, no tags beyond YAML 1.2's own but `!vault`, which it decrypts nothing of.
// Source: YAML 1.2.2, merge keys of YAML 1.1.
import { LineCounter, isAlias, isPair, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Alias, Document, ScalarTag } from 'yaml';
import type { Issue } from '../model/failure.ts';
import { findTooDeep } from './depth.ts';
import type { DocumentPath } from './document-path.ts';
import { readCiphertext, createLocator, readKeyText, findOffset, vaultTagName } from './locator.ts';
import type { AliasTargets, Locator } from './locator.ts';
import { findPlainDoubt } from './plain-scalar.ts';
import { describeSyntaxFault } from './syntax-words.ts';

/** Both count from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

export interface YamlDocument {
  readonly file: string;
  /** Mappings as plain objects (keys as written), lists as arrays; null when empty or when `issues` is not empty. */
  readonly value: unknown;
  readonly issues: readonly Issue[];
  /** Where the value at a path begins; the nearest part above it that exists when the path doesn't. */
  at(path: DocumentPath): Position;
  /** Where the key of the last part of a path is written; like `at` for list items. */
  keyAt(path: DocumentPath): Position;
  /** Set when the value at a path was encrypted by ansible-vault: it must be shown nowhere. */
  vaultedAt(path: DocumentPath): VaultedValue | null;
  /** Why a text at a path may not be the one that was meant, as a fix for the operator: it stands without quotation marks. */
  doubtAt(path: DocumentPath): string | null;
  /** The value at a path is `!unsafe`: `{{ }}` in it are letters like others. */
  isUnsafeAt(path: DocumentPath): boolean;
  /** Every `!vault` value, where it is written first. */
  readonly vaulted: readonly { readonly path: DocumentPath; readonly ciphertext: string }[];
}

/** `ciphertext`: what alone holds this value, encrypted; null when it is only part of a file that was encrypted whole. */
interface VaultedValue {
  readonly ciphertext: string | null;
}

/** The text inside a `!vault` value, or null to leave the ciphertext as the value. Left out: the tag is not known. */
export type VaultReader = (ciphertext: string) => string | null;

/** Aliases may make a value at most this many times as large as its text ("billion laughs"). */
const maxAliasCount = 100;

/** Reads one YAML document. Never throws: whatever is wrong with the text is in `issues`. */
export function readYaml(text: string, file: string, readVault?: VaultReader): YamlDocument {
  const lineCounter = new LineCounter();
  const issues: Issue[] = [];
  const position = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const report: IssueReport = (offset, message) => {
    issues.push({ file, ...position(offset), message });
  };

  let value: unknown = null;
  let locate: Locator = () => ({ key: 0, value: 0, node: null });
  let vaulted: YamlDocument['vaulted'] = [];
  const tooDeep = findTooDeep(text);
  // The parser notes where lines begin as it goes; of a text that is not parsed it is told here.
  if (tooDeep !== null) for (const { index } of text.matchAll(/^/gm)) lineCounter.addNewLine(index);
  try {
    if (tooDeep !== null) throw new RangeError('nested too deeply');
    const document = parseDocument(text, {
      lineCounter,
      merge: true,
      prettyErrors: false,
      uniqueKeys: false,
      customTags: readVault === undefined ? [] : [createVaultTag(readVault), unsafeTag],
    });
    for (const fault of [...document.errors, ...document.warnings]) report(fault.pos[0], describeSyntaxFault(fault));
    nameKeysAsWritten(document, report);
    // Each walk takes a while with thousands of hosts, and few files have what these look for.
    locate = createLocator(document.contents, text.includes('*') ? resolveAliases(document, report) : new WeakMap());
    if (text.includes('!')) vaulted = findVaulted(document);
    if (issues.length === 0) value = (document.toJS({ maxAliasCount }) as unknown) ?? null;
  } catch (thrown) {
    if (issues.length === 0) report(tooDeep ?? 0, describeUnreadable(thrown));
  }
  return {
    file,
    value: issues.length === 0 ? value : null,
    issues: issues.toSorted((a, b) => a.line - b.line || a.column - b.column),
    at: (path) => position(locate(path).value),
    keyAt: (path) => position(locate(path).key),
    vaultedAt(path) {
      const ciphertext = readCiphertext(locate(path).node);
      return ciphertext === null ? null : { ciphertext };
    },
    doubtAt: (path) => findPlainDoubt(locate(path).node),
    isUnsafeAt(path) {
      const { node } = locate(path);
      return isScalar(node) && node.tag === unsafeTag.tag;
    },
    vaulted,
  };
}

/** Ansible's tag for text that is never a template. */
const unsafeTag: ScalarTag = { tag: '!unsafe', resolve: (text) => text };

function createVaultTag(readVault: VaultReader): ScalarTag {
  return { tag: vaultTagName, resolve: (ciphertext) => readVault(ciphertext) ?? ciphertext };
}

function findVaulted(document: Document): YamlDocument['vaulted'] {
  const found: { path: DocumentPath; ciphertext: string }[] = [];
  visit(document, {
    Scalar(key, node, ancestors) {
      const ciphertext = key === 'key' ? null : readCiphertext(node);
      if (ciphertext !== null) found.push({ path: findPath(node, ancestors), ciphertext });
    },
  });
  return found;
}

function findPath(node: unknown, ancestors: readonly unknown[]): DocumentPath {
  return [...ancestors, node].flatMap((one, at, all): DocumentPath => {
    if (isPair(one) && isScalar(one.key)) return [readKeyText(one.key)];
    const inside = all[at + 1];
    return isSeq(one) && inside !== undefined ? [one.items.indexOf(inside)] : [];
  });
}

type IssueReport = (offset: number, message: string) => void;

/**
 * Keys are text to everything behind this file: a host called `0x10` or a group called `on` keeps its name, and `1:` and
 * `"1":` are one key. The parser's own search for duplicates takes seconds on a mapping of ten thousand hosts.
 */
function nameKeysAsWritten(document: Document, report: IssueReport): void {
  visit(document, {
    Map(_, map) {
      // The parser's list keeps room for 16 pairs more: with thousands of hosts some megabytes.
      map.items = map.items.slice();
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = nameKey(key, report);
        if (name === null) continue;
        if (seen.has(name)) report(findOffset(key), 'duplicate key: this mapping already has it above');
        seen.add(name);
      }
    },
  });
}

/** The key as text, which is put in place of its value; null for the merge key `<<` and for what is no key. */
function nameKey(key: unknown, report: IssueReport): string | null {
  if (isScalar(key)) {
    if (typeof key.value === 'symbol') return null;
    if (key.value === null && (key.source ?? '') === '') report(findOffset(key), 'a key is missing before the colon');
    return (key.value = readKeyText(key));
  }
  const quote = 'a value that starts with { or [ must be quoted';
  if (isAlias(key)) report(findOffset(key), 'a key must be plain text, found an alias');
  else report(findOffset(key), `a key must be plain text, found a mapping or a list; ${quote}`);
  return null;
}

/** What each alias stands for: the last node before it that has its anchor. */
function resolveAliases(document: Document, report: IssueReport): AliasTargets {
  const anchors = new Map<string, unknown>();
  const targets = new WeakMap<Alias, unknown>();
  visit(document, {
    Value(_, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
    Alias(_, alias, ancestors) {
      const target = anchors.get(alias.source);
      if (target === undefined) {
        report(findOffset(alias), 'this alias has no anchor before it; a value that starts with * must be quoted');
      } else if (ancestors.some((one) => one === target)) {
        report(findOffset(alias), 'an alias refers to a value that contains it');
      } else {
        targets.set(alias, target);
      }
    },
  });
  return targets;
}

function describeUnreadable(thrown: unknown): string {
  if (thrown instanceof ReferenceError)
    return `aliases (*name) would expand this file to more than ${maxAliasCount} times its size`;
  if (thrown instanceof RangeError) return 'nested too deeply';
  if (thrown instanceof Error && thrown.message.startsWith('Merge sources')) {
    return 'the merge key << takes a mapping or a list of mappings, found something else';
  }
  return 'not valid YAML';
}

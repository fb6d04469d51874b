// How a place in a file and a value found there are said in an Issue. A value that may be a secret is never said.
import type { YamlDocument } from './document.ts';
import type { DocumentPath } from './document-path.ts';

/** The address of an incoming webhook is a secret itself. */
const secretKey = /pass|secret|token|private|credential|(^|_)key$|^(?:webhook|teams|slack)$/i;
const longestShown = 60;

/** `exclusions[0].port`; `all.hosts.ex01.corp.example` is left as it is written. */
export function writePath(path: DocumentPath): string {
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${part}`)).join('');
}

/** True when a value at this path must not be repeated anywhere: a key on the way is called like a secret. */
export function isSecretPath(path: DocumentPath): boolean {
  return path.some((part) => typeof part === 'string' && secretKey.test(part));
}

/** The path by which to judge whether a value may be shown: that of a vaulted value is a secret's. */
export function chooseSecrecyPath(place: {
  readonly document: YamlDocument;
  readonly path: DocumentPath;
}): DocumentPath {
  const { document, path } = place;
  return document.vaultedAt(path) === null ? path : [...path, 'secret'];
}

/** What was found, with its value: `"abc"`, `70000`, `nothing`, `a list of 3`, `a mapping (env, file)`. */
export function describeValue(value: unknown, path: DocumentPath = []): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') {
    const keys = Object.keys(value);
    return keys.length === 0 ? 'an empty mapping' : `a mapping (${shorten(keys.join(', '))})`;
  }
  if (isSecretPath(path)) return `a ${typeof value === 'string' ? 'text' : typeof value} (not shown)`;
  if (typeof value === 'string') return JSON.stringify(shorten(hideLogin(value)));
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** `a`, `a or b`, `a, b or c`. */
export function joinWithOr(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

/** A URL may contain a login. */
function hideLogin(text: string): string {
  return text.replace(/\/\/[^/\s]*@/g, '//(hidden)@');
}

function shorten(text: string): string {
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}...`;
}

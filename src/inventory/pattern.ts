// A host pattern in text -> its parts. It matches nothing yet. Source: Ansible's patterns: parts are joined by `,` or `:`,
// `&` means "and also in", `!` means "but not in"; a part is a name, a glob, a `~regex`, or one of the first two with `[0]`, `[0:2]`.
import { compileGlob } from './glob.ts';
import { compileNameRegex } from './name-regex.ts';

export interface PatternPart {
  /** As written, with its `&` or `!`. */
  readonly text: string;
  readonly kind: 'add' | 'keep' | 'drop';
  /** Without `&`, `!` and the slice. */
  readonly name: string;
  readonly matches: (name: string) => boolean;
  /** A glob or a regex: looks at hosts even when it matched a group. */
  readonly wild: boolean;
  /** Positions counted from 0, both ends included; a negative start counts from the end; `last` null = to the end. */
  readonly slice: { readonly first: number; readonly last: number | null } | null;
}

export type ParsedPattern =
  { readonly parts: readonly PatternPart[]; readonly fault: null } | { readonly fault: string };

/** The parts in their order; blanks around them are cut, empty ones are left out. */
export function parsePattern(text: string): ParsedPattern {
  const parts: PatternPart[] = [];
  for (const piece of splitPattern(text)) {
    const part = parsePart(piece);
    if (typeof part === 'string') return { fault: part };
    parts.push(part);
  }
  return parts.length === 0 ? { fault: 'empty pattern' } : { parts, fault: null };
}

/** The lines of an `@file` as one pattern: one part a line, blank lines and `#` comments left out. */
export function readPatternLines(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.slice(0, findComment(line)).trim());
  return lines.filter((line) => line !== '').join(',');
}

/** Where a `#` stands at the start or behind a blank; the line's end when none does. */
function findComment(line: string): number {
  const at = line.search(/(?<!\S)#/);
  return at === -1 ? line.length : at;
}

/** Cuts at commas and colons that are outside brackets; an IPv6 address is one piece. */
function splitPattern(text: string): readonly string[] {
  return cutOutsideBrackets(text, ',').flatMap((piece) => {
    const address = /^[!&]?[0-9a-fA-F:.]*(%\w+)?$/.test(piece) && (piece.match(/:/g) ?? []).length > 1;
    return address ? [piece] : cutOutsideBrackets(piece, ':');
  });
}

function cutOutsideBrackets(text: string, separator: string): readonly string[] {
  const pieces: string[] = [];
  let depth = 0;
  let piece = '';
  for (const sign of text) {
    if ('[{('.includes(sign)) depth += 1;
    if (']})'.includes(sign)) depth = Math.max(0, depth - 1);
    if (sign === separator && depth === 0) {
      pieces.push(piece);
      piece = '';
    } else {
      piece += sign;
    }
  }
  return [...pieces, piece].map((one) => one.trim()).filter((one) => one !== '');
}

function parsePart(text: string): PatternPart | string {
  const kind = text.startsWith('!') ? 'drop' : text.startsWith('&') ? 'keep' : 'add';
  const bare = kind === 'add' ? text : text.slice(1).trim();
  if (bare === '' || bare === '~') return `"${text}" names nothing`;
  if (bare.startsWith('~')) {
    const matches = compileNameRegex(bare.slice(1));
    if (typeof matches !== 'function') return `"${shorten(bare.slice(1))}" ${matches.fault}`;
    return { text, kind, name: bare, matches, wild: true, slice: null };
  }
  const sliced = /^(.+)\[(?:(-?\d{1,6})|(\d{1,6})[:-](\d{0,6}))\]$/.exec(bare);
  const name = sliced?.[1] ?? bare;
  const glob = compileGlob(name);
  return {
    text,
    kind,
    name,
    matches: glob ?? ((one) => one === name),
    wild: /[.?*[]/.test(name),
    slice: sliced === null ? null : readSlice(sliced),
  };
}

function readSlice([, , single, first, last]: RegExpExecArray): { first: number; last: number | null } {
  if (single !== undefined) return { first: Number(single), last: Number(single) };
  return { first: Number(first), last: last === undefined || last === '' ? null : Number(last) };
}

/** A pattern in a message. */
function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

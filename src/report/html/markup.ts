// HTML that escapes by itself: whatever stands in an `html` template is text unless it is Markup already, and Markup comes only from
// the tag. Characters that a reader can't see, or that reorder what he sees, are made visible, for a host may print anything.

/** A piece of HTML that is safe to put into a page. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Insert = string | number | Markup | null | readonly Insert[];

/** Lists are joined without anything between; null is nothing. */
export function html(parts: TemplateStringsArray, ...inserts: readonly Insert[]): Markup {
  // Of the source's own indentation only the line end is kept: it means as much and weighs less.
  const [first = '', ...rest] = parts.map((part) => part.replaceAll(/\n\s*/g, '\n'));
  let text = first;
  for (const [index, insert] of inserts.entries()) text += render(insert) + (rest[index] ?? '');
  return new Markup(text);
}

function render(insert: Insert): string {
  if (insert === null) return '';
  if (insert instanceof Markup) return insert.text;
  if (typeof insert === 'string' || typeof insert === 'number') return escapeHtml(String(insert));
  return insert.map(render).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (found) => entities[found] ?? '').replaceAll(invisible, showCharacter);
}

/** Controls but tab and newline, bidirectional overrides, lone surrogates, byte order marks. */
const invisible =
  /[\0-\u{8}\u{B}-\u{1F}\u{7F}-\u{9F}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}\u{FEFF}\u{D800}-\u{DFFF}]/gu;

/** A control by its picture (U+2400 block), the rest as `[U+202E]`. */
function showCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}

/** A value for a `<script type="application/json">`: the same JSON, in which no tag can begin and no comment can open. */
export function jsonForScript(value: unknown): Markup {
  return new Markup(
    JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026'),
  );
}

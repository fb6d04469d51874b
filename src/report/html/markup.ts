// HTML that escapes by itself: whatever stands in an `html` template is text unless it is Markup already, and Markup comes only from
// the tag. Characters that a reader can't see, or that reorder what he sees, are made visible, for a host may print anything.
import { visibleText } from '../../model/text/visible-text.ts';

/** A piece of HTML that is safe to put into a page. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Where a page that is written part by part gets what is too long to be in memory as a whole: no text that is escaped has its character. */
export const hole = new Markup('\u0000');

/** The text with each hole filled by the parts that stand in its place, in order; nothing is kept. */
export function* fillHoles(text: string, fillings: readonly Iterable<string>[]): Generator<string> {
  for (const [index, part] of text.split(hole.text).entries()) {
    if (index > 0) yield* fillings[index - 1] ?? [];
    yield part;
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
  return visibleText(text).replaceAll(/[&<>"']/g, (found) => entities[found] ?? '');
}

/** A value for a `<script type="application/json">`: the same JSON, in which no tag can begin and no comment can open. */
export function jsonForScript(value: unknown): Markup {
  return new Markup(
    visibleText(JSON.stringify(value)).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026'),
  );
}

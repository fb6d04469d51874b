// A letter <-> the text that an outbox keeps of it, wherever that is: with a digest, so that what was cut or changed is found out, and under a
// name that is the same whoever writes it. PURE.
import { createHash } from 'node:crypto';
import { letterForm } from '../../forms/note-forms.ts';
import type { Letter } from '../../model/notifications/letter.ts';

export const letterFormat = 'fencepost-letter';
const version = 1;

/** What a letter is known by, in the outbox and to its receiver. It tells nothing of what is in it. */
export function identifyLetter({ channel, note }: Pick<Letter, 'channel' | 'note'>): string {
  return digest(JSON.stringify([channel, note.key])).slice(0, 40);
}

export function writeLetter(letter: Letter): string {
  const body = JSON.stringify(letter);
  return `{"format":"${letterFormat}","version":${version},"sha256":"${digest(body)}","letter":${body}}\n`;
}

/** The very text that was written is proven, then its form, then that it is kept under its own name. Null: it is no letter. */
export function parseLetter(text: string, id: string): Letter | null {
  const head = `{"format":"${letterFormat}","version":${version},"sha256":"`;
  const match = /^([0-9a-f]{64})","letter":(.*)\}\n$/s.exec(text.startsWith(head) ? text.slice(head.length) : '');
  const [, written, body] = match ?? [];
  if (body === undefined || digest(body) !== written) return null;
  const read = letterForm.safeParse(JSON.parse(body));
  return read.success && identifyLetter(read.data) === id ? read.data : null;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

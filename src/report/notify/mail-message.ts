// A note as a mail: plain text, and headers by which a mailbox may sort it and tell one that came twice. PURE; it sends nothing.
// Sources: RFC 5322 (Message-ID), RFC 3834 (Auto-Submitted, so that no mailbox answers it).
import type { Note } from '../../model/notifications/note.ts';
import { formatOrigin } from './webhook-bodies.ts';

export interface MailMessage {
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** `id`: the same for a note that comes twice. */
export function writeMailMessage(note: Note, id: string): MailMessage {
  const { title, facts, meaning, next, severity, event } = note;
  const mark = severity === 'alarm' ? 'ALARM: ' : severity === 'warning' ? 'Warning: ' : '';
  const parts = [
    `${title}\n${meaning}`,
    facts.map((one) => `- ${one}`).join('\n'),
    next === null ? '' : `Next:\n  ${next}`,
    formatOrigin(note),
  ];
  return {
    subject: `[fencepost] ${mark}${title}`,
    text: `${parts.filter((one) => one !== '').join('\n\n')}\n`,
    messageId: `<${id}@fencepost.invalid>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Fencepost-Event': event },
  };
}

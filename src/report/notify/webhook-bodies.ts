// A note as the JSON that a webhook takes: our own form, a Teams card, a Slack message. What others named (hosts, runs, playbooks) is plain
// text in all of them, never markup: no host may ping a channel or plant a link. PURE.
// Sources: Adaptive Cards 1.4 (adaptivecards.io/explorer), Teams "post to a channel when a webhook request is received", Slack Block Kit.
import type { WebhookKind } from '../../model/notifications/channel.ts';
import { cutText } from '../../model/text/cut-text.ts';
import type { Note, Severity } from '../../model/notifications/note.ts';

/** `id`: the same for a note that comes twice. */
export function writeWebhookBody(kind: WebhookKind, note: Note, id: string): string {
  switch (kind) {
    case 'webhook':
      return JSON.stringify({ schema: 'fencepost/notification', version: 1, id, ...note });
    case 'teams':
      return JSON.stringify(makeTeamsMessage(note));
    case 'slack':
      return JSON.stringify(makeSlackMessage(note));
  }
}

const colours: Readonly<Record<Severity, string>> = { info: 'Good', warning: 'Warning', alarm: 'Attention' };

function makeTeamsMessage(note: Note): object {
  const { title, facts, meaning, next, severity } = note;
  // A TextBlock reads Markdown, links too; a TextRun does not.
  const paragraph = (text: string, style: object = {}): object => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text, ...style }],
  });
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: title,
    body: [
      paragraph(title, { weight: 'Bolder', size: 'Medium', color: colours[severity] }),
      paragraph(meaning),
      ...facts.map((one) => paragraph(one)),
      ...(next === null ? [] : [paragraph('Next:'), paragraph(next, { fontType: 'Monospace' })]),
      paragraph(formatOrigin(note), { isSubtle: true, size: 'Small' }),
    ],
    msteams: { width: 'Full' },
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }],
  };
}

const marks: Readonly<Record<Severity, string>> = { info: '', warning: 'Warning: ', alarm: 'ALARM: ' };
/** Of a text in a section; a header has 150. */
const longestSlack = 2900;

function makeSlackMessage(note: Note): object {
  const { title, facts, meaning, next, severity } = note;
  const head = `${marks[severity]}${title}`;
  const plain = (text: string): object => ({ type: 'plain_text', text: cutText(text, longestSlack), emoji: false });
  const section = (text: string): object => ({ type: 'section', text: plain(text) });
  return {
    // What a phone shows: read as markup, so that its signs are written out.
    text: head.replaceAll(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? ''),
    unfurl_links: false,
    blocks: [
      section(head),
      section(meaning),
      ...(facts.length === 0 ? [] : [section(facts.join('\n'))]),
      ...(next === null
        ? []
        : [
            {
              type: 'rich_text',
              elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: next }] }],
            },
          ]),
      { type: 'context', elements: [plain(formatOrigin(note))] },
    ],
  };
}

/** `Fencepost, operator@jump01, 2026-12-05T22:00:00.000Z, run 20261205-...` */
export function formatOrigin({ from, at, run }: Note): string {
  return ['Fencepost', from, at, ...(run === null ? [] : [`run ${run}`])].join(', ');
}

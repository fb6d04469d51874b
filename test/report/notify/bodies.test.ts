// Notes as the JSON of Teams and Slack, and as mail. The card is judged by Microsoft's own reader (package adaptivecards); Slack publishes no
// schema, so its documented limits stand here as a table. What others named is never markup.
import { SerializationContext, AdaptiveCard, Versions } from 'adaptivecards';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeNote, noteKinds, severities, type Note } from '../../../src/model/notifications/note.ts';
import { writeMailMessage } from '../../../src/report/notify/mail-message.ts';
import { writeWebhookBody } from '../../../src/report/notify/webhook-bodies.ts';
import { anyCharacter } from '../../support/any-character.ts';

const text = (maxLength: number) => fc.string({ unit: anyCharacter, maxLength });
const notes: fc.Arbitrary<Note> = fc
  .record({
    key: text(50),
    event: fc.constantFrom(...noteKinds),
    at: fc.constant('2026-12-05T22:00:00.000Z'),
    severity: fc.constantFrom(...severities),
    title: fc.string({ unit: anyCharacter, minLength: 1, maxLength: 3000 }),
    from: text(300),
    run: fc.option(text(300)),
    facts: fc.array(fc.string({ unit: anyCharacter, minLength: 1, maxLength: 3000 }), { maxLength: 40 }),
    meaning: fc.string({ unit: anyCharacter, minLength: 1, maxLength: 3000 }),
    next: fc.option(fc.string({ unit: anyCharacter, minLength: 1, maxLength: 600 })),
  })
  .map(makeNote);

const evil = '<!channel> *bold* [x](https://evil.example) <https://evil.example|ex01> @here\nBcc: a@b.example';
const evilNote = makeNote({
  key: 'k',
  event: 'in-doubt',
  at: '2026-12-05T22:00:00.000Z',
  severity: 'alarm',
  title: evil,
  from: 'operator@jump01',
  run: '20261205-220000-000abc',
  facts: [evil],
  meaning: evil,
  next: 'fencepost status 20261205-220000-000abc',
});

interface TeamsMessage {
  readonly type: string;
  readonly attachments: readonly {
    readonly contentType: string;
    readonly content: { readonly version: string; readonly body: readonly { readonly type: string }[] };
  }[];
}

describe('a Teams card', () => {
  const read = (note: Note): TeamsMessage => JSON.parse(writeWebhookBody('teams', note, 'id')) as TeamsMessage;

  test("is read without complaint by Microsoft's own reader, and is small enough for a workflow", () => {
    fc.assert(
      fc.property(notes, (note) => {
        const written = writeWebhookBody('teams', note, 'id');
        expect(Buffer.byteLength(written)).toBeLessThan(28 * 1024);
        const { type, attachments } = JSON.parse(written) as TeamsMessage;
        expect([type, attachments[0]?.contentType]).toEqual(['message', 'application/vnd.microsoft.card.adaptive']);
        const context = new SerializationContext(Versions.v1_4);
        const card = new AdaptiveCard();
        card.parse(attachments[0]?.content ?? {}, context);
        const complaints = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
        expect(complaints).toEqual([]);
        expect(card.getItemCount()).toBe(attachments[0]?.content.body.length);
      }),
    );
  });

  test('has no element that reads Markdown', () => {
    const [attachment] = read(evilNote).attachments;
    expect(new Set(attachment?.content.body.map((one) => one.type))).toEqual(new Set(['RichTextBlock']));
    expect(JSON.stringify(attachment)).toContain('"fontType":"Monospace"');
  });

  test('that Microsoft does not know is complained of: the reader does read', () => {
    const context = new SerializationContext(Versions.v1_4);
    new AdaptiveCard().parse({ type: 'AdaptiveCard', version: '1.4', body: [{ type: 'Richtext' }] }, context);
    expect(context.eventCount).toBeGreaterThan(0);
  });
});

interface SlackText {
  readonly type: string;
  readonly text: string;
}
interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly {
    readonly type: string;
    readonly text?: SlackText;
    readonly elements?: readonly (SlackText & { readonly elements?: readonly SlackText[] })[];
  }[];
}

describe('a Slack message', () => {
  const read = (note: Note): SlackMessage => JSON.parse(writeWebhookBody('slack', note, 'id')) as SlackMessage;

  test('keeps within what Block Kit documents: 50 blocks, 3000 characters in a section, no empty text', () => {
    fc.assert(
      fc.property(notes, (note) => {
        const { text: short, blocks } = read(note);
        expect(short.length).toBeLessThan(40_000);
        expect(blocks.length).toBeLessThanOrEqual(50);
        for (const { type, text: inside, elements } of blocks) {
          expect(['section', 'rich_text', 'context']).toContain(type);
          const texts = type === 'section' ? [inside] : (elements ?? []).flatMap((one) => one.elements ?? [one]);
          expect(texts.length).toBeGreaterThan(0);
          for (const one of texts) {
            expect(one?.text.length).toBeGreaterThan(0);
            expect(one?.text.length).toBeLessThanOrEqual(3000);
            expect(one?.type).toBe(type === 'rich_text' ? 'text' : 'plain_text');
          }
        }
      }),
    );
  });

  test('pings nobody and plants no link', () => {
    const { text: short, blocks } = read(evilNote);
    expect(short).toContain('&lt;!channel&gt;');
    expect(short).not.toMatch(/[<>]/);
    expect(JSON.stringify(blocks)).not.toContain('mrkdwn');
  });
});

describe('a mail', () => {
  test('has a subject of one line, whatever was named, and the command on a line of its own', () => {
    fc.assert(
      fc.property(notes, (note) => {
        const mail = writeMailMessage(note, 'a1');
        expect(mail.subject).not.toMatch(/[\r\n\p{Cc}]/u);
        expect(mail.messageId).toBe('<a1@fencepost.invalid>');
        expect(mail.text.length).toBeLessThan(12_000);
        if (note.next !== null) expect(mail.text).toContain(`\n\nNext:\n  ${note.next}\n`);
      }),
    );
    expect(writeMailMessage(evilNote, 'a1')).toMatchObject({
      subject: expect.stringMatching(/^\[fencepost\] ALARM: <!channel>.* Bcc: /) as string,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Fencepost-Event': 'in-doubt' },
    });
  });
});

test('our own JSON is the note as it is, with its id', () => {
  expect(JSON.parse(writeWebhookBody('webhook', evilNote, 'a1'))).toEqual({
    schema: 'fencepost/notification',
    version: 1,
    id: 'a1',
    ...evilNote,
  });
});

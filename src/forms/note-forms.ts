// The forms of a note and of a letter: what the outbox keeps, and what a generic webhook gets. What is read back is judged by the same form.
// Source: model/notifications/, to which the compiler holds them.
import * as z from 'zod';
import type { Letter } from '../model/notifications/letter.ts';
import { noteKinds, severities, type Note } from '../model/notifications/note.ts';
import { formOf } from './form.ts';
import { count, moment, text } from './value-forms.ts';

export const noteForm = formOf<Note>()(
  z.strictObject({
    key: text.describe('The same for the same happening: a note that comes twice has it twice'),
    event: z.enum(noteKinds),
    at: moment,
    severity: z.enum(severities),
    title: text,
    from: text.describe('Whose Fencepost tells this: user@machine'),
    run: text.nullable(),
    facts: z.array(text),
    meaning: text,
    next: text.nullable().describe('The command to type next'),
  }),
);

export const letterForm = formOf<Letter>()(
  z.strictObject({ channel: text, sequence: count, writtenAt: moment, note: noteForm }),
);

// The forms of what `watch` prints: runs that died, what became of notifications, and tests of channels.
import * as z from 'zod';
import { count, moment, text } from '../../forms/value-forms.ts';

export const watchForms = {
  watch: z
    .strictObject({
      dead: z.array(z.strictObject({ run: text, lastAt: moment, holder: text.nullable(), next: text.nullable() })),
      problem: text.nullable().describe('Why not all runs could be looked at; null: all were.'),
      channels: z.array(z.strictObject({ channel: text, sent: count, left: count, problem: text.nullable() })),
    })
    .describe('fencepost watch --once --json'),
  'channel-test': z
    .strictObject({
      channels: z.array(
        z.strictObject({ channel: text, kind: text, isDelivered: z.boolean(), problem: text.nullable() }),
      ),
    })
    .describe('fencepost watch --test --json'),
} as const;

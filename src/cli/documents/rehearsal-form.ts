// The form of the document that `rehearse --json` prints. Source: model/rehearsal.ts, to which the compiler holds it.
import * as z from 'zod';
import { formOf } from '../../forms/form.ts';
import { count, moment, text } from '../../forms/value-forms.ts';
import { verdictCounts } from '../../forms/run-forms.ts';
import { paceSources } from '../../model/headline/paces.ts';
import { verdicts } from '../../model/outcome.ts';
import { mishapKinds, mishapLevels, type Rehearsal } from '../../model/rehearsal.ts';

const night = z.strictObject({
  mishap: z
    .strictObject({ kind: z.enum(mishapKinds), host: text })
    .nullable()
    .describe('null: the night as planned'),
  startedAt: moment,
  durationMs: count,
  hosts: z.array(
    z.strictObject({
      host: text,
      verdict: z.enum(verdicts),
      detail: text,
      batch: count.nullable(),
      startedAt: moment.nullable(),
      finishedAt: moment.nullable(),
    }),
  ),
  counts: verdictCounts,
  outages: z.array(
    z.strictObject({
      host: text,
      service: text,
      fromAt: moment,
      durationMs: count.nullable().describe('null: still down at the end of the run'),
    }),
  ),
  stopped: text.nullable().describe('Why the run started no more hosts'),
  rollback: z.strictObject({
    durationMs: count,
    changed: count.describe('Hosts whose true state was another than before the night'),
    notRestored: z.array(text),
  }),
});

export const rehearsal = formOf<Rehearsal>()(
  z.strictObject({
    digest: text,
    name: text,
    mishaps: z.enum(mishapLevels),
    seed: count,
    source: z.enum(paceSources),
    notRehearsed: z.array(z.strictObject({ host: text, reason: text })),
    nights: z.array(night),
    isGood: z.boolean(),
  }),
);

// The forms of what is no document of `--json`: saved plans, snapshots, and the lines of journals and event streams. What reads these
// files judges more than a form can say: digests, chains, ranges.
import * as z from 'zod';
import { approvalFile } from '../../forms/approval-forms.ts';
import { snapshotFile } from '../../forms/snapshot-schema.ts';
import { journalVersion } from '../../journal/record.ts';
import { planFileFormat, planFileVersion } from '../../plan/plan-file.ts';
import { noteForm } from '../../forms/note-forms.ts';
import { eventLineVersion, notificationVersion, type RecordKind } from './kinds.ts';
import { count, sha256, text } from '../../forms/value-forms.ts';
import { savedFleetPlan } from '../../forms/plan-forms.ts';
import { eventForms, runEvent } from '../../forms/run-forms.ts';

const eventHead = { schema: z.literal('fencepost/event'), version: z.literal(eventLineVersion) };

export const recordForms = {
  'plan-file': z
    .strictObject({
      format: z.literal(planFileFormat),
      version: z.literal(planFileVersion),
      digest: sha256,
      plan: savedFleetPlan,
    })
    .describe('What fencepost plan --out saves'),
  'approval-file': approvalFile.describe('What fencepost approve saves'),
  'snapshot-file': snapshotFile.describe('What fencepost collect --out saves'),
  'journal-line': z
    .strictObject({ v: z.literal(journalVersion), sequence: count, previous: sha256, event: runEvent, digest: sha256 })
    .describe('One line of journal.ndjson in the folder of a run'),
  notification: noteForm
    .extend({
      schema: z.literal('fencepost/notification'),
      version: z.literal(notificationVersion),
      id: text.describe('The same for a note that comes twice; also the header Idempotency-Key'),
    })
    .describe('What a webhook gets (notify in policy.yml)'),
  'event-line': z.union(eventForms.map((form) => form.extend(eventHead))).describe('One line of --events'),
} as const satisfies Readonly<Record<RecordKind, z.ZodType>>;

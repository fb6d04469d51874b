// The form of what a plan comes to, in every document that has it. Source: model/headline/, to which the compiler holds it.
import * as z from 'zod';
import { formOf } from '../../forms/form.ts';
import { count, text } from '../../forms/value-forms.ts';
import { failureCode, findingCode } from '../../forms/plan-forms.ts';
import { hostCount, onFailure, window } from '../../forms/policy-forms.ts';
import { paceSources } from '../../model/headline/paces.ts';
import type { PlanHeadline } from '../../model/headline/plan-headline.ts';

const source = z
  .enum(paceSources)
  .describe('Whether the times were measured in the newest runs of the state directory, or assumed');

export const planHeadline = formOf<PlanHeadline>()(
  z
    .strictObject({
      hosts: count,
      changing: count,
      leftOut: z.array(
        z.strictObject({
          state: z.enum(['ok', 'blocked', 'unreachable']),
          code: z.union([failureCode, findingCode]).nullable(),
          hosts: z.array(text),
        }),
      ),
      exclusions: z.strictObject({ added: count, deleted: count }),
      dynamicRanges: count,
      restarts: z.array(
        z.strictObject({ service: text, hosts: count, isCertain: z.boolean(), usualMs: count, source }),
      ),
      batches: z.array(z.strictObject({ canary: z.boolean(), hosts: z.array(text) })),
      concurrency: count,
      oneAtATimeBy: text.nullable(),
      ungrouped: count,
      pauseMs: count,
      confirmBetweenBatches: z.boolean(),
      maxFailed: hostCount,
      maxFailedTotal: hostCount.nullable(),
      onFailure,
      window: window.nullable(),
      expected: z.strictObject({ durationMs: count, source, runs: count, fitsWindow: z.boolean().nullable() }),
    })
    .meta({ id: 'PlanHeadline', description: 'What a plan comes to' }),
);

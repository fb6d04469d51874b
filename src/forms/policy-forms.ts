// The forms of how a run goes about its hosts: strategy, window, failures, approvals, guards, channels. Source: model/strategy.ts, to which
// the compiler holds them.
import * as z from 'zod';
import { channelNamePattern } from '../model/notifications/channel.ts';
import { askedEvents } from '../model/notifications/note.ts';
import {
  confirmedBy,
  confirmLimitsMs,
  mostApprovals,
  mostAskedChannels,
  onFailureChoices,
  type Policy,
} from '../model/strategy.ts';
import { formOf } from './form.ts';
import { count, moment, text } from './value-forms.ts';

export const hostCount = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('count'), hosts: count }),
  z.strictObject({ kind: z.literal('percent'), percent: z.number().min(0).max(100) }),
]);

export const window = z.strictObject({ opensAt: moment, closesAt: moment });

export const onFailure = z.enum(onFailureChoices);

export const policy = formOf<Policy>()(
  z.strictObject({
    strategy: z.strictObject({
      canary: count,
      batches: z.array(hostCount).min(1),
      concurrency: count.min(1),
      maxFailed: hostCount,
      maxFailedTotal: hostCount.nullable(),
      oneAtATimeBy: text.nullable(),
      pauseMs: count.max(86_400_000),
      confirmBetweenBatches: z.boolean(),
    }),
    window: window.nullable(),
    onFailure,
    approvals: z
      .strictObject({ required: count.min(1).max(mostApprovals), notBy: z.literal('planner').nullable() })
      .exactOptional(),
    confirm: z
      .strictObject({
        withinMs: count.min(confirmLimitsMs.least).max(confirmLimitsMs.most).multipleOf(1000),
        by: z.enum(confirmedBy),
      })
      .exactOptional(),
    notify: z
      .array(z.strictObject({ channel: text.regex(channelNamePattern), events: z.array(z.enum(askedEvents)).min(1) }))
      .min(1)
      .max(mostAskedChannels)
      .exactOptional(),
  }),
);

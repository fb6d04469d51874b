// The forms of a host's history: what is kept in the state directory, and what `history` and `verify` print of it. What is read back is judged
// by the same form. Source: model/observations/, to which the compiler holds them.
import * as z from 'zod';
import { newsKinds, type HostNews } from '../model/observations/news.ts';
import {
  differenceKinds,
  observers,
  type Difference,
  type DynamicRangeSeen,
  type HostObservations,
  type ObservedSpan,
} from '../model/observations/observation.ts';
import type { SinceWhen } from '../model/observations/since-when.ts';
import type { DriftPoint } from '../model/observations/drift-over-time.ts';
import { verdicts } from '../model/outcome.ts';
import { formOf } from './form.ts';
import { count, exchangeVersion, family, moment, protocol, range, text, version } from './value-forms.ts';

const difference = formOf<Difference>()(z.strictObject({ is: z.enum(differenceKinds), protocol, family, range }));
const dynamicRangeSeen = formOf<DynamicRangeSeen>()(z.strictObject({ protocol, family, range }));

const span = formOf<ObservedSpan>()(
  z
    .strictObject({
      at: moment,
      lastAt: moment,
      times: z.int().min(1),
      by: z.enum(observers),
      run: text.nullable(),
      verdict: z.enum(verdicts).nullable(),
      state: z.enum(['ok', 'changes', 'blocked', 'unreachable']).nullable(),
      differences: z.array(difference),
      code: text.nullable(),
      windows: version.nullable(),
      exchange: exchangeVersion.nullable(),
      dynamicRanges: z.array(dynamicRangeSeen),
    })
    .meta({ id: 'ObservedSpan', description: 'The same seen so many times in a row, from `at` to `lastAt`' }),
);

const about = { host: text, endpoint: text, desired: text, playbook: text };

export const hostObservations = formOf<HostObservations>()(z.strictObject({ ...about, spans: z.array(span) }));

const replaced = <V extends z.ZodType>(value: V) =>
  z
    .strictObject({
      before: z.strictObject({ at: moment, value }),
      after: z.strictObject({ at: moment, value }),
    })
    .nullable();

const standing = z.enum(['as-desired', 'drifted', 'unknown']);

const sinceWhen = formOf<SinceWhen>()(
  z
    .strictObject({
      ...about,
      standing,
      latest: span.nullable(),
      unknownSince: moment.nullable(),
      from: moment.nullable().describe('First seen so'),
      until: moment.nullable().describe('Last seen otherwise; null: as far back as the history goes'),
      changed: z.strictObject({
        exchange: replaced(exchangeVersion),
        windows: replaced(version),
        dynamicRanges: z.array(z.strictObject({ before: dynamicRangeSeen, after: dynamicRangeSeen })),
        runs: z.array(text),
      }),
    })
    .meta({ id: 'SinceWhen' }),
);

export const hostHistory = z.strictObject({ since: sinceWhen, spans: z.array(span) });

export const hostNews = formOf<HostNews>()(
  z.strictObject({ host: text, kind: z.enum(newsKinds), lastAt: moment.nullable(), since: moment.nullable() }),
);

export const driftPoint = formOf<DriftPoint>()(
  z.strictObject({ at: moment, asDesired: count, drifted: count, unknown: count }),
);

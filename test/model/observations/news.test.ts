// What is new against the last look that could tell.
import { expect, test } from 'vitest';
import { addObservation, type Observation, type ObservedSpan } from '../../../src/model/observations/observation.ts';
import { findNews, type NewsKind } from '../../../src/model/observations/news.ts';
import { portRange } from '../../../src/model/port-range.ts';
import { at, drifted, historyOf, seen, unreached } from './some-observations.ts';

const limits = { now: at('30T00:00'), keepMs: 365 * 86_400_000 };
const more = {
  state: 'changes',
  differences: [...drifted.differences, { ...drifted.differences[0], range: portRange(9955) }],
} as const;

test.each<[NewsKind, readonly Partial<Observation>[], Partial<Observation>, string | null, string | null]>([
  ['first-time', [], drifted, null, null],
  ['first-time', [unreached], {}, null, null],
  ['drifted', [{}], drifted, at('01T02:00'), null],
  ['drifted', [{}, unreached], drifted, at('01T02:00'), null],
  ['as-desired-again', [{}, drifted], {}, at('02T02:00'), null],
  ['differs-otherwise', [drifted], more, at('01T02:00'), null],
  ['still-drifted', [{}, drifted, drifted], drifted, at('03T02:00'), at('02T02:00')],
  ['still-drifted', [more], { ...more, differences: more.differences.toReversed() }, at('01T02:00'), at('01T02:00')],
  ['still-as-desired', [drifted, {}], {}, at('02T02:00'), at('02T02:00')],
  ['not-told', [{}], unreached, at('01T02:00'), null],
  ['not-told', [{}], { state: 'blocked', code: 'facts-incomplete' }, at('01T02:00'), null],
  ['not-told', [], unreached, null, null],
])('%s', (kind, before, now, lastAt, since) => {
  const spans = before.reduce(
    (all: readonly ObservedSpan[], one, index) => addObservation(all, seen(`0${String(index + 1)}T02:00`, one), limits),
    [],
  );
  const { host, endpoint, desired, playbook } = historyOf([]);
  const news = findNews(
    { host, endpoint, desired, playbook, observation: seen('20T02:00', now) },
    before.length === 0 ? undefined : historyOf(spans),
  );
  expect(news).toEqual({ host: 'ex01', kind, lastAt, since });
});

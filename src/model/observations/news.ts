// What a look at a host shows that the last one did not. Pure. "The last" is the newest that could tell: a host that nobody reached in between
// is compared with what was known of it before.
import {
  judgeStanding,
  nameDifference,
  type HostObservation,
  type HostObservations,
  type Observation,
} from './observation.ts';
import { findSinceWhen } from './since-when.ts';

/**
 * - `drifted`, `as-desired-again`: it was the other before. `differs-otherwise`: it had drifted, in other ways.
 * - `not-told`: this time nobody can say. `still-drifted`, `still-as-desired`: nothing new.
 * - `first-time`: it was never compared with these desires before.
 */
export const newsKinds = [
  'drifted',
  'differs-otherwise',
  'as-desired-again',
  'not-told',
  'still-drifted',
  'still-as-desired',
  'first-time',
] as const;
export type NewsKind = (typeof newsKinds)[number];

export interface HostNews {
  readonly host: string;
  readonly kind: NewsKind;
  /** When it was last known before; null: never. */
  readonly lastAt: string | null;
  /** Of one that is still so: since when at least. */
  readonly since: string | null;
}

export function findNews({ host, observation }: HostObservation, history: HostObservations | undefined): HostNews {
  const last = history?.spans.findLast((one) => judgeStanding(one) !== 'unknown');
  const lastAt = last?.lastAt ?? null;
  if (judgeStanding(observation) === 'unknown') return { host, kind: 'not-told', lastAt, since: null };
  if (history === undefined || last === undefined) return { host, kind: 'first-time', lastAt, since: null };
  const kind = compare(observation, last);
  const isStill = kind === 'still-drifted' || kind === 'still-as-desired';
  return { host, kind, lastAt, since: isStill ? findSinceWhen(history).from : null };
}

function compare(now: Observation, last: Observation): Exclude<NewsKind, 'first-time' | 'not-told'> {
  const [is, was] = [judgeStanding(now), judgeStanding(last)];
  if (is === 'as-desired') return was === 'as-desired' ? 'still-as-desired' : 'as-desired-again';
  if (was === 'as-desired') return 'drifted';
  const nameAll = ({ differences }: Observation): string => differences.map(nameDifference).toSorted().join();
  return nameAll(now) === nameAll(last) ? 'still-drifted' : 'differs-otherwise';
}

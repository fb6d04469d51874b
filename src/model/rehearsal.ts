// What a rehearsal of a plan came to: the night as planned, and the same night with one mishap each. Plain data, printed as it is by --json.
import type { PaceSource } from './headline/paces.ts';
import type { HostVerdict, Verdict } from './outcome.ts';

export const mishapLevels = ['none', 'usual', 'worst'] as const;
export type MishapLevel = (typeof mishapLevels)[number];

/**
 * - `slow-host`: every answer of the host takes ten times as long.
 * - `lost-answer`: the answer to its first change is lost; Windows carried it out.
 * - `slow-service`: its service takes a minute longer to start.
 * - `unreachable`: it does not answer that night.
 * - `changed-by-other`: somebody reserved a desired range of it since the plan was made.
 * - `refused`: Windows refuses its first exclusion.
 * - `service-stays-down`: its service does not start again.
 */
export const usualMishaps = ['slow-host', 'lost-answer', 'slow-service'] as const;
export const mishapKinds = [
  ...usualMishaps,
  'unreachable',
  'changed-by-other',
  'refused',
  'service-stays-down',
] as const;
export type MishapKind = (typeof mishapKinds)[number];

export interface RehearsedMishap {
  readonly kind: MishapKind;
  readonly host: string;
}

export interface RehearsedHost extends Pick<HostVerdict, 'host' | 'verdict' | 'detail'> {
  /** 1, 2, 3, ...; null: it was in none. */
  readonly batch: number | null;
  /** ISO 8601; null: its change was not started. */
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export interface RehearsedOutage {
  readonly host: string;
  readonly service: string;
  readonly fromAt: string;
  /** Null: it was still down at the end of the run. */
  readonly durationMs: number | null;
}

export interface RehearsedNight {
  /** Null: the night as planned. */
  readonly mishap: RehearsedMishap | null;
  readonly startedAt: string;
  readonly durationMs: number;
  /** In the order of the plan. */
  readonly hosts: readonly RehearsedHost[];
  readonly counts: Readonly<Partial<Record<Verdict, number>>>;
  readonly outages: readonly RehearsedOutage[];
  /** Why the run started no more hosts; null: it did not stop. */
  readonly stopped: string | null;
  readonly rollback: {
    readonly durationMs: number;
    /** Hosts whose true state was another than before the night. */
    readonly changed: number;
    /** Of those, the ones that are another still after the rollback. */
    readonly notRestored: readonly string[];
  };
}

export interface Rehearsal {
  readonly digest: string;
  readonly name: string;
  readonly mishaps: MishapLevel;
  readonly seed: number;
  /** Where the times come from. */
  readonly source: PaceSource;
  /** Hosts to change that the lab cannot show as the plan found them; the nights are without them. */
  readonly notRehearsed: readonly { readonly host: string; readonly reason: string }[];
  /** The night as planned first. */
  readonly nights: readonly RehearsedNight[];
  /** Without a mishap every host of the plan ends as desired, and the rollback restores every host in every night. */
  readonly isGood: boolean;
}

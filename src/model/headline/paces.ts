// How long what a run does to one host takes: measured in earlier runs, else assumed. The kinds are those of run/fleet/time-left.ts, which
// counts on the longest; here it is what is usual. Pure.
import type { Step } from '../plan.ts';

/**
 * `check`: from the shell of a host to its first step; `verify`: from its last step to its verdict. `exclusion`: any
 * change of ranges, the dynamic ones included: one netsh command.
 */
export const paceKinds = ['check', 'exclusion', 'stop', 'start', 'verify'] as const;
export type PaceKind = (typeof paceKinds)[number];

export interface Paces {
  /** Usual, in milliseconds. */
  readonly usualMs: Readonly<Record<PaceKind, number>>;
  /** Those that were measured by themselves. */
  readonly measured: readonly PaceKind[];
  /** Those that were measured only together, as parts of an outage's line: each has its assumed share. All others are assumed. */
  readonly shared: readonly PaceKind[];
  /** How many earlier runs they were measured in. */
  readonly runs: number;
}

export const assumedPaces: Paces = {
  usualMs: { check: 2000, exclusion: 1000, stop: 9000, start: 9000, verify: 2000 },
  measured: [],
  shared: [],
  runs: 0,
};

export const paceSources = ['measured', 'partly-measured', 'assumed'] as const;
export type PaceSource = (typeof paceSources)[number];

/** What is sent for certain: a service that only an undo or a refusal stops is left out. */
export function listPaceKinds(steps: readonly Step[]): readonly PaceKind[] {
  return steps.flatMap((step): readonly PaceKind[] => {
    if (step.kind !== 'service') return ['exclusion'];
    return step.when === undefined ? [step.verb] : [];
  });
}

export function sumPaces(kinds: readonly PaceKind[], { usualMs }: Paces): number {
  return kinds.reduce((sum, kind) => sum + usualMs[kind], 0);
}

export function findPaceSource(kinds: Iterable<PaceKind>, { measured, shared }: Paces): PaceSource {
  const needed = [...new Set(kinds)];
  if (!needed.some((kind) => measured.includes(kind) || shared.includes(kind))) return 'assumed';
  return needed.every((kind) => measured.includes(kind)) ? 'measured' : 'partly-measured';
}

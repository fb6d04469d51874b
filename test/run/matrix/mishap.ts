// What goes wrong in a night of the matrix, and every point at which it can: each request before it arrives, in the middle of its command
// line behind everything that this changes, and when it is through; each write of the journal, before and after it is on disk.
const mishaps = ['controller dies', 'network gone', 'host restarts', 'both die'] as const;
type Mishap = (typeof mishaps)[number];

export type Point =
  | { readonly mishap: Mishap; readonly request: number; readonly at: 'before' | 'after' | number }
  | { readonly mishap: 'controller dies'; readonly write: number; readonly at: 'before' | 'after' };

export interface SeenRequest {
  readonly kind: 'connect' | 'ask' | 'change';
  /** Those of its command line that differ. */
  readonly places: readonly number[];
}

/** Of a run that nothing happened to. */
export function listPoints(requests: readonly SeenRequest[], writes: number): readonly Point[] {
  const atRequests = mishaps.flatMap((mishap) =>
    requests.flatMap(({ kind, places }, index): readonly Point[] => {
      const point = (at: 'before' | 'after' | number): Point => ({ mishap, request: index + 1, at });
      if (kind === 'connect') return [point('before')];
      return [point('before'), ...places.map(point), point('after')];
    }),
  );
  const atWrites = Array.from({ length: writes }, (_, index) => index + 1).flatMap((write) =>
    (['before', 'after'] as const).map((at): Point => ({ mishap: 'controller dies', write, at })),
  );
  return [...atRequests, ...atWrites];
}

export function isRestart({ mishap }: Point): boolean {
  return mishap === 'host restarts' || mishap === 'both die';
}

export function describePoint(point: Point): string {
  const at = typeof point.at === 'number' ? `at place ${point.at}` : point.at;
  return `${point.mishap}, ${'write' in point ? `write ${point.write}` : `request ${point.request}`} ${at}`;
}

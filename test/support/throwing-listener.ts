// A listener that fails, at once or later, at its n-th call and at every second one after it. It must never matter.
import type { Listener } from '../../src/model/seams.ts';

export function throwingListener(n: number, isAsync = false): Listener {
  let calls = 0;
  const call = (): unknown => {
    calls += 1;
    if (calls < n || (calls - n) % 2 === 1) return null;
    if (isAsync) return Promise.reject(new Error('a listener failed later'));
    throw new Error('a listener failed');
  };
  // The seam asks for nothing to come back, and TypeScript takes an async function for it all the same.
  return { event: call, progress: call };
}

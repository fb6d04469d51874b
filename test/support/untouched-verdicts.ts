// Verdicts of an apply or a resume by which a server is as it would be without the run. From product.md's words, not from the code that
// gives the verdicts.
import type { Verdict } from '../../src/model/outcome.ts';

export const untouchedVerdicts: readonly Verdict[] = [
  'unchanged',
  'blocked',
  'stale',
  'conflict',
  'failed-rolled-back',
  'rolled-back',
  'unreachable',
  'locked',
  'skipped',
];

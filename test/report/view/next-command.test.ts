// The last line under a run: what to type next, and never an invitation to change more hosts after a failure.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verdicts, type RunKind, type Verdict } from '../../../src/model/outcome.ts';
import { renderNextCommand } from '../../../src/report/view/next-command.ts';
import { policyOf } from '../../support/memory-run.ts';

function lastLine(kind: RunKind, words: readonly Verdict[]): string {
  const hosts = words.map((verdict, index) => ({ host: `ex0${index + 1}`, verdict, detail: '', failure: null }));
  return renderNextCommand(
    { run: 'a-run', kind, of: kind === 'rollback' ? 'other' : null, verdicts: hosts },
    ' -i prod.yml',
  );
}

test.each<readonly [RunKind, readonly Verdict[], string]>([
  ['apply', ['changed', 'changed'], 'Roll back: fencepost rollback a-run -i prod.yml'],
  ['apply', ['changed', 'skipped'], 'Continue: fencepost resume a-run -i prod.yml'],
  ['apply', ['rolled-back', 'skipped'], 'Continue: fencepost resume a-run -i prod.yml'],
  [
    'apply',
    ['failed-rolled-back', 'skipped'],
    'See why it failed before changing more hosts: fencepost runs show a-run',
  ],
  ['apply', ['failed-partial', 'skipped'], 'See how each host stands: fencepost status a-run'],
  ['apply', ['unchanged'], 'Details: fencepost runs show a-run'],
  ['rollback', ['changed', 'changed'], 'Details: fencepost runs show a-run'],
  [
    'rollback',
    ['changed', 'failed-partial', 'unreachable'],
    '2 hosts of 3 not rolled back. Roll back again: fencepost rollback other -l ex02,ex03 -i prod.yml',
  ],
  ['rollback', ['conflict'], 'Details: fencepost runs show a-run'],
])('%s %j', (kind, words, line) => {
  expect(lastLine(kind, words)).toBe(line);
});

test('after a failed host no line resumes an apply', () => {
  const failed = fc.constantFrom<Verdict>('failed-rolled-back', 'failed-partial', 'in-doubt');
  fc.assert(
    fc.property(failed, fc.array(fc.constantFrom(...verdicts)), (first, rest) => {
      expect(lastLine('apply', [first, ...rest])).not.toContain('resume');
    }),
  );
});

test('a run that waits to be confirmed says so before more hosts are changed, and never that the whole time is left', () => {
  const verdicts = (['changed', 'failed-rolled-back', 'skipped'] as const).map((verdict, index) => {
    return { host: `ex0${index + 1}`, verdict, detail: '', failure: null };
  });
  const plan = { policy: policyOf({ confirm: { withinMs: 900_000, by: 'person' } }) };
  expect(renderNextCommand({ run: 'a-run', kind: 'apply', of: null, verdicts, plan }, '')).toBe(
    'Confirm now: each host undoes its changes 15 min after they started there: fencepost confirm a-run',
  );
});

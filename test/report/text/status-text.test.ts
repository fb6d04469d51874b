// How a run stands, on one screen: each host under what its verdict says, so that the two never contradict each other.
import { expect, test } from 'vitest';
import type { Verdict } from '../../../src/model/outcome.ts';
import type { HostStanding, RunStatus } from '../../../src/model/run-status.ts';
import { renderRunStatus } from '../../../src/report/text/status-text.ts';

function standing(host: string, verdict: Verdict | null, more: Partial<HostStanding> = {}): HostStanding {
  const changed = ['reserve tcp 9933'];
  return { host, verdict, isStarted: true, changed, inDoubt: [], down: [], notBack: [], rolledBackBy: null, ...more };
}

function render(hosts: readonly HostStanding[], kind: RunStatus['kind'] = 'apply'): string {
  const times = { startedAt: '2026-11-28T20:00:00.000Z', isFinished: true, stopping: null, damage: null };
  return renderRunStatus({
    run: 'a-run',
    kind,
    of: kind === 'rollback' ? 'of-run' : null,
    ...times,
    hosts,
    next: null,
  });
}

test('a host whose steps were done, and that failed afterwards, is not among the changed ones', () => {
  const text = render([
    standing('ex01', 'changed'),
    standing('ex02', 'in-doubt'),
    standing('ex03', 'failed-partial'),
    standing('ex04', 'in-doubt', { changed: [], inDoubt: ['reserve tcp 9955'] }),
  ]);
  expect(text).toContain(`IN DOUBT (2 hosts):
  ex02:
    reserve tcp 9933
  ex04:
    reserve tcp 9955
FAILED, and not rolled back (1 host):
  ex03:
    reserve tcp 9933
changed (1 host):
  ex01:
    reserve tcp 9933
`);
});

test('of a rollback, what it did is done, whatever is left', () => {
  const text = render([standing('ex01', 'failed-partial', { notBack: ['reserve tcp 9955'] })], 'rollback');
  expect(text).toContain('NOT BACK (1 host):\n  ex01:\n    reserve tcp 9955\ndone (1 host):\n  ex01:\n');
});

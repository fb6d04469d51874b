// A host that is through is kept smaller while a journal is read. What the journal tells is the same as if it were not, in whatever order its events
// come: those of a second life, of a rollback after the verdict, of a guard.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReplay } from '../../src/journal/replay.ts';
import { createReplayedHosts } from '../../src/journal/replayed-hosts.ts';
import type { RunHistory } from '../../src/model/history.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import { amount } from '../support/amount.ts';
import { runStarted } from './events.ts';
import { someHostEvents } from './some-host-events.ts';

function replayWith(events: readonly RunEvent[], hosts: ReturnType<typeof createReplayedHosts>): RunHistory | null {
  const replay = createReplay(hosts);
  for (const event of events) replay.event(event);
  return replay.history();
}

test('tells the same of a host, settled or not', () => {
  let settled = 0;
  const events = fc.tuple(someHostEvents('ex01'), someHostEvents('ex02')).map(([one, other]): readonly RunEvent[] => {
    const mixed = one.flatMap((event, index) => [event, ...other.slice(index, index + 1)]);
    return [runStarted, ...mixed, ...other.slice(one.length)];
  });
  fc.assert(
    fc.property(events, (told) => {
      const [settling, open] = [createReplayedHosts(), createReplayedHosts()];
      const counting: typeof settling = {
        ...settling,
        settle(host) {
          settled += 1;
          settling.settle(host);
        },
      };
      expect(replayWith(told, counting)).toEqual(replayWith(told, { ...open, settle: () => undefined }));
    }),
    { numRuns: amount({ share: 200, ci: 3000 }) },
  );
  expect(settled).toBeGreaterThan(1000);
});

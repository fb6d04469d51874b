// A process that slept, and may have lost the host that it is changing: at every change that it was about to send. Nothing more is sent, not
// even to call off the host's guard, and the host's verdict says that it is in doubt. The requests to the machine count.
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import type { Connector } from '../../src/model/seams.ts';
import type { ConfirmedCommit } from '../../src/model/strategy.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, policyOf } from '../support/memory-run.ts';

const guarded: ConfirmedCommit = { withinMs: 900_000, by: 'run' };

/** As the real one does: right before each change. */
function asking(connector: Connector): Connector {
  return {
    async connect(target, options = {}) {
      const session = await connector.connect(target, options);
      return {
        ...session,
        async change(line, more) {
          options.beforeChange?.();
          return await session.change(line, more);
        },
      };
    },
  };
}

async function apply(confirm: ConfirmedCommit | undefined, lostAt: number) {
  const fleet = memoryFleet([memoryMachine('ex01', { imap: 'running' })]);
  const plan = await planMemory(fleet, undefined, policyOf(confirm === undefined ? {} : { confirm }));
  const sent = (): number => fleet.requests.filter((one) => one.kind === 'change').length;
  const before = sent();
  const lock = {
    refuseLost() {
      if (sent() - before < lostAt) return;
      throw new Failure('run/lease-lost', 'made: slept', { effect: 'none' });
    },
    release: () => Promise.resolve(),
  };
  const verdicts = await applyMemory(fleet, plan, {
    journal: memoryJournal({}),
    connector: asking(fleet.connector),
    world: { locks: { acquire: () => Promise.resolve(lock) } },
  });
  return { sent: sent() - before, verdict: verdicts[0]?.verdict };
}

describe.each([['without a guard', undefined] as const, ['with a guard', guarded] as const])('%s', (_name, confirm) => {
  test('nothing is sent once the host may be another’s, whichever change it is', async () => {
    const whole = await apply(confirm, Infinity);
    expect(whole.verdict).toBe('changed');
    expect(whole.sent).toBeGreaterThan(1);
    for (let lostAt = 0; lostAt < whole.sent; lostAt += 1) {
      const { sent, verdict } = await apply(confirm, lostAt);
      expect([lostAt, sent]).toEqual([lostAt, lostAt]);
      expect([lostAt, verdict]).not.toEqual([lostAt, 'changed']);
    }
  });
});

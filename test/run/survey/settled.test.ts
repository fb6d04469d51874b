// What a person is told while services of a host start or stop: which ones, since when and for how long at most.
import { expect, test } from 'vitest';
import { runCommandLine } from '../../../src/lab/cmd/console.ts';
import type { Progress } from '../../../src/model/seams.ts';
import { isolateListener } from '../../../src/run/isolated-listener.ts';
import { collectSettled } from '../../../src/run/survey/settled.ts';
import { makeRequest } from '../../../src/workflows/host-jobs.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { memoryFleet, memoryMachine, memoryTarget } from '../../support/memory-fleet.ts';
import { backEndPorts } from '../../support/memory-run.ts';

const settleMs = 60_000;
const [imap, pop] = ['MSExchangeIMAP4BE', 'MSExchangePOP3BE'];

/** Asks until all is settled; `stops`: the services that are told to stop just before the question of that number. */
async function collect(pendingQueries: number, stops: Readonly<Record<number, string>>) {
  const machine = memoryMachine('ex01', { imap: 'running', pop: 'running' }, { pendingQueries });
  const clock = memoryClock();
  const session = await memoryFleet([machine]).connector.connect(memoryTarget('ex01'));
  const told: Progress[] = [];
  let asked = 0;
  const asking = {
    ...session,
    ask: (line: string) => {
      asked += 1;
      const service = stops[asked];
      if (service !== undefined) runCommandLine(machine, `sc stop ${service}`, { codePage: 65001, elevated: true });
      return session.ask(line);
    },
  };
  const listener = isolateListener({ event: () => undefined, progress: (one) => void told.push(one) });
  await collectSettled(
    memoryTarget('ex01'),
    asking,
    makeRequest(backEndPorts),
    { clock, listener, settleMs },
    AbortSignal.timeout(60_000),
  );
  return { told: told.map(({ doing, sinceMs }) => ({ doing, sinceMs })), waitedMs: clock.elapsedMs() };
}

test('names what is on its way and how long it is waited for at most, and counts from when it was first seen', async () => {
  const { told, waitedMs } = await collect(2, { 1: imap, 2: pop });
  const words = [...new Set(told.map((one) => one.doing))];
  expect(words).toEqual([
    `waiting for ${imap} (stop-pending) to settle, at most 60 s`,
    `waiting for ${imap} (stop-pending), ${pop} (stop-pending) to settle, at most 60 s`,
    `waiting for ${pop} (stop-pending) to settle, at most 60 s`,
  ]);
  expect(new Set(told.map((one) => one.sinceMs))).toEqual(new Set([0]));
  expect(waitedMs).toBeGreaterThan(1000);
});

test('gives up when the time it names is over', async () => {
  const { told, waitedMs } = await collect(100_000, { 1: imap });
  expect(waitedMs).toBe(settleMs);
  expect(new Set(told.map((one) => one.doing)).size).toBe(1);
});

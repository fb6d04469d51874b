// An undo over a session of its own, behind one that ended in doubt: what that one sent may still be on its way in its shell.
import { expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import { createOwnership } from '../../../src/model/rules/ownership.ts';
import type { ConnectOptions, Session } from '../../../src/model/seams.ts';
import type { HostResult, HostSeams } from '../../../src/run/hosts/host-job.ts';
import { isolateListener } from '../../../src/run/isolated-listener.ts';
import { watchLine } from '../../../src/run/hosts/open-line.ts';
import { undoHost } from '../../../src/run/hosts/undo-host.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { memoryTarget } from '../../support/memory-fleet.ts';

async function undoBehind(verdict: 'in-doubt' | 'changed', refusal: Failure | null = null) {
  const asked: ConnectOptions[] = [];
  const clock = memoryClock();
  const { recorder, line } = watchLine({ record: () => Promise.resolve() }, [], clock);
  await recorder.record({ type: 'shell-opened', host: 'ex01', shellId: 'S1' });
  await recorder.record({ type: 'host-finished', host: 'ex01', verdict, detail: '', failure: null, findings: [] });
  const session: Partial<Session> = { close: () => Promise.resolve() };
  const world: Partial<HostSeams> = {
    connector: {
      connect(_, options = {}) {
        asked.push(options);
        return refusal === null ? Promise.resolve(session as Session) : Promise.reject(refusal);
      },
    },
    recorder,
    listener: isolateListener({ event: () => undefined, progress: () => undefined }),
    clock,
    signal: new AbortController().signal,
    serviceMs: 1000,
  };
  const target = memoryTarget('ex01');
  const job = { plan: { target: 'ex01' }, target, request: { protocols: ['tcp'] } };
  const result = { job, done: [], ownership: createOwnership(), line } as unknown as HostResult;
  const undone = await undoHost(result, world as HostSeams);
  return { verdict: undone.verdict, left: asked.map(({ leftBehind, mustEndLeft }) => ({ leftBehind, mustEndLeft })) };
}

test('deletes its shell first, strictly', async () => {
  expect(await undoBehind('in-doubt')).toEqual({
    verdict: 'rolled-back',
    left: [{ leftBehind: ['S1'], mustEndLeft: true }],
  });
});

test('is in doubt where it may still be there', async () => {
  const refusal = new Failure('wire/fault', 'made', { where: 'ex01' });
  expect((await undoBehind('in-doubt', refusal)).verdict).toBe('in-doubt');
});

test('one that came to its end left none', async () => {
  expect((await undoBehind('changed')).left).toEqual([{ leftBehind: [], mustEndLeft: false }]);
});

import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { listenForAbort } from '../../../src/model/interruption/abort-listener.ts';

function counted() {
  const seen = { calls: 0 };
  return { seen, listener: () => void (seen.calls += 1) };
}

test('is called once at the abort, and leaves nothing on the signal', () => {
  const { seen, listener } = counted();
  const stop = new AbortController();
  listenForAbort(stop.signal, listener);
  expect(seen.calls).toBe(0);
  stop.abort();
  stop.abort();
  expect(seen.calls).toBe(1);
  expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
});

test('is called at once for a signal that has aborted already', () => {
  const { seen, listener } = counted();
  listenForAbort(AbortSignal.abort(), listener)();
  expect(seen.calls).toBe(1);
});

test('is not called any more after the stop, and without a signal never', () => {
  const { seen, listener } = counted();
  const stop = new AbortController();
  listenForAbort(stop.signal, listener)();
  listenForAbort(undefined, listener)();
  stop.abort();
  expect(seen.calls).toBe(0);
  expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
});

import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { forwardAbort } from '../../../src/model/interruption/forward-abort.ts';

test.each(['before', 'after'] as const)('a signal that fires %s is passed on with its reason', (when) => {
  const from = new AbortController();
  const to = new AbortController();
  const reason = new Error('enough');
  if (when === 'before') from.abort(reason);
  forwardAbort(from.signal, to);
  if (when === 'after') from.abort(reason);
  expect([to.signal.aborted, to.signal.reason]).toEqual([true, reason]);
});

test('nothing is left at the long-lived signal, and nothing is passed on any more', () => {
  const from = new AbortController();
  const to = new AbortController();
  const stop = forwardAbort(from.signal, to);
  expect(getEventListeners(from.signal, 'abort')).toHaveLength(1);
  stop();
  from.abort();
  expect([getEventListeners(from.signal, 'abort').length, to.signal.aborted]).toEqual([0, false]);
});

import { expect, test } from 'vitest';
import { Tracer } from '../../../src/winrm/channel/trace.ts';
import type { TraceEntry } from '../../../src/winrm/channel/trace.ts';

const clock = { now: () => '2026-12-05T22:00:00.000Z', elapsedMs: () => 112.4, sleep: () => Promise.resolve() };

test('entries are numbered within a session, and a request without an answer has no status', () => {
  const entries: TraceEntry[] = [];
  const tracer = new Tracer('ex01', clock, (entry) => entries.push(entry));
  tracer.record({ what: 'type1', requestBytes: 0, answer: { status: 401, bytes: 0 }, startedMs: 100, note: null });
  tracer.record({ what: 'type3+create', requestBytes: 1700, answer: null, startedMs: 110, note: 'connect/lost' });
  expect(entries).toEqual([
    {
      target: 'ex01',
      at: '2026-12-05T22:00:00.000Z',
      n: 1,
      method: 'POST',
      what: 'type1',
      status: 401,
      requestBytes: 0,
      answerBytes: 0,
      durationMs: 12,
      note: null,
    },
    {
      target: 'ex01',
      at: '2026-12-05T22:00:00.000Z',
      n: 2,
      method: 'POST',
      what: 'type3+create',
      status: null,
      requestBytes: 1700,
      answerBytes: 0,
      durationMs: 2,
      note: 'connect/lost',
    },
  ]);
});

test('without a sink nothing happens', () => {
  const tracer = new Tracer('ex01', clock, null);
  expect(() => {
    tracer.record({ what: 'receive', requestBytes: 1, answer: null, startedMs: tracer.start(), note: null });
  }).not.toThrow();
});

// The spans of a run: live, with progress and requests, and from its journal alone, whole or cut off anywhere.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../../src/model/outcome.ts';
import { createSpanFollower } from '../../../src/report/telemetry/follow-spans.ts';
import { createTraceExport } from '../../../src/report/telemetry/otlp-json.ts';
import type { SpanEnd, SpanStart } from '../../../src/report/telemetry/span.ts';
import { amount } from '../../support/amount.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { memoryJournal } from '../../support/memory-journal.ts';
import { applyMemory, planMemory, policyOf } from '../../support/memory-run.ts';

interface ReadSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status: { readonly code?: number };
}

interface Followed extends SpanStart {
  readonly end: SpanEnd | undefined;
}

let events: readonly RunEvent[];
let live: readonly Followed[];

/** Two hosts that are changed, one after the other; what the run told of it goes through a follower, with one request to each host. */
beforeAll(async () => {
  const fleet = memoryFleet([memoryMachine('ex01'), memoryMachine('ex02')]);
  const policy = policyOf(
    {},
    {
      batches: [
        { kind: 'count', hosts: 1 },
        { kind: 'percent', percent: 100 },
      ],
    },
  );
  const plan = await planMemory(fleet, undefined, policy);
  const started = new Map<string, SpanStart>();
  const ends = new Map<string, SpanEnd>();
  const clock = memoryClock('2026-12-05T22:00:00.000Z');
  const follower = createSpanFollower(
    { start: (span) => started.set(span.id, span), end: (id, end) => ends.set(id, end) },
    'root',
  );
  const journal = memoryJournal();
  await applyMemory(fleet, plan, {
    journal,
    clock,
    listener: {
      event(event) {
        follower.event(event);
      },
      progress(progress) {
        follower.progress(progress, Date.parse(clock.now()));
        if (progress.phase !== 'connect') return;
        const request = { what: 'create', status: 200, requestBytes: 10, answerBytes: 20, durationMs: 5 };
        follower.request({ ...request, target: progress.host, at: clock.now() });
      },
    },
  });
  follower.finish(Date.parse(clock.now()), null);
  events = journal.events;
  live = [...started.values()].map((span) => ({ ...span, end: ends.get(span.id) }));
});

/** `run apply > batch > host ex01`. */
function pathOf(span: Followed): string {
  const above = live.find((one) => one.id === span.parent);
  const name = span.name === 'host' ? `host ${String(span.attributes['server.address'])}` : span.name;
  return above === undefined ? name : `${pathOf(above)} > ${name}`;
}

function exportOf(some: readonly RunEvent[]): readonly ReadSpan[] {
  const trace = createTraceExport('20261205-220000-abcdef', '1.2.3');
  for (const event of some) trace.event(event);
  const document = JSON.parse(trace.finish()) as {
    resourceSpans: readonly { scopeSpans: readonly { spans: readonly ReadSpan[] }[] }[];
  };
  return document.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
}

describe('live', () => {
  test('a run has batches, these hosts, these phases and steps, and a phase its requests', () => {
    const paths = live.map(pathOf);
    const run = 'run apply';
    for (const host of ['host ex01', 'host ex02']) {
      const inside = paths.filter((one) => one.startsWith(`${run} > batch > ${host}`));
      expect(inside).toContain(`${run} > batch > ${host} > connect > POST create`);
      expect(inside).toContain(`${run} > batch > ${host} > collect`);
      expect(inside).toContain(`${run} > batch > ${host} > step exclusion`);
      expect(inside).toContain(`${run} > batch > ${host} > verify`);
    }
    expect(paths.filter((one) => one === `${run} > batch`)).toHaveLength(2);
    expect(live.filter((one) => one.parent === 'root').map((one) => one.name)).toEqual([run]);
  });

  test('every span ends, after its start, and none is an error when all is well', () => {
    for (const { atMs, end } of live) {
      expect(end?.atMs).toBeGreaterThanOrEqual(atMs);
      expect(end?.error).toBeNull();
    }
  });

  test('a host bears its verdict, the run its result and counts', () => {
    const hosts = live.filter((one) => one.name === 'host').map((one) => one.end?.attributes?.['fencepost.verdict']);
    expect(hosts).toEqual(['changed', 'changed']);
    expect(live.find((one) => one.name === 'run apply')?.end?.attributes).toEqual({
      'cicd.pipeline.result': 'success',
      'fencepost.hosts.changed': 2,
    });
  });
});

describe('a host that fails', () => {
  test('is an error by its code, and so are its batch and run', () => {
    const started = events.find((one) => one.type === 'run-started');
    if (started === undefined) throw new Error('no run');
    const at = '2026-12-05T22:00:01.000Z';
    const failure = { code: 'auth/refused', message: 'corp\\jane: refused', where: 'ex01', hint: null } as const;
    const spans = exportOf([
      started,
      { type: 'batch-started', at, batch: 1, of: 1, hosts: ['ex01'] },
      { type: 'host-finished', at, host: 'ex01', verdict: 'unreachable', detail: 'jane', failure, findings: [] },
      { type: 'batch-finished', at, batch: 1, failed: 1 },
      { type: 'run-finished', at, counts: { unreachable: 1 } },
    ]);
    expect(spans.map((one) => [one.name, one.status.code, errorOf(one)])).toEqual([
      ['run apply', 2, 'hosts_failed'],
      ['batch', 2, 'hosts_failed'],
      ['host', 2, 'auth/refused'],
    ]);
    expect(JSON.stringify(spans)).not.toContain('jane');
  });
});

describe('from a journal', () => {
  test('cut off anywhere it is one whole trace: every parent is there, every end after its start', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: events.length }), (count) => {
        const spans = exportOf(events.slice(0, count));
        const ids = new Set(spans.map((one) => one.spanId));
        expect(ids.size).toBe(spans.length);
        expect(spans.filter((one) => one.parentSpanId === undefined).map((one) => one.name)).toEqual(['run apply']);
        for (const { traceId, spanId, parentSpanId, startTimeUnixNano, endTimeUnixNano } of spans) {
          expect(traceId).toMatch(/^[0-9a-f]{32}$/);
          expect(spanId).toMatch(/^[0-9a-f]{16}$/);
          if (parentSpanId !== undefined) expect(ids).toContain(parentSpanId);
          expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
        }
      }),
      { numRuns: amount({ share: 30, ci: 200 }) },
    );
  });

  test('what a dead run had open is interrupted at its last event', () => {
    const cut = events.findIndex((one) => one.type === 'command-planned') + 1;
    const spans = exportOf(events.slice(0, cut));
    const last = BigInt(Date.parse(events[cut - 1]?.at ?? '')) * 1_000_000n;
    expect(spans.map((one) => one.name)).toEqual(['run apply', 'batch', 'host', 'step exclusion']);
    for (const span of spans) {
      expect([errorOf(span), BigInt(span.endTimeUnixNano)]).toEqual(['interrupted', last]);
    }
  });

  test('the same journal gives the same ids, and more of it keeps them', () => {
    const whole = exportOf(events);
    const half = exportOf(events.slice(0, Math.floor(events.length / 2)));
    expect(exportOf(events)).toEqual(whole);
    expect(whole.slice(0, half.length).map((one) => one.spanId)).toEqual(half.map((one) => one.spanId));
  });

  test('nothing that a host printed, and no user, is in it', () => {
    const text = JSON.stringify(exportOf(events));
    const printed = events.flatMap((one) => (one.type === 'command-finished' ? [one.text.trim()] : []));
    for (const one of printed.filter((line) => line.length > 3)) expect(text).not.toContain(one);
    const started = events.find((one) => one.type === 'run-started');
    expect(text).not.toContain(started?.operator.user);
    expect(text).not.toContain(started?.operator.machine);
    expect(text).not.toContain('netsh');
  });

  test('a resumed run goes on in the same span, with its dead hosts interrupted', () => {
    const cut = events.findIndex((one) => one.type === 'command-planned') + 1;
    const at = '2026-12-05T23:00:00.000Z';
    const started = events.find((one) => one.type === 'run-started');
    if (started === undefined) throw new Error('no run');
    const spans = exportOf([
      ...events.slice(0, cut),
      { type: 'run-resumed', at, operator: started.operator },
      { type: 'batch-started', at, batch: 1, of: 1, hosts: ['ex01'] },
      { type: 'run-finished', at, counts: { changed: 2 } },
    ]);
    expect(spans.filter((one) => one.name.startsWith('run'))).toHaveLength(1);
    expect(spans.map(errorOf)).toEqual([null, 'interrupted', 'interrupted', 'interrupted', null]);
  });
});

function errorOf(span: ReadSpan): unknown {
  return span.attributes.find((one) => one.key === 'error.type')?.value['stringValue'] ?? null;
}

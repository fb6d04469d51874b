import { describe, expect, it } from 'vitest';
import { renderFrame } from '../../../src/report/text/live-frame.ts';
import { afterEvent, afterProgress, idle, type LiveState } from '../../../src/report/text/live-state.ts';
import type { Paint } from '../../../src/report/text/colour.ts';

const bare: Paint = (_as, text) => text;
const size = { columns: 60, hostLines: 2 };
const at = '2026-12-05T22:00:00.000Z';

function progressed(...steps: readonly Parameters<typeof afterProgress>[1][]): LiveState {
  return steps.reduce((state, step, index) => afterProgress(state, step, index * 1000), idle);
}

describe('the live view', () => {
  it('shows nothing while nothing is under way', () => {
    expect(renderFrame(idle, 0, size, bare)).toEqual([]);
  });

  it('counts a stage and names those that have been busy longest, each since it began', () => {
    const state = progressed(
      { host: '', doing: 'asking', total: 10 },
      { host: 'ex01', doing: 'connecting' },
      { host: 'ex02', doing: 'connecting' },
      { host: 'ex03', doing: 'connecting' },
      { host: 'ex01', doing: 'collecting' },
      { host: 'ex02', doing: 'failed', over: true },
    );
    expect(renderFrame(state, 9000, size, bare)).toEqual([
      'asking [##..................] 1 of 10, 2 busy, 7 waiting, 1…',
      '  9 s',
      '  ex01  collecting                                      8 s',
      '  ex03  connecting                                      6 s',
    ]);
  });

  it('is never wider than the terminal, and says how many more there are', () => {
    const busy = Array.from({ length: 9 }, (_, index) => ({
      host: `very-long-host-name-${index}.corp.example`,
      doing: 'collecting',
    }));
    const state = progressed({ host: '', doing: 'asking', total: 9 }, ...busy);
    const lines = renderFrame(state, 3_725_000, { columns: 40, hostLines: 3 }, bare);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines.at(-1)).toBe('  and 6 more');
    expect(lines[2]).toMatch(/62 min 0\d s$/);
  });

  it('forecasts once enough hosts are through, and carries verdicts over batches', () => {
    let state = afterEvent(
      idle,
      { at, type: 'batch-started', batch: 2, of: 3, hosts: Array.from({ length: 10 }, String) },
      0,
    );
    for (let host = 0; host < 5; host += 1) {
      state = afterProgress(state, { host: String(host), doing: 'connecting' }, 0);
      const ended = { host: String(host), verdict: 'changed' as const, detail: '', failure: null, findings: [] };
      state = afterEvent(state, { at, type: 'host-finished', ...ended }, 5000);
    }
    expect(renderFrame(state, 5000, { columns: 80, hostLines: 2 }, bare)).toEqual([
      'batch 2 of 3 [##########..........] 5 of 10, 0 busy, 5 waiting',
      '  5 s, about 5 s left; so far 5 changed',
    ]);
  });
});

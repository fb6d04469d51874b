// The words on stderr where nothing is drawn: when nothing was said for ten seconds, how far the work is and whom it waits for.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHumanListener } from '../../../src/report/text/human.ts';
import { memoryClock, type MemoryClock } from '../../support/memory-clock.ts';

let clock: MemoryClock;
let said: string[];
let listener: ReturnType<typeof createHumanListener>;

beforeEach(() => {
  vi.useFakeTimers();
  clock = memoryClock();
  said = [];
  listener = createHumanListener({ write: (text) => said.push(text), quiet: false, live: false, clock });
});
afterEach(() => {
  listener.dispose();
  vi.useRealTimers();
});

function pass(ms: number): void {
  clock.advance(ms);
  vi.advanceTimersByTime(ms);
}

function ask(count: number, done: number): void {
  for (let index = 0; index < count; index += 1) listener.progress({ host: `ex${index}`, doing: 'collecting' });
  for (let index = 0; index < done; index += 1) {
    listener.progress({ host: `ex${index}`, doing: 'collected', over: true });
  }
}

test('a stage over thousands of hosts says how many are done of how many', () => {
  listener.progress({ host: '', doing: 'asking', total: 3000 });
  ask(1210, 1200);
  pass(9000);
  expect(said).toEqual([]);
  pass(1000);
  expect(said.join('').replaceAll(/\s+/g, ' ')).toMatch(
    /^asking: 1200 of 3000 hosts done; still waiting for ex1200: collecting, 10 s; .* and 5 more $/,
  );
  pass(10_000);
  expect(said).toHaveLength(2);
});

test('so does a batch; one host is no fleet', () => {
  const at = '2026-12-05T22:00:00.000Z';
  listener.event({ type: 'batch-started', at, batch: 2, of: 3, hosts: ['ex0', 'ex1', 'ex2'] });
  said.length = 0;
  ask(2, 1);
  pass(10_000);
  expect(said.join('')).toBe('batch 2 of 3: 1 of 3 hosts done; still waiting for ex1: collecting, 10 s\n');
  listener.event({ type: 'batch-started', at, batch: 3, of: 3, hosts: ['ex9'] });
  said.length = 0;
  pass(10_000);
  expect(said.join('')).not.toContain('hosts done');
});

test('what is told every second is counted from the first time, and what changes its words from when it began', () => {
  for (let second = 0; second < 10; second += 1) {
    listener.progress({ host: 'ex1', doing: 'waiting for its line' });
    listener.progress({ host: 'ex2', doing: `waiting for ${10 - second}`, sinceMs: 0 });
    pass(1000);
  }
  expect(said.join('').replaceAll(/\s+/g, ' ')).toBe(
    'still waiting for ex1: waiting for its line, 10 s; ex2: waiting for 1, 10 s ',
  );
});

test('what one command line left out of several steps is said once for each host', () => {
  const failure = {
    code: 'step/refused',
    message: 'left out: the service did not stop',
    where: null,
    hint: null,
  } as const;
  const lost = (host: string, step: number): void => {
    const at = `2026-12-05T22:00:0${step}.000Z`;
    listener.event({ type: 'command-lost', at, host, step, direction: 'do', effect: 'none', failure });
  };
  for (const step of [1, 2, 3]) lost('ex1', step);
  lost('ex2', 4);
  expect(said).toEqual([
    '22:00:01 ex1: not sent: left out: the service did not stop\n',
    '22:00:04 ex2: not sent: left out: the service did not stop\n',
  ]);
});

test('when all is over nothing is said', () => {
  listener.progress({ host: '', doing: 'asking', total: 2 });
  ask(2, 2);
  listener.progress({ host: '', doing: 'asking', over: true });
  pass(60_000);
  expect(said).toEqual([]);
});

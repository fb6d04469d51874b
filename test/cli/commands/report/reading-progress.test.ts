// How far a long report is: a journal host by host, a file by its bytes; and nothing is left under way.
import { expect, test } from 'vitest';
import { createReadingProgress } from '../../../../src/cli/commands/report/reading-progress.ts';
import type { RunEvent } from '../../../../src/model/outcome.ts';
import { afterProgress, idle, type LiveState } from '../../../../src/report/text/live-state.ts';
import { memoryClock } from '../../../support/memory-clock.ts';
import { memoryListener } from '../../../support/memory-seams.ts';

function reading() {
  const listener = memoryListener();
  const progress = createReadingProgress(listener, memoryClock());
  const state = (): LiveState => listener.told.reduce((before, one) => afterProgress(before, one, 0), idle);
  return { progress, state, told: listener.told };
}

const at = '2026-12-05T22:00:00.000Z';
const finished = (host: string): RunEvent => ({
  at,
  type: 'host-finished',
  host,
  verdict: 'changed',
  detail: '',
  failure: null,
  findings: [],
});

function started(names: readonly string[]): RunEvent {
  const event: Pick<Extract<RunEvent, { type: 'run-started' }>, 'at' | 'type'> & { readonly hosts: readonly object[] } =
    {
      at,
      type: 'run-started',
      hosts: names.map((host) => ({ host })),
    };
  return event as RunEvent;
}

test('a journal counts its hosts, each once', () => {
  const { progress, state } = reading();
  progress.event(started(['ex01', 'ex02', 'ex03']));
  for (const host of ['ex01', 'ex02', 'ex01', 'nobody']) progress.event(finished(host));
  expect(state()).toMatchObject({ stage: 'reading the journal', total: 3, done: 2 });
  progress.finish();
  expect(state()).toEqual(idle);
});

test('a file counts its bytes, and its parts arrive as they are', async () => {
  const { progress, told } = reading();
  const given = ['a'.repeat(1_500_000), 'ü'.repeat(500_000), 'c'];
  async function* parts(): AsyncIterable<string> {
    for (const part of given) yield await Promise.resolve(part);
  }
  const got: string[] = [];
  for await (const part of progress.parts('/somewhere/tonight.plan', 2_500_001, parts())) got.push(part);
  expect(got.join('')).toBe(given.join(''));
  expect(told.map(({ doing }) => doing)).toEqual([
    'reading tonight.plan: 1 of 3 MB',
    'reading tonight.plan: 2 of 3 MB',
    'reading tonight.plan: 2 of 3 MB',
  ]);
});

test('only a report on many hosts says that it is being made', async () => {
  const { progress, state } = reading();
  await progress.making(999);
  expect(state()).toEqual(idle);
  await progress.making(1000);
  expect([...state().busy.values()].map(({ doing }) => doing)).toEqual(['making the report on 1000 hosts']);
});

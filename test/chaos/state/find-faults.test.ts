// The judge of chaotic nights bites: a history that is whole has no fault, and each fault, put into it by hand, is named as what it is.
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/model/outcome.ts';
import { faultKinds, findHistoryFaults, type Fault, type HostRequest, type StateHistory } from './find-faults.ts';

const startMs = Date.parse('2026-12-05T22:00:00.000Z');
const at = (second: number): string => new Date(startMs + second * 1000).toISOString();

/** Only what the judge looks at; what else an event has is of no concern to it. */
function event(second: number, fields: Readonly<Record<string, unknown>>): RunEvent {
  return { at: at(second), ...fields } as unknown as RunEvent;
}

const started = (second: number, host: string, group = 'dag'): RunEvent =>
  event(second, { type: 'host-started', host, exclusiveGroup: group });
const shell = (second: number, host: string, shellId: string): RunEvent =>
  event(second, { type: 'shell-opened', host, shellId });
const planned = (second: number, host: string): RunEvent => event(second, { type: 'command-planned', host });
const finished = (second: number, host: string, verdict = 'changed'): RunEvent =>
  event(second, { type: 'host-finished', host, verdict });

function request(second: number, host: string, shellId: string, status = 200): HostRequest {
  const atMs = startMs + second * 1000;
  return { host, line: 'netsh add', shellId, status, atMs, doneMs: atMs + 100 };
}

/** Two hosts of a group, one after the other. The second runner dies and its host is finished by a resume. */
const events: readonly RunEvent[] = [
  event(0, { type: 'run-started', hosts: [{ host: 'ex01' }, { host: 'ex02' }] }),
  event(1, { type: 'batch-started', batch: 1, of: 1, hosts: ['ex01', 'ex02'] }),
  shell(2, 'ex01', 'A'),
  started(3, 'ex01'),
  planned(4, 'ex01'),
  finished(6, 'ex01'),
  shell(7, 'ex02', 'B'),
  started(8, 'ex02'),
  planned(9, 'ex02'),
  finished(40, 'ex02', 'in-doubt'),
  event(50, { type: 'run-resumed' }),
  shell(52, 'ex02', 'C'),
  started(53, 'ex02'),
  planned(54, 'ex02'),
  finished(56, 'ex02'),
];

const whole: StateHistory = {
  events,
  // In doubt, it may still come: until the resume has deleted the shell, when the server refuses it.
  requests: [
    request(5, 'ex01', 'a'),
    request(45, 'ex02', 'b'),
    request(53.5, 'ex02', 'b', 500),
    request(55, 'ex02', 'c'),
  ],
  told: { first: events.slice(0, 6).map((one) => ({ ...one })), second: [] },
  groups: { ex01: 'dag', ex02: 'dag' },
  offGoal: [],
};

const withEvents = (change: (all: readonly RunEvent[]) => readonly RunEvent[]): StateHistory => ({
  ...whole,
  events: change(events),
});
const insert = (index: number, ...some: readonly RunEvent[]): StateHistory =>
  withEvents((all) => [...all.slice(0, index), ...some, ...all.slice(index)]);
const withRequests = (...more: readonly HostRequest[]): StateHistory => ({
  ...whole,
  requests: [...whole.requests, ...more],
});

test('a history with a dead runner and a late command that was refused has no fault', () => {
  expect(findHistoryFaults(whole)).toEqual([]);
});

/** The first host is rolled back once the run stops: it is started again, of whatever batch, and gets the verdict that stays. */
const rolledBack = (stopping: readonly RunEvent[]): StateHistory => ({
  ...withRequests(request(43, 'ex01', 'd')),
  events: [
    ...events.slice(0, 10),
    ...stopping,
    started(41, 'ex01'),
    shell(42, 'ex01', 'D'),
    planned(42.5, 'ex01'),
    finished(44, 'ex01', 'rolled-back'),
    ...events.slice(10),
  ],
});

test('nor has one of which a changed host was rolled back because others failed', () => {
  expect(findHistoryFaults(rolledBack([event(40.5, { type: 'run-stopping' })]))).toEqual([]);
});

const faulty: readonly (readonly [Fault['kind'], string, StateHistory])[] = [
  ['overlap', 'a host is started while it is changed', insert(5, started(5, 'ex01'))],
  ['overlap', 'two shells change a host by turns', withRequests(request(55.5, 'ex02', 'b'))],
  ['overlap', 'two commands of two shells at once', withRequests(request(54.95, 'ex02', 'b'))],
  ['group', 'a host is started beside one of its group', insert(5, started(5, 'ex02'))],
  ['group', 'the servers were changed at once', withRequests(request(6, 'ex02', 'b'), request(46, 'ex01', 'a'))],
  [
    'stale-effect',
    'a command ran in a shell of before, once another had taken the host',
    withRequests(request(53, 'ex02', 'b')),
  ],
  ['stale-effect', 'a command ran after the verdict of its host', withRequests(request(7, 'ex01', 'a'))],
  ['two-verdicts', 'a host is finished twice', insert(6, finished(6, 'ex01'))],
  ['two-verdicts', 'a host is rolled back in a run that goes on', rolledBack([])],
  ['two-verdicts', 'the run starts twice', insert(1, event(0, { type: 'run-started', hosts: [] }))],
  ['no-verdict', 'a host has none', withEvents((all) => all.filter((one) => one.type !== 'host-finished'))],
  ['no-begin', 'a command without a start', withEvents((all) => all.filter((one) => one.type !== 'host-started'))],
  ['no-begin', 'a command after the verdict', insert(6, planned(6, 'ex01'))],
  ['no-intent', 'a command ran that was never planned', withRequests(request(5.5, 'ex01', 'a'))],
  ['no-intent', 'a command ran in a shell that was never journaled', withRequests(request(5.5, 'ex01', 'x'))],
  [
    'lost-append',
    'what a process had read is not there',
    { ...whole, told: { first: [{ ...finished(6, 'ex01', 'stale') }] } },
  ],
  [
    'batch',
    'a batch opens while a host is changed',
    insert(5, event(5, { type: 'batch-started', batch: 2, hosts: [] })),
  ],
  ['batch', 'a batch is left out', insert(6, event(6, { type: 'batch-started', batch: 3, hosts: ['ex02'] }))],
  [
    'batch',
    'a host of another batch is started',
    withEvents((all) => all.filter((one) => one.type !== 'batch-started')),
  ],
  ['off-goal', 'a server is not as desired', { ...whole, offGoal: ['ex02'] }],
  ['untrue-verdict', 'changed, and it is not', { ...whole, offGoalSettled: ['ex02'] }],
];

test.each(faulty)('%s: %s', (kind, _what, history) => {
  expect(findHistoryFaults(history).map((one) => one.kind)).toContain(kind);
});

test('every kind of fault has a history here', () => {
  expect([...new Set(faulty.map(([kind]) => kind))].toSorted()).toEqual([...faultKinds].toSorted());
});

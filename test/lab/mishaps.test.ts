// Which request meets which mishap, and how often.
import { describe, expect, test } from 'vitest';
import { createMishapDeck } from '../../src/lab/mishaps.ts';
import type { SoapOperation } from '../../src/lab/mishaps.ts';
import type { MishapAct, MishapSpec, MishapTrigger } from '../../src/lab/scenario/server-spec.ts';

const drop: MishapAct = { kind: 'drop-before' };
const spec = (on: Partial<MishapTrigger>, times = 1, act: MishapAct = drop): MishapSpec => ({
  on: { operation: 'any', nth: null, line: null, request: null, ...on },
  act,
  times,
});

/** The acts that a row of requests meets; `null` for those that pass. */
function acts(
  specs: readonly MishapSpec[],
  sights: readonly (readonly [SoapOperation | null, string | null])[],
): (string | null)[] {
  const deck = createMishapDeck(specs);
  return sights.map(
    ([operation, commandLine], index) => deck.next({ operation, commandLine, requestNumber: index + 1 })?.kind ?? null,
  );
}

const conversation = [
  [null, null],
  ['create', null],
  ['command', 'netsh show'],
  ['receive', 'netsh show'],
  ['command', 'netsh add'],
  ['receive', 'netsh add'],
  ['command', '%SystemRoot%\\System32\\netsh.exe delete'],
  ['delete', null],
] as const;

test.each<readonly [string, Partial<MishapTrigger>, number, readonly number[]]>([
  ['the first of an operation', { operation: 'command' }, 1, [3]],
  ['the second of an operation', { operation: 'command', nth: 2 }, 1, [5]],
  ['as often as it says', { operation: 'receive' }, 2, [4, 6]],
  ['never more often than the requests', { operation: 'receive' }, 9, [4, 6]],
  ['any operation: the first message, not a leg of the handshake', {}, 1, [2]],
  ['a request by its number, handshake included', { request: 1 }, 1, [1]],
  ['a command line, and what belongs to it', { line: 'add' }, 2, [5, 6]],
  ['a line as a person types it', { line: 'netsh delete' }, 1, [7]],
  ['operation and line together', { operation: 'receive', line: 'add' }, 2, [6]],
  ['number and operation that contradict each other: never', { request: 1, operation: 'create' }, 1, []],
  ['zero times: never', { operation: 'create' }, 0, []],
])('%s', (_name, on, times, expected) => {
  const met = acts([spec(on, times)], conversation).flatMap((act, index) => (act === null ? [] : [index + 1]));
  expect(met).toEqual(expected);
});

test('of two that fit, the first acts; both have counted the request', () => {
  const specs = [
    spec({ operation: 'command' }, 1, { kind: 'hang' }),
    spec({ operation: 'command', nth: 2 }, 1, { kind: 'status', status: 503 }),
  ];
  expect(acts(specs, conversation)).toEqual([null, null, 'hang', null, 'status', null, null, null]);
});

describe('refuse', () => {
  test('without a condition it resets connections, not requests', () => {
    const deck = createMishapDeck([spec({}, 2, { kind: 'refuse' })]);
    expect([1, 2, 3].map((connection) => deck.refusesConnection(connection))).toEqual([true, true, false]);
    expect(deck.next({ operation: 'create', commandLine: null, requestNumber: 1 })).toBeNull();
  });

  test('from the nth connection on', () => {
    const deck = createMishapDeck([spec({ nth: 2 }, 1, { kind: 'refuse' })]);
    expect([1, 2, 3].map((connection) => deck.refusesConnection(connection))).toEqual([false, true, false]);
  });

  test('with an operation it meets that request', () => {
    const deck = createMishapDeck([spec({ operation: 'command' }, 1, { kind: 'refuse' })]);
    expect(deck.refusesConnection(1)).toBe(false);
    expect(deck.next({ operation: 'command', commandLine: 'ver', requestNumber: 3 })?.kind).toBe('refuse');
  });
});

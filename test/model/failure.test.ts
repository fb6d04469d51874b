// Codes are unique; what is thrown becomes a Failure; what is written of one is plain data without its cause.
import { expect, test } from 'vitest';
import { asFailure, Failure, failureCodes, failureRecord } from '../../src/model/failure.ts';

test('codes are unique and have the form area/what; being interrupted has no area', () => {
  expect(new Set(failureCodes).size).toBe(failureCodes.length);
  expect(failureCodes.filter((code) => !/^[a-z]+\/[a-z-]+$/.test(code))).toEqual(['interrupted']);
});

test('a failure passes through; anything else thrown is a bug of ours and keeps its cause', () => {
  const failure = new Failure('connect/lost', 'gone', { effect: 'unknown' });
  expect(asFailure(failure)).toBe(failure);
  const cause = new TypeError('x is not a function');
  expect(asFailure(cause)).toMatchObject({ code: 'internal/bug', cause, retry: 'never', effect: 'none' });
  expect(asFailure('word').message).toContain('word');
});

test('its record is plain data: no stack, no cause', () => {
  const failure = new Failure('auth/refused', 'refused', {
    where: 'ex01',
    hint: 'h',
    cause: new Error('with a secret'),
  });
  expect(JSON.parse(JSON.stringify(failureRecord(failure)))).toEqual({
    code: 'auth/refused',
    message: 'refused',
    where: 'ex01',
    hint: 'h',
  });
});

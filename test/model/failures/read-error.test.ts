import { expect, test } from 'vitest';
import { describeReadError } from '../../../src/model/failures/read-error.ts';

test.each([
  ['ENOENT', 'it does not exist'],
  ['EACCES', 'access denied'],
  ['EPERM', 'access denied'],
  ['EISDIR', 'it is a directory'],
  ['EIO', 'reading failed (EIO)'],
])('%s is said as "%s", without the system\'s own message', (code, words) => {
  expect(describeReadError(Object.assign(new Error('/secret/path'), { code }))).toBe(words);
});

test('anything else is said without what was thrown', () => {
  expect(describeReadError(new Error('/secret/path'))).toBe('reading failed');
  expect(describeReadError('text')).toBe('reading failed');
});

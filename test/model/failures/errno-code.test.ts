import { access } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readErrnoCode } from '../../../src/model/failures/errno-code.ts';

const coded = (code: unknown): Error => Object.assign(new Error('x'), { code });

test.each([
  ['a system error', coded('EACCES'), 'EACCES'],
  ['an error that wraps one', new Error('outer', { cause: coded('ENOSPC') }), 'ENOSPC'],
  [
    'several tries: the one that says most',
    new AggregateError([coded('ENETUNREACH'), coded('ECONNREFUSED')]),
    'ECONNREFUSED',
  ],
  ['several tries of which none says much', new AggregateError([new Error('x'), coded('EINVAL')]), 'EINVAL'],
  ['several tries without a code', new AggregateError([new Error('x')]), null],
  ['an error without a code', new Error('x'), null],
  ['a code that is a number', coded(5), null],
  ['no error at all', { code: 'ENOENT' }, null],
  ['nothing', undefined, null],
])('%s', (_what, thrown, code) => {
  expect(readErrnoCode(thrown)).toBe(code);
});

test('a real one', async () => {
  const thrown: unknown = await access('/no/such/file').catch((error: unknown) => error);
  expect(readErrnoCode(thrown)).toBe('ENOENT');
});

// Which controllers are asked, in which order; what is no domain is never asked for in DNS.
import { expect, test } from 'vitest';
import { findControllers } from '../../src/directory/find-controllers.ts';
import { failureOf } from '../support/failure-of.ts';

const never = (): Promise<never> => Promise.reject(new Error('DNS was asked'));

test('those of DNS by priority, then weight', async () => {
  const asked: string[] = [];
  const found = await findControllers({ domain: 'corp.example', named: [] }, (name) => {
    asked.push(name);
    return Promise.resolve([
      { name: 'dc3.corp.example.', port: 389, priority: 10, weight: 1 },
      { name: 'dc2.corp.example', port: 389, priority: 0, weight: 1 },
      { name: 'dc1.corp.example', port: 389, priority: 0, weight: 100 },
    ]);
  });
  expect(asked).toEqual(['_ldap._tcp.dc._msdcs.corp.example']);
  expect(found.map(({ host }) => host)).toEqual(['dc1.corp.example', 'dc2.corp.example', 'dc3.corp.example']);
});

test('those that are named, with the domain behind a short name', async () => {
  const named = ['dc01', 'dc02.corp.example:3269', '[fd00::1]:636', 'localhost:1'];
  expect(await findControllers({ domain: 'corp.example', named }, never)).toEqual([
    { host: 'dc01.corp.example', port: null },
    { host: 'dc02.corp.example', port: 3269 },
    { host: 'fd00::1', port: 636 },
    { host: 'localhost', port: 1 },
  ]);
});

test.each(['corp example', '-x', 'a..b', '', 'corp.example;x'])('"%s" is no domain', async (domain) => {
  expect((await failureOf(findControllers({ domain, named: [] }, never))).code).toBe('usage/invalid');
});

test('no controller in DNS says which question had no answer', async () => {
  const gone = Object.assign(new Error('no'), { code: 'ENOTFOUND' });
  const failure = await failureOf(findControllers({ domain: 'corp.example', named: [] }, () => Promise.reject(gone)));
  expect(failure).toMatchObject({
    code: 'directory/no-controller',
    message: expect.stringContaining('_ldap._tcp.dc._msdcs.corp.example: ENOTFOUND') as string,
  });
});

// Names of entries as they may be written; whatever stands in a value comes back as it was.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDistinguishedName, readDomainName, readFirstName } from '../../src/directory/distinguished-name.ts';

test.each([
  ['CN=DAG1,CN=Groups,DC=corp,DC=example', 'DAG1'],
  ['CN=Smith\\, John,DC=x', 'Smith, John'],
  ['CN=Z\\C3\\BCrich,DC=x', 'Zürich'],
  ['cn = "a,b" , DC=x', 'a,b'],
  ['CN=EX01\\0ADEL:0f1e,CN=Deleted Objects,DC=x', null],
  ['', null],
])('%s is %s', (dn, name) => {
  expect(readFirstName(dn)).toBe(name);
});

test('a domain is what its parts say', () => {
  expect(readDomainName('CN=x,DC=Corp,DC=Example')).toBe('corp.example');
});

test('any value survives its escapes', () => {
  const value = fc.string({ minLength: 1 }).filter((text) => text.trim() === text && !/[\0\n]/.test(text));
  fc.assert(
    fc.property(value, value, (one, other) => {
      const escape = (text: string): string => text.replaceAll(/[,+"\\<>;=#]/g, (sign) => `\\${sign}`);
      const read = readDistinguishedName(`CN=${escape(one)},OU=${escape(other)}`);
      expect(read).toEqual([
        { type: 'cn', value: one },
        { type: 'ou', value: other },
      ]);
    }),
  );
});

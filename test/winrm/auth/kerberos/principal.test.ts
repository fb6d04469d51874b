import { expect, test } from 'vitest';
import { isSamePrincipal, toPrincipal } from '../../../../src/winrm/auth/kerberos/principal.ts';

test.each([
  ['ops@corp.example', 'ops@CORP.EXAMPLE'],
  ['Ops@Corp.Example', 'Ops@CORP.EXAMPLE'],
  ['first@second@corp.example', 'first@second@CORP.EXAMPLE'],
  ['ops', 'ops'],
  ['CORP\\ops', null],
  ['.\\ops', null],
  ['', null],
])('%s logs on as %s', (username, principal) => {
  expect(toPrincipal(username)).toBe(principal);
});

test.each([
  ['ops@corp.example', true],
  ['OPS@CORP.EXAMPLE', true],
  ['ops', true],
  ['CORP\\ops', true],
  ['corp\\OPS', true],
  ['other@corp.example', false],
  ['ops@other.example', false],
  ['ops@corp', false],
  ['OTHER\\ops', false],
  ['CORP\\other', false],
  ['.\\ops', false],
  ['', false],
])('the ticket of ops@CORP.EXAMPLE is one of %s: %s', (username, expected) => {
  expect(isSamePrincipal('ops@CORP.EXAMPLE', username)).toBe(expected);
});

test.each([
  ['ops@corp.example', true],
  ['ops@CORP', true],
  ['CORP\\ops', true],
  ['ops@other.example', false],
  ['other@corp.example', false],
])('the ticket of ops@CORP, as Windows may call it, is one of %s: %s', (username, expected) => {
  expect(isSamePrincipal('ops@CORP', username)).toBe(expected);
});

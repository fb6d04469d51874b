import { describe, expect, test } from 'vitest';
import { createContext } from '../../../src/winrm/auth/create-context.ts';
import type { ContextChoice } from '../../../src/winrm/auth/create-context.ts';
import { hasFlags, ntlmFlags } from '../../../src/winrm/auth/ntlm/flags.ts';
import { readNegotiate } from '../../../src/winrm/auth/ntlm/messages.ts';

const choice: ContextChoice = {
  method: 'ntlm',
  username: 'CORP\\ops',
  password: 'secret-Word-1',
  scheme: 'http',
  channelBinding: null,
  random: (bytes) => new Uint8Array(bytes),
  now: () => new Date('2026-12-05T22:00:00Z'),
};

test('basic over http is refused, without the password in the words', () => {
  const attempt = (): unknown => createContext({ ...choice, method: 'basic' });
  expect(attempt).toThrow(expect.objectContaining({ code: 'auth/unsafe' }));
  expect(attempt).not.toThrow('secret-Word-1');
});

test.each(['http', 'https'] as const)('ntlm over %s seals over http alone', (scheme) => {
  const context = createContext({ ...choice, scheme });
  expect([context.scheme, context.done]).toEqual(['Negotiate', false]);
  const { flags } = readNegotiate(context.step(null) ?? new Uint8Array());
  expect(hasFlags(flags, ntlmFlags.seal)).toBe(scheme === 'http');
});

describe('basic over https', () => {
  test('is user, colon, password in UTF-8, once', () => {
    const context = createContext({ ...choice, method: 'basic', scheme: 'https', username: 'ops', password: 'pä:ß' });
    expect(context.scheme).toBe('Basic');
    expect(Buffer.from(context.step(null) ?? []).toString()).toBe('ops:pä:ß');
    expect([context.done, context.sealing, context.step(null)]).toEqual([true, null, null]);
  });

  test('cannot carry a colon in the user name', () => {
    expect(() => createContext({ ...choice, method: 'basic', scheme: 'https', username: 'a:b' })).toThrow(
      expect.objectContaining({ code: 'auth/unsupported' }),
    );
  });
});

import { failureOf } from '../../support/failure-of.ts';
import { describe, expect, test } from 'vitest';
import { createSecretReader } from '../../../src/inventory/secrets/secrets.ts';
import type { SecretSeams } from '../../../src/inventory/secrets/secrets.ts';
import { createVaultOpener, noPasswords } from '../../../src/inventory/secrets/vault-opener.ts';
import type { Target } from '../../../src/model/target.ts';

function host(username: string): Pick<Target, 'name' | 'connection'> {
  return {
    name: `host-of-${username}`,
    connection: {
      address: 'a',
      port: 5985,
      scheme: 'http',
      path: '/wsman',
      auth: 'ntlm',
      username,
      password: { kind: 'prompt' },
      caFile: null,
      tlsServerName: null,
      timeouts: { connectMs: 1, operationMs: 1, requestMs: 2, hostMs: 3 },
    },
  };
}

const nothing: SecretSeams = {
  env: {},
  readFile: () => Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' })),
  runHelper: () => Promise.resolve({ kind: 'not-started', reason: 'ENOENT' }),
  keyring: () => Promise.reject(new Error('no keyring here')),
  vault: createVaultOpener(noPasswords),
  prompt: null,
};

describe('createSecretReader', () => {
  test('reads environment, file and inline values, and remembers what it gave out', async () => {
    const read = createSecretReader({
      ...nothing,
      env: { P: 'from env' },
      readFile: (path) => Promise.resolve(`in ${path}\r\n`),
    });
    expect(read.revealed()).toEqual([]);
    expect(await read({ kind: 'env', name: 'P' }, host('u'))).toBe('from env');
    expect(await read({ kind: 'file', path: '/s' }, host('u'))).toBe('in /s');
    expect(await read({ kind: 'inline', value: 'inline' }, host('u'))).toBe('inline');
    expect(await read({ kind: 'env', name: 'P' }, host('v'))).toBe('from env');
    expect(read.revealed()).toEqual(['from env', 'in /s', 'inline']);
  });

  test.each([
    ['pw\n', 'pw'],
    ['pw\r\n', 'pw'],
    ['pw\n\n', 'pw\n'],
    [' pw ', ' pw '],
    ['\uFEFFpw\n', 'pw'],
  ])('a file that holds %j gives %j', async (text, value) => {
    const read = createSecretReader({ ...nothing, readFile: () => Promise.resolve(text) });
    expect(await read({ kind: 'file', path: 'f' }, host('u'))).toBe(value);
  });

  test('callers at the same time share one prompt and one file read', async () => {
    const asked: string[] = [];
    let reads = 0;
    const read = createSecretReader({
      ...nothing,
      readFile: () => Promise.resolve(`secret ${(reads += 1)}`),
      prompt: (label) => Promise.resolve(`typed ${asked.push(label)}`),
    });
    const users = ['CORP\\a', 'corp\\A', 'CORP\\b', 'CORP\\a'];
    const typed = await Promise.all(users.map((user) => read({ kind: 'prompt' }, host(user))));
    expect(typed).toEqual(['typed 1', 'typed 1', 'typed 2', 'typed 1']);
    expect(asked).toEqual(['Password for CORP\\a', 'Password for CORP\\b']);
    await Promise.all([1, 2, 3].map(() => read({ kind: 'file', path: 'f' }, host('u'))));
    expect(reads).toBe(1);
  });

  test('takes what a credential helper prints, and runs it once', async () => {
    const ran: (readonly string[])[] = [];
    const read = createSecretReader({
      ...nothing,
      runHelper(argv) {
        ran.push(argv);
        return Promise.resolve({ kind: 'exited', exitCode: 0, stdout: 'from helper\n' });
      },
      keyring: (name) => Promise.resolve(`entry ${name}`),
    });
    const ref = { kind: 'command', argv: ['pass', 'show', 'exchange'] } as const;
    expect(await Promise.all([read(ref, host('a')), read(ref, host('b'))])).toEqual(['from helper', 'from helper']);
    expect(ran).toEqual([['pass', 'show', 'exchange']]);
    expect(await read({ kind: 'keyring', name: 'svc' }, host('a'))).toBe('entry svc');
    expect(read.revealed()).toEqual(['from helper', 'entry svc']);
  });

  test.each([
    [{ kind: 'not-started', reason: 'ENOENT' }, 'could not be started (ENOENT)'],
    [{ kind: 'timed-out', afterMs: 30_000 }, 'did not finish within 30 s'],
    [{ kind: 'exited', exitCode: 3, stdout: 'oops, s3cret' }, 'failed with exit code 3'],
    [{ kind: 'exited', exitCode: 0, stdout: '\n' }, 'printed nothing'],
  ] as const)('a helper that ends as %j fails in words, without what it printed', async (end, words) => {
    const read = createSecretReader({ ...nothing, runHelper: () => Promise.resolve(end) });
    const failure = await failureOf(read({ kind: 'command', argv: ['helper', '--account', 'x'] }, host('u')));
    expect(failure.code).toBe('secret/missing');
    expect(failure.message).toBe(`the password of u: the credential helper helper ${words}`);
    expect(JSON.stringify(failure)).not.toContain('s3cret');
  });

  test.each([
    [() => Promise.resolve(null), 'the keyring has no entry svc of service fencepost'],
    [() => Promise.reject(new Error('access denied')), 'cannot read the keyring (access denied)'],
  ])('a keyring without the entry, or none at all, says what is missing', async (keyring, words) => {
    const read = createSecretReader({ ...nothing, keyring });
    const failure = await failureOf(read({ kind: 'keyring', name: 'svc' }, host('u')));
    expect(failure.code).toBe('secret/missing');
    expect(failure.message).toBe(`the password of u: ${words}`);
  });

  test('asks one question at a time', async () => {
    const answers: ((value: string) => void)[] = [];
    const read = createSecretReader({ ...nothing, prompt: () => new Promise((resolve) => answers.push(resolve)) });
    const both = Promise.all([read({ kind: 'prompt' }, host('a')), read({ kind: 'prompt' }, host('b'))]);
    await new Promise(setImmediate);
    expect(answers).toHaveLength(1);
    answers[0]?.('one');
    await new Promise(setImmediate);
    expect(answers).toHaveLength(2);
    answers[1]?.('two');
    expect(await both).toEqual(['one', 'two']);
  });

  test.each([
    [
      { kind: 'env', name: 'P' },
      {},
      'the password of u: environment variable P is not set',
      'set P in the environment of this process',
    ],
    [
      { kind: 'env', name: 'P' },
      { env: { P: '' } },
      'the password of u: environment variable P is empty',
      'set P in the environment of this process',
    ],
    [
      { kind: 'file', path: 'f' },
      {},
      'the password of u: cannot read file f (it does not exist)',
      'write only the password into this file, readable only by you, or name another file in the inventory',
    ],
    [
      { kind: 'file', path: 'f' },
      { readFile: () => Promise.resolve('\n') },
      'the password of u: file f is empty',
      'write only the password into this file',
    ],
    [
      { kind: 'prompt' },
      {},
      'the password of u: no terminal to ask on, and the inventory gives no other source',
      'set it in the inventory: password: { env: NAME } or { file: PATH }',
    ],
    [
      { kind: 'prompt' },
      { prompt: () => Promise.resolve('') },
      'the password of u: nothing was entered',
      'set it in the inventory: password: { env: NAME } or { file: PATH }',
    ],
  ] as const)('%j missing', async (ref, world, message, hint) => {
    const read = createSecretReader({ ...nothing, ...world });
    await expect(read(ref, host('u'))).rejects.toMatchObject({ code: 'secret/missing', message, hint });
    expect(read.revealed()).toEqual([]);
  });

  test('for a host that only a plan names, the question shows host, account and address, and one answer serves one address', async () => {
    const asked: string[] = [];
    const read = createSecretReader({
      ...nothing,
      prompt: (label) => Promise.resolve(`typed ${String(asked.push(label))}`),
    });
    const ref = { kind: 'unnamed', inventory: '-i prod.yml' } as const;
    const forged = { ...host('CORP\\svc'), name: 'ex02\u001b[2K' };
    const elsewhere = { ...forged, connection: { ...forged.connection, address: 'fe80::1', scheme: 'https' as const } };
    const typed = [await read(ref, host('CORP\\svc')), await read(ref, host('CORP\\svc')), await read(ref, elsewhere)];
    expect(typed).toEqual(['typed 1', 'typed 1', 'typed 2']);
    expect(asked).toEqual([
      'Password for CORP\\svc on host-of-CORP\\svc, sent to http://a:5985',
      'Password for CORP\\svc on ex02?[2K, sent to https://[fe80::1]:5985',
    ]);
    const failure = await failureOf(createSecretReader(nothing)(ref, host('u')));
    expect([failure.code, failure.hint]).toEqual(['secret/missing', 'name the inventory that has it: -i prod.yml']);
  });

  test('a prompt that failed is not repeated for the next two hundred hosts', async () => {
    let asked = 0;
    const read = createSecretReader({ ...nothing, prompt: () => Promise.resolve(''.repeat((asked += 1))) });
    await expect(read({ kind: 'prompt' }, host('u'))).rejects.toThrow('nothing was entered');
    await expect(read({ kind: 'prompt' }, host('u'))).rejects.toThrow('nothing was entered');
    expect(asked).toBe(1);
  });
});

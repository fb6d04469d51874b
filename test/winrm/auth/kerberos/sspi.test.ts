// What is asked of Windows, in which order, and what its statuses come to, over a fake of its calls. The calls themselves are held in
// test/interop/sspi.test.ts; Windows was never asked.
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../../src/model/failure.ts';
import { createKerberosFailure, createProofFailure } from '../../../../src/winrm/auth/kerberos/failures.ts';
import { GssError } from '../../../../src/winrm/auth/kerberos/library.ts';
import type { CredentialSource } from '../../../../src/winrm/auth/kerberos/library.ts';
import type {
  Initialized,
  InitializeInput,
  Secur32,
  SspiAccount,
} from '../../../../src/winrm/auth/kerberos/secur32.ts';
import { createSspiLibrary } from '../../../../src/winrm/auth/kerberos/sspi.ts';
import { errorOfSspi } from '../../../../src/winrm/auth/kerberos/sspi-status.ts';

const continueNeeded = 0x00090312;
const aes = Buffer.from('050406ff0000001c', 'hex');

interface Script {
  readonly acquire?: number;
  readonly name?: string;
  /** Statuses of InitializeSecurityContextW, one for each call. */
  readonly initialize?: readonly number[];
  readonly attributes?: number;
  readonly header?: Buffer;
  readonly encrypt?: number;
  readonly decrypt?: number;
  readonly protection?: number;
}

function fakeWindows(script: Script = {}) {
  const seen = {
    accounts: [] as (readonly [string, SspiAccount | null])[],
    initialized: [] as InitializeInput[],
    sealed: [] as (readonly (readonly [type: number, bytes: number])[])[],
    deleted: 0,
    atOnce: 0,
  };
  const statuses = [...(script.initialize ?? [continueNeeded, 0])];
  let running = 0;
  function answer(input: InitializeInput): Initialized {
    seen.initialized.push(input);
    return {
      status: statuses.shift() ?? 0,
      context: Buffer.alloc(16, 7),
      token: Buffer.from(input.context === null ? 'AP-REQ' : ''),
      attributes: script.attributes ?? 0x1001e,
    };
  }
  const secur32: Secur32 = {
    acquire(packageName, account) {
      seen.accounts.push([packageName, account]);
      return Promise.resolve({ status: script.acquire ?? 0, credential: Buffer.alloc(16, seen.accounts.length) });
    },
    nameOf: () => ({ status: 0, name: script.name ?? 'ops@CORP.EXAMPLE' }),
    async initialize(input) {
      running += 1;
      seen.atOnce = Math.max(seen.atOnce, running);
      await new Promise(setImmediate);
      running -= 1;
      return answer(input);
    },
    proceed: answer,
    trailerBytesOf: () => ({ status: 0, trailerBytes: 76 }),
    encrypt(_context, buffers) {
      seen.sealed.push(buffers.map(({ type, bytes }) => [type, bytes.length] as const));
      const header = script.header ?? aes;
      header.copy(buffers[0]?.bytes ?? Buffer.alloc(0));
      buffers[1]?.bytes.reverse();
      return { status: script.encrypt ?? 0, lengths: [header.length, buffers[1]?.bytes.length ?? 0] };
    },
    decrypt(_context, buffers) {
      seen.sealed.push(buffers.map(({ type, bytes }) => [type, bytes.length] as const));
      buffers[1]?.bytes.reverse();
      const lengths = buffers.map(({ bytes }) => bytes.length);
      return { status: script.decrypt ?? 0, lengths, protection: script.protection ?? 0 };
    },
    deleteContext: () => (seen.deleted += 1),
  };
  return { library: createSspiLibrary(secur32), seen };
}

const cache: CredentialSource = { kind: 'ticket-cache', principal: null };
const withPassword: CredentialSource = { kind: 'password', principal: 'ops@CORP.EXAMPLE', password: 'secret' };
const service = 'HTTP@ex01.corp.example';

async function begin(script: Script = {}, source = cache, channelBinding: Buffer | null = null) {
  const { library, seen } = fakeWindows(script);
  const credential = await library.acquire(source);
  return { library, seen, credential, ...(await library.initiate({ credential, service, channelBinding })) };
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
}

describe('who logs on', () => {
  test.each([
    ['ops@CORP.EXAMPLE', 'ops@CORP.EXAMPLE'],
    ['CORP\\ops', 'ops@CORP'],
  ])('the user who is logged on, without a password; Windows calls them %s', async (name, principal) => {
    const { library, seen } = fakeWindows({ name });
    expect((await library.acquire(cache)).principal).toBe(principal);
    expect(seen.accounts).toEqual([['Kerberos', null]]);
  });

  test('an account with its password, as a UPN', async () => {
    const { library, seen } = fakeWindows();
    expect((await library.acquire(withPassword)).principal).toBe('ops@CORP.EXAMPLE');
    expect(seen.accounts).toEqual([['Kerberos', { user: 'ops@CORP.EXAMPLE', domain: '', password: 'secret' }]]);
  });

  test('no keytab', async () => {
    const { library, seen } = fakeWindows();
    const error = await errorOf(library.acquire({ kind: 'keytab', principal: 'ops@CORP.EXAMPLE', file: '/k' }));
    expect(error instanceof Failure && error.code).toBe('auth/unsupported');
    expect(seen.accounts).toEqual([]);
  });

  test('nobody in the domain', async () => {
    const error = await errorOf(fakeWindows({ acquire: 0x8009030e }).library.acquire(cache));
    expect(error).toBeInstanceOf(GssError);
  });
});

describe('the logon', () => {
  test('asks for mutual, replay, sequence, confidentiality and integrity, never for delegation', async () => {
    const { seen, token, context } = await begin();
    expect(Buffer.from(token).toString()).toBe('AP-REQ');
    expect(context.established).toBe(false);
    expect(context.answer(Buffer.from('AP-REP'))).toBeNull();
    expect(context.established).toBe(true);
    const [first, second] = seen.initialized;
    expect(first).toMatchObject({ context: null, target: 'HTTP/ex01.corp.example', flags: 0x1001e, buffers: [] });
    expect(second).toMatchObject({ context: Buffer.alloc(16, 7), target: 'HTTP/ex01.corp.example', flags: 0x1001e });
    expect(second?.buffers.map((one) => [one.type, one.bytes.toString()])).toEqual([[2, 'AP-REP']]);
  });

  test('the channel binding goes with both calls, behind the token', async () => {
    const { seen, context } = await begin({}, cache, Buffer.from('tls-server-end-point:x'));
    context.answer(Buffer.from('AP-REP'));
    const [first, second] = seen.initialized.map(({ buffers }) => buffers);
    expect(first?.map((one) => one.type)).toEqual([14]);
    expect(second?.map((one) => one.type)).toEqual([2, 14]);
    // SEC_CHANNEL_BINDINGS: no addresses; 22 bytes of application data at 32.
    const zeros = '00'.repeat(24);
    expect(first?.[0]?.bytes.toString('hex')).toBe(
      `${zeros}1600000020000000${Buffer.from('tls-server-end-point:x').toString('hex')}`,
    );
  });

  test.each([0x1001c, 0x1000e])('a server that agrees to less (%i) is not trusted', async (attributes) => {
    const { context } = await begin({ attributes });
    expect(() => context.answer(Buffer.from('AP-REP'))).toThrow('no mutual logon with encryption');
    expect(context.established).toBe(false);
    const error = await errorOf(begin({ attributes, initialize: [0] }));
    expect(error).toBeInstanceOf(GssError);
  });

  test('a false proof is an error', async () => {
    const { context } = await begin({ initialize: [continueNeeded, 0x8009030f] });
    expect(() => context.answer(Buffer.from('false'))).toThrow(GssError);
  });

  test('a context is freed once', async () => {
    const { seen, context } = await begin();
    context.release();
    context.release();
    expect(seen.deleted).toBe(1);
  });
});

describe('a password', () => {
  const denied = 0x8009030c;
  const all = async (script: Script) => {
    const { library, seen } = fakeWindows(script);
    const credential = await library.acquire(withPassword);
    const input = { credential, service, channelBinding: null };
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => library.initiate(input)));
    return { seen, refused: outcomes.filter((one) => one.status === 'rejected').length };
  };

  test('that is refused is tried once by a whole fleet', async () => {
    const { seen, refused } = await all({ initialize: [denied] });
    expect([seen.initialized.length, refused]).toEqual([1, 50]);
  });

  test('that was taken is used by many at once', async () => {
    const { seen, refused } = await all({ initialize: [] });
    expect([seen.initialized.length, refused, seen.atOnce > 1]).toEqual([50, 0, true]);
  });

  test('is tried again after anything but a refusal, one host at a time', async () => {
    const silent = 0x80090311;
    const { seen, refused } = await all({ initialize: [silent, silent, silent] });
    expect([seen.initialized.length, refused]).toEqual([50, 3]);
  });
});

describe('messages', () => {
  test('token and data, no padding; the token as long as it came out', async () => {
    const { seen, context } = await begin();
    const { header, data, padding } = context.wrap(Buffer.from('abc'));
    expect([header, Buffer.from(data).toString(), padding]).toEqual([aes, 'cba', 0]);
    expect(Buffer.from(context.unwrap(header, data) ?? '').toString()).toBe('abc');
    expect(seen.sealed).toEqual([
      [
        [2, 76],
        [1, 3],
      ],
      [
        [2, 8],
        [1, 3],
      ],
    ]);
  });

  test('what was given is not written into', async () => {
    const { context } = await begin();
    const message = Buffer.from('abc');
    const sealed = context.wrap(message);
    context.unwrap(sealed.header, sealed.data);
    expect([message.toString(), Buffer.from(sealed.data).toString()]).toEqual(['abc', 'cba']);
  });

  test('a token of RC4 is known by its frame', async () => {
    const { context } = await begin({ header: Buffer.from('602b06092a864886f7', 'hex') });
    expect(context.wrap(Buffer.from('abc')).padding).not.toBe(0);
  });

  test('signed only is not sealed', async () => {
    const { context } = await begin({ protection: 0x80000001 });
    expect(context.unwrap(aes, Buffer.from('abc'))).toBeNull();
  });

  test.each(['encrypt', 'decrypt'] as const)('%s that fails is an error', async (call) => {
    const { context } = await begin({ [call]: 0x80090310 });
    expect(() => (call === 'encrypt' ? context.wrap(aes) : context.unwrap(aes, aes))).toThrow('SSPI status 0x80090310');
  });
});

describe('statuses', () => {
  const names = {
    where: 'ex01:5985',
    username: 'ops@CORP.EXAMPLE',
    service: 'HTTP/ex01',
    ticketCure: 'log on to Windows',
  };
  test.each([
    [0x80090303, 'auth/kerberos-service', 'kerberos_hostname'],
    [0x80090322, 'auth/kerberos-service', ''],
    [0x8009030c, 'auth/refused', ''],
    [0x8009030e, 'auth/kerberos-ticket', 'log on to Windows'],
    [0x80090317, 'auth/kerberos-ticket', 'log on to Windows'],
    [0x80090311, 'auth/kerberos-kdc', 'nltest'],
    [0x80090324, 'auth/kerberos-clock', ''],
    [0x80090342, 'auth/kerberos-failed', 'AES'],
    [0x8009033e, 'auth/refused', ''],
    [0x80090305, 'auth/kerberos-failed', ''],
  ])('%i is %s', (status, code, hint) => {
    const failure = createKerberosFailure(errorOfSspi(status).status, names);
    expect(failure.code).toBe(code);
    expect(failure.hint).toContain(hint);
    expect(failure.hint).not.toContain('kinit');
  });

  test.each([0x8009030f, 0x80090330, 0x80090363])('%i of the host: its proof does not hold', (status) => {
    expect(createProofFailure(errorOfSspi(status).status, names).code).toBe('auth/server');
  });

  test('an unknown one is shown as Windows writes it', () => {
    expect(errorOfSspi(0x80090305).message).toBe('SSPI status 0x80090305');
    expect(errorOfSspi(0x80090322).message).toBe('SEC_E_WRONG_PRINCIPAL, 0x80090322');
  });
});

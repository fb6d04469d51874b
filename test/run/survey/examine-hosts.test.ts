// The walk of a doctor without a network: order of the checks, what a deadline or a refused shell leaves, certificates, proxies; and
// that a session it uses can't change anything.
import { isolateListener } from '../../../src/run/isolated-listener.ts';
import { expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import type { Connection, Target } from '../../../src/model/target.ts';
import type { Connector, Session } from '../../../src/model/seams.ts';
import { examineHosts, type Approach } from '../../../src/run/survey/examine-hosts.ts';
import { memoryClock } from '../../support/memory-clock.ts';

const connection: Connection = {
  address: 'ex01',
  port: 5986,
  scheme: 'https',
  path: '/wsman',
  auth: 'ntlm',
  username: 'CORP\\svc',
  password: { kind: 'prompt' },
  caFile: null,
  tlsServerName: null,
  timeouts: { connectMs: 1000, operationMs: 1000, requestMs: 2000, hostMs: 60_000 },
};

function targetWith(differences: Partial<Connection>): Target {
  const origin = { file: '', line: 0, column: 0 };
  return { name: 'ex01', connection: { ...connection, ...differences }, groups: [], variables: {}, origin };
}

const approach: Approach = {
  resolve: () => Promise.resolve(['192.0.2.1']),
  reachPort: () => Promise.resolve(),
  reachSecurely: () => Promise.resolve({ subject: 'CN=ex01', expiresAt: '2027-06-01T00:00:00.000Z' }),
  identify: () => Promise.resolve({ product: null, offers: 'Negotiate', server: null }),
};

const refuses = (code: 'auth/refused' | 'wire/access-denied' | 'wire/invalid'): Connector => ({
  connect: () => Promise.reject(new Failure(code, 'no')),
});

async function examine(
  differences: Partial<Connection>,
  parts: { approach?: Partial<Approach>; connector?: Connector; now?: string },
) {
  const doings: string[] = [];
  const [host] = await examineHosts([targetWith(differences)], {
    approach: { ...approach, ...parts.approach },
    connector: parts.connector ?? refuses('auth/refused'),
    clock: memoryClock(parts.now),
    listener: isolateListener({ event: () => undefined, progress: ({ doing }) => doings.push(doing) }),
    concurrency: 1,
    signal: new AbortController().signal,
    desiredOf: () => ({ exclusions: [], whenHeldByOwnService: 'block' }),
    requestOf: () => ({ ranges: [], services: [], protocols: [] }),
    findingsOf: () => [],
  });
  const states = (host?.checks ?? []).filter((one) => one.state !== 'skipped').map((one) => `${one.name} ${one.state}`);
  return { states, checks: host?.checks ?? [], doings };
}

test('check by check, in order, until one fails', async () => {
  const { states, doings } = await examine({}, {});
  expect(states).toEqual(['name ok', 'port ok', 'tls ok', 'winrm ok', 'logon failed']);
  expect(doings).toEqual(['name', 'port', 'tls', 'winrm', 'logon'].map((name) => `checking ${name}`).concat('checked'));
});

test.each([
  { code: 'wire/access-denied', states: ['logon ok', 'shell failed'] },
  { code: 'wire/invalid', states: ['logon failed'] },
  { code: 'auth/refused', states: ['logon failed'] },
] as const)('$code when the shell is opened', async ({ code, states }) => {
  expect((await examine({}, { connector: refuses(code) })).states.slice(4)).toEqual(states);
});

test.each([
  { what: 'long valid', differences: {}, now: '2026-12-05T00:00:00.000Z', state: 'ok' },
  { what: 'valid for 30 days', differences: {}, now: '2027-05-02T00:00:00.000Z', state: 'ok' },
  { what: 'valid for less', differences: {}, now: '2027-05-02T00:00:01.000Z', state: 'warning' },
  {
    what: 'never looked at',
    differences: { tls: { fingerprint: null, minVersion: '1.2', validation: 'ignore' } },
    now: '2026-12-05T00:00:00.000Z',
    state: 'warning',
  },
  { what: 'not needed', differences: { scheme: 'http' }, now: '2026-12-05T00:00:00.000Z', state: 'not-needed' },
] as const)('a certificate that is $what: $state', async ({ differences, now, state }) => {
  const { checks } = await examine(differences, { now });
  expect(checks.find((one) => one.name === 'tls')?.state).toBe(state);
});

test('through a proxy name and port are the proxy’s business', async () => {
  const mustNot = (): Promise<never> => Promise.reject(new Error('asked'));
  const { states } = await examine(
    { proxy: { host: 'proxy', port: 3128 } },
    { approach: { resolve: mustNot, reachPort: mustNot } },
  );
  expect(states.slice(0, 3)).toEqual(['name not-needed', 'port not-needed', 'tls ok']);
});

test('the check that a deadline ends is the one that failed', async () => {
  const hangs = (_target: Target, signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('aborted'));
      });
    });
  const { states, checks } = await examine(
    { timeouts: { ...connection.timeouts, hostMs: 20 } },
    { approach: { reachPort: hangs } },
  );
  expect(states).toEqual(['name ok', 'port failed']);
  expect(checks[1]?.code).toBe('deadline/host');
});

test('it asks and closes; an answer that is not whole is a matter of the shell', async () => {
  const calls: string[] = [];
  const session: Session = {
    ask: () => {
      calls.push('ask');
      return Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
    },
    change: () => {
      calls.push('changes');
      return Promise.reject(new Failure('internal/bug', 'changed'));
    },
    list: () => {
      calls.push('list');
      return Promise.resolve([]);
    },
    endLeft: () => Promise.resolve(),
    newNonce: () => '0123456789ab',
    close: () => {
      calls.push('close');
      return Promise.resolve();
    },
  };
  const { states, checks } = await examine({}, { connector: { connect: () => Promise.resolve(session) } });
  expect(states.slice(4)).toEqual(['logon ok', 'shell failed']);
  expect([calls, checks.find((one) => one.name === 'shell')?.code]).toEqual([['ask', 'close'], 'answer/incomplete']);
});

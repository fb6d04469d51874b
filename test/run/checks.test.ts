// What the answers of a host mean for a doctor: each case of each check, and that what was not reached is said of every check behind.
import { describe, expect, test } from 'vitest';
import type { Examination } from '../../src/facts/examine.ts';
import { Failure } from '../../src/model/failure.ts';
import { checkNames, checksOf, failedWith, passed, withUnreached } from '../../src/run/checks.ts';

const good: Examination = {
  rights: { value: { administrator: true, elevated: true } },
  windows: { value: { name: 'Windows Server 2019', version: { major: 10, minor: 0, build: 17763, revision: 1 } } },
  exclusions: { value: true },
  exchange: { value: { name: 'Exchange Server 2019', version: { major: 15, minor: 2, build: 1544, revision: 4 } } },
  services: [
    { name: 'MSExchangeIMAP4BE', status: { value: { installed: true, state: 'stopped', processId: null } } },
    { name: 'MSExchangePOP3BE', status: { value: { installed: true, state: 'running', processId: 8 } } },
  ],
  ports: { value: [{ range: 'tcp 9955', by: 'own', process: { processId: 8, imageName: 'a.exe', services: [] } }] },
};
const missing = good.services.map(({ name }) => ({ name, status: { value: { installed: false as const } } }));

/** `rights failed wire/access-denied` of all that is not ok. */
function trouble(examination: Examination): readonly string[] {
  return checksOf(examination)
    .filter((one) => one.state !== 'ok')
    .map((one) => `${one.name} ${one.state} ${one.code ?? 'no code'}`);
}

test('a host in order: a stopped back end is no fault', () => {
  expect(trouble(good)).toEqual([]);
  expect(checksOf(good).map((one) => one.detail)).toEqual([
    'administrator, with all its rights',
    'Windows Server 2019',
    'knows port exclusions',
    'Exchange Server 2019',
    'MSExchangeIMAP4BE stopped, MSExchangePOP3BE running',
    'tcp 9955 held by its own service',
  ]);
});

test.each<{ what: string; differs: Partial<Examination>; found: readonly string[] }>([
  {
    what: 'a token filtered by UAC',
    differs: { rights: { value: { administrator: true, elevated: false } } },
    found: ['rights failed wire/access-denied'],
  },
  {
    what: 'high integrity without Administrators',
    differs: { rights: { value: { administrator: false, elevated: true } } },
    found: ['rights failed wire/access-denied'],
  },
  { what: 'an old netsh', differs: { exclusions: { value: false } }, found: ['netsh failed netsh-too-old'] },
  {
    what: 'no Exchange, and so no services',
    differs: { exchange: { value: null }, services: missing },
    found: ['exchange warning not-exchange', 'services not-needed no code'],
  },
  {
    what: 'Exchange without the services',
    differs: { services: missing },
    found: ['services warning service-not-installed'],
  },
  {
    what: 'answers that could not be read',
    differs: {
      rights: { problem: 'a' },
      windows: { problem: 'b' },
      exclusions: { problem: 'c' },
      exchange: { problem: 'd' },
      services: [{ name: 'X', status: { problem: 'e' } }],
      ports: { problem: 'f' },
    },
    found: ['rights', 'windows', 'netsh', 'exchange', 'services', 'ports'].map(
      (name) => `${name} failed facts-incomplete`,
    ),
  },
  { what: 'a playbook without services', differs: { services: [] }, found: ['services not-needed no code'] },
  {
    what: 'a stranger on a wanted port',
    differs: {
      ports: {
        value: [
          { range: 'tcp 9933', by: 'stranger', process: { processId: 700, imageName: 'lsass.exe', services: [] } },
          { range: 'tcp 9955', by: 'closing', process: null },
        ],
      },
    },
    found: ['ports warning held-by-stranger'],
  },
])('$what', ({ differs, found }) => {
  expect(trouble({ ...good, ...differs })).toEqual(found);
});

describe('the walk', () => {
  test('every check has its place, reached or not', () => {
    const checks = withUnreached([passed('name', 'x'), failedWith('port', new Failure('connect/refused', 'no'))]);
    expect(checks.map((one) => one.name)).toEqual(checkNames);
    expect(checks.map((one) => one.state)).toEqual(['ok', 'failed', ...checkNames.slice(2).map(() => 'not-reached')]);
  });

  test('a failure keeps code and cure; its place goes into the evidence, so that hosts can be shown together', () => {
    const failure = new Failure('connect/refused', 'nothing listens', { where: 'ex01:5985', hint: 'look' });
    expect(failedWith('port', failure)).toEqual({
      name: 'port',
      state: 'failed',
      detail: 'nothing listens',
      evidence: 'ex01:5985',
      cure: 'look',
      code: 'connect/refused',
    });
  });
});

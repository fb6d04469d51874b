// What the answers of a host mean for a doctor: each case of each check, and that what was not reached is said of every check behind.
import { describe, expect, test } from 'vitest';
import type { Examination } from '../../../src/facts/examine.ts';
import { Failure } from '../../../src/model/failure.ts';
import type { HostFacts, Socket } from '../../../src/model/facts.ts';
import { portRange } from '../../../src/model/port-range.ts';
import type { Desired } from '../../../src/model/desired.ts';
import { judgeHost } from '../../../src/plan/make-plan.ts';
import { checkNames, failedWith, passed, withUnreached, type Check } from '../../../src/run/survey/check.ts';
import { makeChecks } from '../../../src/run/survey/make-checks.ts';
import { oneHost, desired } from '../../facts/some-facts.ts';

const { exclusions } = desired;

function listener(localPort: number, processId: number): Socket {
  return { family: 'ipv4', protocol: 'tcp', localAddress: '0.0.0.0', localPort, listening: true, processId };
}

const good: Examination = {
  windowsName: 'Windows Server 2019',
  exchangeName: 'Exchange Server 2019',
  facts: {
    ...oneHost,
    state: {
      ...oneHost.state,
      exclusionTables: oneHost.state.exclusionTables.map((table) => ({ ...table, exclusions: [] })),
    },
    sockets: [listener(9933, 7), listener(9955, 8)],
    processes: [
      { processId: 7, imageName: 'i.exe', services: [] },
      { processId: 8, imageName: 'a.exe', services: [] },
    ],
    services: [
      { name: 'MSExchangeIMAP4BE', installed: true, state: 'running', processId: 7, startType: 'manual' },
      { name: 'MSExchangePOP3BE', installed: true, state: 'running', processId: 8, startType: 'manual' },
    ],
  },
};
const missing = good.facts.services.map(({ name }) => ({ name, installed: false as const }));

function judged(examination: Examination, asked: Desired = desired): readonly Check[] {
  const { findings } = judgeHost(examination.facts, asked);
  return makeChecks(examination, { desired: asked.exclusions, findings });
}

/** `rights failed account-rights` of all that is not ok. */
function trouble(examination: Examination, desired?: Desired): readonly string[] {
  return judged(examination, desired)
    .filter((one) => one.state !== 'ok')
    .map((one) => `${one.name} ${one.state} ${one.code ?? 'no code'}`);
}

test('a host in order', () => {
  expect(trouble(good)).toEqual([]);
  expect(judged(good).map((one) => one.detail)).toEqual([
    'administrator, with all its rights',
    'Windows Server 2019',
    'knows port exclusions',
    'Exchange Server 2019',
    'MSExchangeIMAP4BE running, MSExchangePOP3BE running',
    'tcp 9933 open in its own service, tcp 9955 open in its own service',
    'no guard of a run is left',
  ]);
});

test('a stopped back end is no fault, but which port it uses is not known: never ok', () => {
  const facts = { ...good.facts, sockets: [], services: stopped };
  expect(trouble({ ...good, facts })).toEqual(['services warning port-unknown']);
  expect(judged({ ...good, facts }).find((one) => one.name === 'services')?.cure).toContain('ProxyTargetPort');
});

test('back ends on 1993 and 1995: both are told, with what to do', () => {
  const facts = { ...good.facts, sockets: [listener(1993, 7), listener(1995, 8)] };
  const check = judged({ ...good, facts }).find((one) => one.name === 'services');
  expect([check?.state, check?.code]).toEqual(['warning', 'port-elsewhere']);
  expect(check?.detail).toMatch(/IMAP4BE listens on 1993.*POP3BE listens on 1995/);
});

test('ports outside the dynamic range are in order, and it is said that there is nothing to protect', () => {
  const dynamicRanges = oneHost.state.dynamicRanges.map((one) => ({ ...one, range: portRange(49152, 16384) }));
  const facts = { ...good.facts, state: { ...good.facts.state, dynamicRanges } };
  const check = judged({ ...good, facts }).find((one) => one.name === 'ports');
  expect(check?.state).toBe('ok');
  expect(check?.detail).toMatch(
    /; tcp 9933 and tcp 9955 lie outside the dynamic range of ipv4 and ipv6 .*nothing to protect/,
  );
});

const stopped = good.facts.services.map(({ name }) => ({
  name,
  installed: true as const,
  state: 'stopped' as const,
  processId: null,
  startType: 'manual' as const,
}));

/** What a host shows, laid over the good one's facts. */
const cases: readonly {
  what: string;
  facts?: Partial<HostFacts>;
  desired?: Desired;
  found: readonly string[];
}[] = [
  {
    what: 'a token filtered by UAC',
    facts: { rights: 'filtered' },
    found: ['rights failed account-rights'],
  },
  {
    what: 'no administrator',
    facts: { rights: 'plain' },
    found: ['rights failed account-rights'],
  },
  {
    what: 'rights that could not be read',
    facts: { rights: null, gaps: [{ question: 'rights', reason: 'a' }] },
    found: ['rights failed facts-incomplete'],
  },
  {
    what: 'no administrator, so neither services nor processes are shown: one finding, and the own service is no stranger',
    facts: {
      rights: 'plain',
      processes: [],
      services: [],
      gaps: ['state of service MSExchangePOP3BE', 'start type of MSExchangePOP3BE', 'processes'].map((question) => ({
        question,
        reason: 'sc ended with exit code 5',
        refused: true as const,
      })),
    },
    found: ['rights failed account-rights', 'services skipped no code', 'ports warning held-in-doubt'],
  },
  {
    what: 'netsh that answers nothing: one finding',
    facts: {
      state: { exclusionTables: [], dynamicRanges: [] },
      gaps: ['exclusions ipv4 tcp active', 'exclusions ipv6 tcp active', 'dynamic range ipv4 tcp'].map((question) => ({
        question,
        reason: 'netsh ended with exit code 1',
        refused: true as const,
      })),
    },
    found: ['netsh failed netsh-refused'],
  },
  { what: 'an old netsh', facts: { exclusionSupport: false }, found: ['netsh failed netsh-too-old'] },
  {
    what: 'no Exchange, and so no services',
    facts: { exchange: null, services: missing, sockets: [] },
    found: ['exchange warning not-exchange', 'services not-needed no code'],
  },
  {
    what: 'Exchange without the services',
    facts: { services: missing, sockets: [] },
    found: ['services warning service-not-installed'],
  },
  {
    what: 'answers that could not be read, where something has to be changed',
    facts: {
      gaps: [
        'windows version',
        'exclusions ipv4 tcp active',
        'exchange version',
        'state of service X',
        'listeners',
      ].map((question) => ({ question, reason: 'x' })),
    },
    found: ['windows', 'netsh', 'exchange', 'services', 'ports'].map((name) => `${name} failed facts-incomplete`),
  },
  {
    what: 'an answer that could not be read, where nothing has to be changed',
    facts: {
      state: {
        ...oneHost.state,
        exclusionTables: oneHost.state.exclusionTables.map((table) => ({
          ...table,
          exclusions: exclusions.map(({ range }) => ({ range, administered: true })),
        })),
      },
      gaps: [{ question: 'exchange version', reason: 'x' }],
    },
    found: ['exchange warning facts-incomplete'],
  },
  {
    what: 'a playbook without services',
    facts: { sockets: [] },
    desired: { ...desired, exclusions: exclusions.slice(0, 1).map((one) => ({ ...one, service: null })) },
    found: ['services not-needed no code'],
  },
  {
    what: 'a stranger on a desired port',
    facts: {
      sockets: [listener(9955, 8)],
      processes: [{ processId: 8, imageName: 'lsass.exe', services: [] }],
      services: stopped,
    },
    found: ['services warning port-unknown', 'ports failed held-by-stranger'],
  },
  {
    what: 'a worker that has the port of its stopped service',
    facts: {
      processes: [{ processId: 8, imageName: 'Microsoft.Exchange.Pop3.exe', services: [] }],
      services: [{ name: 'MSExchangePOP3BE', installed: true, state: 'stopped', processId: null, startType: 'manual' }],
    },
    found: ['ports failed held-in-doubt'],
  },
  {
    what: 'its own service, which the playbook does not allow to be restarted',
    desired: { ...desired, whenHeldByOwnService: 'block' },
    found: ['ports failed held-by-own-service'],
  },
  {
    what: 'a range of winnat over a desired port',
    facts: {
      state: {
        ...oneHost.state,
        exclusionTables: oneHost.state.exclusionTables.map((table) => ({
          ...table,
          exclusions: [{ range: portRange(9900, 100), administered: false }],
        })),
      },
    },
    found: ['ports failed foreign-range'],
  },
  {
    what: 'closing connections',
    facts: {
      sockets: [
        { family: 'ipv4', protocol: 'tcp', localAddress: '10.0.0.7', localPort: 9955, listening: false, processId: 0 },
      ],
    },
    found: ['services warning port-unknown', 'ports warning held-in-doubt'],
  },
];

test.each(cases)('$what', ({ facts = {}, desired, found }) => {
  expect(trouble({ ...good, facts: { ...good.facts, ...facts } }, desired)).toEqual(found);
});

test('Windows itself on a port that is reserved already: no advice to stop or restart it', () => {
  const state = {
    ...oneHost.state,
    exclusionTables: oneHost.state.exclusionTables.map((table) => ({
      ...table,
      exclusions: exclusions.map(({ range }) => ({ range, administered: true })),
    })),
  };
  const socket = { family: 'ipv4', protocol: 'tcp', localAddress: '0.0.0.0', listening: true } as const;
  const facts = { ...good.facts, state, sockets: [{ ...socket, localPort: 9955, processId: 4 }] };
  const ports = judged({ ...good, facts }).find((one) => one.name === 'ports');
  expect(ports).toMatchObject({ state: 'warning', code: 'held-by-stranger' });
  expect(ports?.cure).toContain('netsh http show servicestate');
  expect(ports?.cure).not.toContain('restart');
});

test('a stranger on a port that is reserved already is a warning: no change is blocked, but the service can not start', () => {
  const facts: HostFacts = {
    ...good.facts,
    processes: [{ processId: 8, imageName: 'lsass.exe', services: [] }],
    services: stopped,
    state: {
      ...oneHost.state,
      exclusionTables: oneHost.state.exclusionTables.map((table) => ({
        ...table,
        exclusions: exclusions.map(({ range }) => ({ range, administered: true })),
      })),
    },
  };
  expect(trouble({ ...good, facts })).toEqual(['services warning port-unknown', 'ports warning held-by-stranger']);
});

describe('the walk', () => {
  test('every check has its place, reached or not', () => {
    const checks = withUnreached([passed('name', 'x'), failedWith('port', new Failure('connect/refused', 'no'))]);
    expect(checks.map((one) => one.name)).toEqual(checkNames);
    expect(checks.map((one) => one.state)).toEqual(['ok', 'failed', ...checkNames.slice(2).map(() => 'skipped')]);
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

// What counts as agreement between netsh or sc and CIM, from facts and answers by hand.
import { describe, expect, test } from 'vitest';
import { crossCheck } from '../../src/facts/cross-check.ts';
import type { CimObject, CimQuestion } from '../../src/model/cim.ts';
import { isInDoubt } from '../../src/model/cross-check.ts';
import type { HostFacts, ServiceFacts } from '../../src/model/facts.ts';
import { Failure } from '../../src/model/failure.ts';
import type { Session } from '../../src/model/seams.ts';
import { failureOf } from '../support/failure-of.ts';
import { oneHost } from './some-facts.ts';

const setting = (template: string, start: string | null, count: string | null): CimObject => ({
  SettingName: template,
  DynamicPortRangeStartPort: start,
  DynamicPortRangeNumberOfPorts: count,
});
const exchange = ['6005', '59530'] as const;
const usual = ['49152', '16384'] as const;
const imap: ServiceFacts = { name: 'IMAP', installed: true, state: 'running', processId: 42, startType: 'manual' };
const inCim: CimObject = { Name: 'imap', State: 'Running', ProcessId: '42', StartMode: 'Manual' };

function facts(differences: Partial<HostFacts> = {}): HostFacts {
  const range = { firstPort: 6005, portCount: 59530 };
  return {
    ...oneHost,
    state: {
      exclusionTables: [],
      dynamicRanges: [
        { family: 'ipv4', protocol: 'tcp', range },
        { family: 'ipv6', protocol: 'tcp', range },
      ],
    },
    services: [],
    ...differences,
  };
}

function session(answer: (question: CimQuestion) => readonly CimObject[] | Failure): Session {
  const refuse = () => Promise.reject(new Error('only CIM is asked'));
  return {
    ask: refuse,
    change: refuse,
    list(question) {
      const given = answer(question);
      return given instanceof Failure ? Promise.reject(given) : Promise.resolve(given);
    },
    endLeft: () => Promise.resolve(),
    newNonce: () => '0123456789ab',
    close: () => Promise.resolve(),
  };
}

async function check(answer: readonly CimObject[] | Failure, differences: Partial<HostFacts> = {}) {
  const { agreed, findings } = await crossCheck(
    session(() => answer),
    facts(differences),
  );
  return [...agreed, ...findings.map((one) => `${one.result}: ${one.sentence}`)];
}

describe('the dynamic range', () => {
  test.each([
    ['all templates alike', [setting('Internet', ...exchange), setting('Compat', ...exchange)], /^dynamic range tcp$/],
    [
      'a template without a range is left aside',
      [setting('Automatic', null, null), setting('Internet', ...exchange)],
      /^dynamic range tcp$/,
    ],
    ['zero is no range', [setting('Automatic', '0', '0'), setting('Internet', ...exchange)], /^dynamic range tcp$/],
    [
      'another range',
      [setting('Internet', ...usual)],
      /^disagrees: netsh says ipv4 6005-65534, ipv6 6005-65534; CIM says 49152-65535$/,
    ],
    [
      'netsh shows one of several',
      [setting('Internet', ...exchange), setting('Datacenter', ...usual)],
      /^templates-differ: .*6005-65534 \(Internet\), 49152-65535 \(Datacenter\)$/,
    ],
    ['no template has one', [setting('Automatic', null, null)], /^not-available: /],
    ['a count that is none', [setting('Internet', '6005', 'many')], /^not-read: expected the numbers of a range/],
    ['a range beyond the last port', [setting('Internet', '60000', '60000')], /^not-read: /],
  ])('%s', async (_case, answer, expected) => {
    const [only, ...more] = await check(answer);
    expect(only).toMatch(expected);
    expect(more).toEqual([]);
  });

  test('of UDP is asked of its own class', async () => {
    const asked: string[] = [];
    const range = { firstPort: 49152, portCount: 16384 };
    const state = { exclusionTables: [], dynamicRanges: [{ family: 'ipv4', protocol: 'udp', range } as const] };
    const found = await crossCheck(
      session(({ wql }) => {
        asked.push(wql);
        return [{ DynamicPortRangeStartPort: '49152', DynamicPortRangeNumberOfPorts: '16384' }];
      }),
      facts({ state }),
    );
    expect(asked).toEqual(['select DynamicPortRangeStartPort, DynamicPortRangeNumberOfPorts from MSFT_NetUDPSetting']);
    expect(found).toEqual({ agreed: ['dynamic range udp'], findings: [] });
  });
});

describe('a service', () => {
  const state = { exclusionTables: [], dynamicRanges: [] };
  test.each([
    ['the same', [inCim], imap, /^service IMAP$/],
    ['not installed, both ways', [], { name: 'IMAP', installed: false }, /^service IMAP$/],
    ['no start type from sc', [inCim], { ...imap, startType: null }, /^service IMAP$/],
    ['installed one way only', [], imap, /^disagrees: sc says running, pid 42, manual; CIM says not installed$/],
    ['another process', [{ ...inCim, ProcessId: '43' }], imap, /^disagrees: .*pid 43/],
    [
      'another start type',
      [{ ...inCim, StartMode: 'Auto' }],
      imap,
      /^disagrees: .*CIM says running, pid 42, automatic$/,
    ],
    ['stopped', [{ ...inCim, State: 'Stopped', ProcessId: '0' }], imap, /^disagrees: .*CIM says stopped, manual$/],
    ['a state that no class definition has', [{ ...inCim, State: 'constructor' }], imap, /^not-read: /],
    ['no process id', [{ Name: 'IMAP', State: 'Running' }], imap, /^not-read: /],
  ] as const)('%s', async (_case, answer, known, expected) => {
    const [only, ...more] = await check(answer, { state, services: [known] });
    expect(only).toMatch(expected);
    expect(more).toEqual([]);
  });

  test('names are quoted in the query, so that none can be more than a name', async () => {
    let wql = '';
    const services: readonly ServiceFacts[] = [{ name: "a' or Name='b", installed: false }];
    await crossCheck(
      session((question) => {
        wql = question.wql;
        return [];
      }),
      facts({ state, services }),
    );
    expect(wql).toContain("where Name = 'a\\' or Name=\\'b'");
  });
});

describe('no answer', () => {
  const missing = new Failure('cim/not-found', 'there is no such class');
  const old = { major: 6, minor: 1, build: 7601, revision: null };
  test('of a class that this Windows is too old for is no doubt; on a newer one it is', async () => {
    expect(await check(missing, { windows: old })).toEqual(['not-available: CIM on this Windows does not provide it']);
    expect((await check(missing))[0]).toMatch(/^not-read: CIM gave no answer: there is no such class/);
  });

  test('a failure is a finding, an interrupt is not', async () => {
    const denied = new Failure('wire/access-denied', 'denied', { hint: 'become an administrator' });
    const found = await crossCheck(
      session(() => denied),
      facts(),
    );
    expect(found.findings[0]).toMatchObject({ result: 'not-read', hint: 'become an administrator' });
    expect(isInDoubt(found)).toBe(true);
    const stopped = new Failure('interrupted', 'stopped');
    const signal = AbortSignal.abort();
    expect(
      await failureOf(
        crossCheck(
          session(() => stopped),
          facts(),
          { signal },
        ),
      ),
    ).toBe(stopped);
  });
});

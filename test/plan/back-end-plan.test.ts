// A plan of a mixed fleet: it carries the playbook's request and each host's back-end ports, and is read only where what is desired of every
// host follows from the two.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signOff } from '../../src/cli/documents/sign-off-form.ts';
import { fleetPlan } from '../../src/forms/plan-forms.ts';
import { Failure } from '../../src/model/failure.ts';
import { resolveRequest } from '../../src/model/backend/back-end-ports.ts';
import { savedHost, writePlanFile } from '../../src/plan/plan-file.ts';
import { renderSignOffPage } from '../../src/report/sign-off/sign-off-page.ts';
import { renderSignOff } from '../../src/report/sign-off/sign-off-text.ts';
import { viewSignOff } from '../../src/report/sign-off/sign-off-view.ts';
import { askedBackEnds, mixedMachines, planBackEnds } from '../support/back-end-fleet.ts';
import { amount } from '../support/amount.ts';
import { forgePlan, foreignLines, mutate, type Json } from '../support/forge.ts';
import { lost, memoryFleet } from '../support/memory-fleet.ts';
import { planMemory } from '../support/memory-run.ts';
import { readPlanText } from '../support/read-plan.ts';

type Loose = { [key: string]: Json };

const fleet = memoryFleet(mixedMachines(), {
  trouble: ({ host }) => (host === 'ex03' ? { at: 'before', failure: lost('none') } : null),
});
const plan = await planBackEnds(fleet);
const honest = JSON.parse(JSON.stringify({ ...plan, hosts: plan.hosts.map(savedHost) })) as Loose;

function forging(change: (plan: Loose, hosts: readonly Loose[]) => void): string {
  const copy = structuredClone(honest);
  change(copy, copy['hosts'] as Loose[]);
  return forgePlan(copy);
}

function problemOf(text: string): string | null {
  try {
    readPlanText(text, 'p');
    return null;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'plan/damaged') return thrown.message;
    throw thrown;
  }
}

test('each host is planned for its own ports, one that is not reached too; unknown ones block theirs', () => {
  const told = plan.hosts.map((one) => [
    one.target,
    one.state,
    one.backEndPorts,
    one.desired.exclusions.map(({ range }) => range.firstPort),
    one.findings.filter(({ severity }) => severity === 'blocker').map(({ code }) => code),
  ]);
  expect(told).toEqual([
    ['ex01', 'changes', { imap4: 9933, pop3: 9955 }, [9933, 9955], []],
    ['ex02', 'changes', { imap4: 1993, pop3: 1995 }, [1993, 1995], []],
    ['ex03', 'unreachable', { imap4: 64_327, pop3: 9955 }, [64_327, 9955], []],
    ['ex04', 'blocked', { imap4: null, pop3: null }, [], ['backend-port-unset']],
  ]);
  expect(plan.hosts[1]?.findings.map((one) => one.code)).toContain('outside-dynamic-range');
});

test('its file is read as it was written, in parts of any length', () => {
  const { text, digest } = writePlanFile(plan);
  const whole = [...text].join('');
  expect(JSON.parse(whole)).toMatchObject({ version: 2, plan: { request: askedBackEnds } });
  for (const length of [7, 1000, undefined]) expect(readPlanText(whole, 'p', length)).toEqual({ plan, digest });
  expect(readPlanText(JSON.stringify(JSON.parse(whole), null, 2), 'p')).toEqual({ plan, digest });
  expect(readPlanText(forgePlan(honest), 'p').digest).toBe(digest);
});

test('a plan without the word bears neither request nor ports', async () => {
  const plain = await planMemory(memoryFleet(mixedMachines()));
  const text = [...writePlanFile(plain).text].join('');
  expect(text).not.toMatch(/"request"|"backEndPorts"|"backEnd"|"unresolved"/);
});

describe('forged, with its digest made again, it is refused:', () => {
  const of = (host: Loose | undefined, key: string): Loose => (host?.[key] ?? {}) as Loose;
  test.each<readonly [string, (plan: Loose, hosts: readonly Loose[]) => void, string]>([
    [
      'the port of a host',
      (_, [host]) => Object.assign(of(host, 'backEndPorts'), { imap4: 1993 }),
      'ex01: what is desired of it does not follow',
    ],
    [
      'the port of a host that was not reached',
      (_, hosts) => Object.assign(of(hosts[2], 'backEndPorts'), { imap4: 25 }),
      'ex03: what is desired of it does not follow',
    ],
    [
      'what is desired of a host that was not reached',
      (_, hosts) => ((hosts[2] ?? {})['desired'] = hosts[0]?.['desired'] ?? null),
      'ex03: what is desired of it does not follow',
    ],
    [
      'the port and what is desired, but not the steps',
      (_, [host]) => {
        Object.assign(host ?? {}, {
          backEndPorts: { imap4: 25, pop3: 9955 },
          desired: resolveRequest(askedBackEnds, { imap4: 25, pop3: 9955 }) as unknown as Json,
        });
      },
      'ex01: its steps, ',
    ],
    [
      'a port for a host that has none',
      (_, hosts) => Object.assign(of(hosts[3], 'backEndPorts'), { imap4: 25 }),
      'ex04: ',
    ],
    [
      'a blocked host that may be changed',
      (_, hosts) => Reflect.deleteProperty(of(hosts[3], 'desired'), 'unresolved'),
      'ex04: what is desired of it does not follow',
    ],
    [
      'no ports',
      (_, [host]) => Reflect.deleteProperty(host ?? {}, 'backEndPorts'),
      'ex01: its back-end ports are missing',
    ],
    [
      'no request',
      (whole) => Reflect.deleteProperty(whole, 'request'),
      'ex01: it has back-end ports that the plan does not ask for',
    ],
    [
      'neither',
      (whole, hosts) => {
        Reflect.deleteProperty(whole, 'request');
        for (const one of hosts) Reflect.deleteProperty(one, 'backEndPorts');
      },
      'ex02: something else is desired of it than of the others',
    ],
    [
      'another request',
      (whole) => Object.assign(of(whole, 'request'), { whenHeldByOwnService: 'block' }),
      'ex01: what is desired of it does not follow',
    ],
    [
      'a request for one service less',
      (whole) => void (of(whole, 'request')['exclusions'] as Json[]).pop(),
      'ex01: what is desired of it does not follow',
    ],
    [
      'a request for another service',
      (whole) => Object.assign((of(whole, 'request')['exclusions'] as Loose[])[0] ?? {}, { service: 'x & calc' }),
      'request.exclusions.0.service: expected the short name',
    ],
    [
      'a port as text',
      (_, [host]) => Object.assign(of(host, 'backEndPorts'), { imap4: '9933' }),
      'ex01: backEndPorts.imap4',
    ],
    ['port 0', (_, [host]) => Object.assign(of(host, 'backEndPorts'), { imap4: 0 }), 'ex01: backEndPorts.imap4'],
    ['another back end', (_, [host]) => Object.assign(of(host, 'backEndPorts'), { smtp: 25 }), 'ex01: backEndPorts'],
    [
      'the mark of a port that the inventory said',
      (_, [host]) => {
        for (const one of of(host, 'desired')['exclusions'] as Loose[]) Reflect.deleteProperty(one, 'backEnd');
      },
      'ex01: what is desired of it does not follow',
    ],
  ])('%s', (_, change, says) => {
    const text = forging(change);
    expect(text).not.toBe(forgePlan(honest));
    expect(problemOf(text)).toContain(says);
    expect(problemOf(JSON.stringify(JSON.parse(text), null, 2))).not.toBeNull();
  });

  test('ports and a request of a plan that has neither', async () => {
    const plain = await planMemory(memoryFleet(mixedMachines()));
    const loose = JSON.parse(JSON.stringify({ ...plain, hosts: plain.hosts.map(savedHost) })) as Loose;
    const [host = {}] = loose['hosts'] as Loose[];
    host['backEndPorts'] = { imap4: null, pop3: null };
    expect(problemOf(forgePlan(loose))).toContain('it has back-end ports that the plan does not ask for');
  });
});

test('no mutant of it is read with a command that is not desired, or with other wishes than its request', () => {
  fc.assert(
    fc.property(
      fc.record({
        where: fc.nat(),
        what: fc.nat(),
        value: fc.oneof(fc.integer({ min: 0, max: 65_536 }), fc.constantFrom<Json>(null, true, {}, [], 'backend')),
      }),
      (mutation) => {
        const text = forgePlan(mutate(honest, mutation));
        if (problemOf(text) !== null) return;
        const read = readPlanText(text, 'p').plan;
        const { request } = read;
        if (request === undefined) throw new Error('a plan with ports and no request was read');
        for (const { steps, desired, backEndPorts } of read.hosts) {
          expect(desired).toEqual(resolveRequest(request, backEndPorts));
          expect(foreignLines(steps, desired)).toEqual([]);
        }
      },
    ),
    { numRuns: amount({ share: 60, ci: 500 }) },
  );
}, 600_000);

test('for its signature it says how many hosts have which port, and that some are not known', () => {
  const view = viewSignOff(plan, writePlanFile(plan).digest);
  const text = renderSignOff(view).replaceAll(/\s+/g, ' ');
  expect(text).toContain(
    'desired the back-end port on ipv4 and ipv6, reserved for MSExchangeIMAP4BE: 1993 on 1 host, 9933 on 1 host, 64327 on 1 host, not known on 1 host',
  );
  expect(text).toContain(
    'the back-end port on ipv4 and ipv6, reserved for MSExchangePOP3BE: 1995 on 1 host, 9955 on 2 hosts, not known on 1 host',
  );
  // Which host has which, of those too that were not reached: no step shows it, and a resumed run acts on them.
  const asked = { ex01: '9933, 9955', ex02: '1993, 1995', ex03: '64327, 9955', ex04: 'not known, not known' };
  const page = renderSignOffPage(view).replaceAll(/\s+/g, ' ');
  for (const [host, ports] of Object.entries(asked)) {
    const [imap = '', pop = ''] = ports.split(', ');
    const words = `MSExchangeIMAP4BE ${imap}, MSExchangePOP3BE ${pop}`;
    expect(text.split(/ (?=ex0\d: )/).find((one) => one.startsWith(`${host}: `))).toContain(`ports ${words}`);
    expect(page.split('<section>').find((one) => one.includes(`>${host}: `))).toContain(words);
  }
  expect(view.desired).toEqual([]);
  expect(signOff.safeParse(view).error?.issues ?? []).toEqual([]);
  expect(fleetPlan.safeParse(plan).error?.issues ?? []).toEqual([]);
});

// What an account that is no administrator is told of a host is less than an administrator is told, never something else: the same
// machine asked by both, through the lab's own programs, and every definite statement of the one held against the other's.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectFacts } from '../../src/facts/collect.ts';
import { buildMachine } from '../../src/lab/scenario/build-machine.ts';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import { languages, windowsReleases } from '../../src/lab/machine/releases.ts';
import { serverSpec, type HolderSpec, type ServerSpec } from '../../src/lab/scenario/server-spec.ts';
import type { HostFacts } from '../../src/model/facts.ts';
import { families } from '../../src/model/host-state.ts';
import { findOwners } from '../../src/model/rules/port-owners.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { Desired } from '../../src/model/desired.ts';
import { judgeHost } from '../../src/plan/make-plan.ts';
import { renderCollected } from '../../src/report/text/facts-text.ts';
import { makeChecks } from '../../src/run/survey/make-checks.ts';
import { captureState, type AccountRights } from '../../src/lab/machine/machine.ts';
import { amount } from '../support/amount.ts';
import { memoryClock } from '../support/memory-clock.ts';
import { memoryFleet } from '../support/memory-fleet.ts';
import { makeRequest } from '../../src/workflows/host-jobs.ts';
import { backEndPorts } from '../support/memory-run.ts';

async function survey(spec: ServerSpec, rights: AccountRights, desired: Desired): Promise<HostFacts> {
  const machine = buildMachine({ ...spec, rights });
  const fleet = memoryFleet([machine]);
  const [target] = fleet.targets;
  if (target === undefined) throw new Error('no target');
  const session = await fleet.connector.connect(target);
  const before = captureState(machine);
  const { facts } = await collectFacts(session, makeRequest(desired), memoryClock());
  expect(captureState(machine)).toEqual(before);
  return facts;
}

function checksFor(facts: HostFacts, desired: Desired) {
  const { findings } = judgeHost(facts, desired);
  const about = { facts, windowsName: 'Windows', exchangeName: facts.exchange === null ? null : 'Exchange' };
  return makeChecks(about, { desired: desired.exclusions, findings });
}

/** The cells of the host's row in the table of `collect`. */
function cellsOf(facts: HostFacts, desired: Desired): readonly string[] {
  const host = { host: 'ex01', address: 'ex01', desired, facts, failure: null };
  const text = renderCollected([host], { windows: () => 'Windows', exchange: () => 'Exchange' });
  return text.split('\n')[1]?.split(/ {2,}/) ?? [];
}

/** `svchost.exe (Dnscache), pid 4711` and `svchost.exe, pid 4711`: the same process, of which one sees less. */
function withoutServices(sentence: string): string {
  return sentence.replace(/ \([^)]*\)(?=, pid)/g, '');
}

const holder: fc.Arbitrary<HolderSpec> = fc.record({
  port: fc.constantFrom(9933, 9955, 9955, 10_000),
  protocol: fc.constant('tcp' as const),
  image: fc.constantFrom(
    'svchost.exe',
    'java.exe',
    'Microsoft.Exchange.Imap4.exe',
    'Microsoft.Exchange.Pop3.exe',
    'Microsoft.Exchange.Pop3Service.exe',
  ),
  services: fc.constantFrom([], [], ['Dnscache'], ['Dnscache', 'NlaSvc']),
  families: fc.constantFrom(['ipv4' as const], families),
  state: fc.constantFrom('LISTENING', 'ESTABLISHED', 'TIME_WAIT', 'BOUND'),
});

const someServer: fc.Arbitrary<ServerSpec> = fc
  .record({
    language: fc.constantFrom(...languages),
    windows: fc.constantFrom(...windowsReleases),
    hotfix: fc.boolean(),
    exchange: fc.constantFrom('2019' as const, '2019' as const, '2013' as const, 'none' as const),
    imap: fc.constantFrom('running' as const, 'running' as const, 'stopped' as const, 'missing' as const),
    pop: fc.constantFrom('running' as const, 'stopped' as const, 'missing' as const),
    popPort: fc.constantFrom(9955, 1995),
    reserved: fc.constantFrom<readonly number[]>([], [9933], [9933, 9955], [9933, 9955]),
    foreign: fc.boolean(),
    holders: fc.array(holder, { maxLength: 2 }),
    tasklistForUsers: fc.constantFrom('denied' as const, 'without-services' as const),
    forbiddenPrograms: fc.constantFrom<readonly string[]>([], [], [], ['netsh'], ['reg']),
    exchangeKeyDenied: fc.constantFrom(false, false, true),
  })
  .map(({ reserved, foreign, tasklistForUsers, forbiddenPrograms, exchangeKeyDenied, ...rest }) =>
    serverSpec({
      name: 'ex01',
      ...rest,
      exclusions: [
        ...reserved.map((port) => ({ range: portRange(port), administered: true })),
        ...(foreign ? [{ range: portRange(9955), administered: false }] : []),
      ].map((row) => ({ ...row, protocol: 'tcp' as const, stores: ['active', 'persistent'] as const, families })),
      quirks: { ...usualQuirks, tasklistForUsers, forbiddenPrograms, exchangeKeyDenied },
    }),
  );

const someDesired: fc.Arbitrary<Desired> = fc.record({
  exclusions: fc.constantFrom(
    backEndPorts.exclusions,
    backEndPorts.exclusions.map((one) => ({ ...one, presence: 'absent' as const })),
    backEndPorts.exclusions.map((one) => ({ ...one, service: null })),
  ),
  whenHeldByOwnService: fc.constantFrom('restart' as const, 'block' as const),
});

test('a survey by a plain or filtered account contradicts nothing that an administrator is told', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(someServer, someDesired, fc.constantFrom('user', 'filtered'), async (spec, desired, rights) => {
      const all = await survey(spec, 'administrator', desired);
      const less = await survey(spec, rights, desired);
      expect([all.rights, less.rights]).toEqual(['administrator', rights === 'user' ? 'plain' : 'filtered']);

      // Facts: the same, or not there.
      expect([less.state, less.sockets, less.windows, less.exchange, less.exclusionSupport]).toEqual([
        all.state,
        all.sockets,
        all.windows,
        all.exchange,
        all.exclusionSupport,
      ]);
      for (const one of less.services) expect(all.services).toContainEqual(one);

      // Owners: the same, or not known.
      for (const one of desired.exclusions) {
        const [ownersToAll, ownersToLess] = [findOwners(all, one), findOwners(less, one)];
        expect(ownersToLess?.map((owner) => owner.processId)).toEqual(ownersToAll?.map((owner) => owner.processId));
        for (const [index, owner] of (ownersToLess ?? []).entries()) {
          seen.add(owner.kind);
          expect(['unknown', ownersToAll?.[index]?.kind]).toContain(owner.kind);
        }
      }

      // Findings: nothing that the administrator is not told, but what is hidden and one that says why.
      const [judgedByAll, judgedByLess] = [judgeHost(all, desired), judgeHost(less, desired)];
      seen.add(`${judgedByAll.state} ${judgedByLess.state}`);
      const ofRights = judgedByLess.findings.filter((one) => one.code === 'account-rights');
      expect(ofRights).toHaveLength(less.exclusionSupport ? 1 : 0);
      expect(judgedByAll.findings.filter((one) => one.code === 'account-rights')).toEqual([]);
      const more = judgedByLess.findings.filter(
        (one) =>
          !judgedByAll.findings.some((other) => withoutServices(one.sentence) === withoutServices(other.sentence)),
      );
      for (const { code, severity, sentence, hint } of more) {
        const isHidden =
          code === 'held-in-doubt' && severity !== 'blocker' && sentence.includes('this account may not see');
        expect([sentence, isHidden || code === 'account-rights']).toEqual([sentence, true]);
        expect(hint ?? '').not.toContain('send us');
      }

      // States: nothing is to change by who may change nothing; what is in order is in order for both.
      expect(judgedByLess.state).not.toBe('changes');
      expect(judgedByLess.state === 'ok').toBe(judgedByAll.state === 'ok');
      expect(judgedByLess.changes).toEqual(judgedByAll.changes);

      // Doctor: not ready, for its rights; of the rest nothing failed or passed that did not for the administrator.
      const [checkedByAll, checkedByLess] = [checksFor(all, desired), checksFor(less, desired)];
      for (const check of checkedByLess) {
        const other = checkedByAll.find((one) => one.name === check.name);
        if (check.name === 'rights') {
          expect([check.state, check.code, other?.state]).toEqual(['failed', 'account-rights', 'ok']);
        } else if (check.state === 'failed') {
          expect(other?.state).toBe('failed');
        } else if (check.state === 'ok') {
          expect(other?.state).toBe('ok');
        }
      }

      // Collect: the same row, but for the names of owners.
      const [rowOfAll, rowOfLess] = [cellsOf(all, desired), cellsOf(less, desired)].map((cells) =>
        cells.map((cell) => cell.split('; open: ')[0]),
      );
      expect(rowOfLess).toEqual(rowOfAll);
    }),
    { numRuns: amount({ share: 60, ci: 1000 }) },
  );
  expect([...seen]).toEqual(
    expect.arrayContaining(['unknown', 'closing', 'changes blocked', 'blocked blocked', 'ok ok']),
  );
});

describe('what it was about', () => {
  test.each(['denied', 'without-services'] as const)(
    'the own service is no stranger to a plain account (%s)',
    async (choice) => {
      const quirks = { ...usualQuirks, tasklistForUsers: choice };
      const spec = serverSpec({ name: 'ex01', imap: 'running', quirks });
      const facts = await survey(spec, 'user', backEndPorts);
      const { state, findings } = judgeHost(facts, backEndPorts);
      expect(state).toBe('blocked');
      expect(findings.filter((one) => one.severity !== 'info').map((one) => [one.severity, one.code])).toEqual([
        ['blocker', 'account-rights'],
      ]);
      const [ofPort] = findings.filter((one) => one.code === 'held-in-doubt');
      expect(ofPort).toMatchObject({ severity: 'info', hint: null });
      expect(ofPort?.sentence).toMatch(/tcp 9933 is open in .*; this account may not see whose it is/);
      expect(JSON.stringify(findings)).not.toMatch(/stop or restart|not the service|send us/);
    },
  );

  test('a policy that forbids netsh is one finding for six questions', async () => {
    const quirks = { ...usualQuirks, forbiddenPrograms: ['netsh'] };
    for (const windows of ['2019', '2008r2'] as const) {
      const facts = await survey(serverSpec({ name: 'ex01', windows, quirks }), 'administrator', backEndPorts);
      const { state, findings } = judgeHost(facts, backEndPorts);
      expect([state, findings.map((one) => one.code)]).toEqual(['blocked', ['netsh-refused', 'port-unknown']]);
    }
  });

  test("an unreadable key of Exchange is 'unknown' in every report, and 'no Exchange' in none", async () => {
    const quirks = { ...usualQuirks, exchangeKeyDenied: true };
    const facts = await survey(serverSpec({ name: 'ex01', quirks }), 'administrator', backEndPorts);
    const { findings } = judgeHost(facts, backEndPorts);
    expect(findings.map((one) => one.code)).toEqual(['facts-incomplete', 'port-unknown']);
    expect(cellsOf(facts, backEndPorts)[2]).toBe('unknown');
    expect(checksFor(facts, backEndPorts).find((one) => one.name === 'exchange')).toMatchObject({
      state: 'failed',
      code: 'facts-incomplete',
    });
  });
});

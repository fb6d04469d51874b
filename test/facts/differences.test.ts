// What differs from a plan is said where the fingerprint differs, and only there; and what can't be read is no difference.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeDifferences, findNewGaps } from '../../src/facts/differences.ts';
import { fingerprintFacts } from '../../src/facts/fingerprint.ts';
import type { HostFacts } from '../../src/model/facts.ts';
import type { Machine } from '../../src/lab/machine/machine.ts';
import { addExclusion } from '../../src/lab/machine/port-table.ts';
import { findService, finishPending, stopService } from '../../src/lab/machine/service-control.ts';
import { applyFleet } from '../support/memory-apply.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, backEndPorts, planMemory, surveyMemory } from '../support/memory-run.ts';

function stop(machine: Machine, name: string): void {
  const service = findService(machine, name);
  if (service === undefined) return;
  stopService(machine, service);
  finishPending(machine, service);
}

/** What somebody may do to a host between plan and apply; the last ones are no concern of the plan. */
const deeds: Readonly<Record<string, (machine: Machine) => void>> = {
  'reserves a port': (machine) => {
    addExclusion(machine, { family: 'ipv4', protocol: 'tcp', firstPort: 9933, portCount: 1, store: 'persistent' });
  },
  'reserves a wider range': (machine) => {
    addExclusion(machine, { family: 'ipv6', protocol: 'tcp', firstPort: 9950, portCount: 10, store: 'active' });
  },
  'stops IMAP': (machine) => {
    stop(machine, 'MSExchangeIMAP4BE');
  },
  'stops POP': (machine) => {
    stop(machine, 'MSExchangePOP3BE');
  },
  'uninstalls POP': (machine) => {
    machine.services = machine.services.filter((one) => one.name !== 'MSExchangePOP3BE');
  },
  'reserves another port': (machine) => {
    addExclusion(machine, { family: 'ipv4', protocol: 'tcp', firstPort: 20_000, portCount: 1, store: 'persistent' });
  },
  nothing: () => undefined,
};

const states = fc.constantFrom('stopped' as const, 'running' as const);

async function collect(machine: Machine): Promise<HostFacts> {
  const { targets, connector } = memoryFleet([machine]);
  const [found] = await surveyMemory(targets, connector, () => backEndPorts);
  if (found === undefined || !('facts' in found)) throw new Error('no facts');
  return found.facts;
}

test('there is a difference to tell exactly where the fingerprint differs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(Object.keys(deeds)), states, states, async (chosen, imap, pop) => {
      const machine = memoryMachine('ex01', { imap, pop });
      const before = await collect(machine);
      for (const deed of chosen) deeds[deed]?.(machine);
      const after = await collect(machine);
      const differs = fingerprintFacts(before, backEndPorts) !== fingerprintFacts(after, backEndPorts);
      expect(describeDifferences(before, after, backEndPorts).length > 0).toBe(differs);
      expect(findNewGaps(before, after)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ['reserves a port', 'tcp 9933 on ipv4, persistent store: planned for no exclusion, now 9933 (administered)'],
  ['reserves a wider range', 'tcp 9955 on ipv6, active store: planned for no exclusion, now 9950-9959 (administered)'],
  [
    'stops IMAP',
    'service MSExchangeIMAP4BE for 9933: planned for running, manual, listening on 9933, now stopped, manual, not listening',
  ],
  [
    'stops IMAP',
    'owner of tcp 9933 on ipv4: planned for Microsoft.Exchange.Imap4Service.exe (MSExchangeIMAP4BE) on 9933, now nobody',
  ],
  ['uninstalls POP', 'service MSExchangePOP3BE for 9955: planned for running'],
])('somebody %s: %s', async (deed, sentence) => {
  const state = deed.startsWith('reserves') ? 'stopped' : 'running';
  const machine = memoryMachine('ex01', { imap: state, pop: state });
  const before = await collect(machine);
  deeds[deed]?.(machine);
  expect(describeDifferences(before, await collect(machine), backEndPorts).join('\n')).toContain(sentence);
});

test('apply says what differs, and touches nothing', async () => {
  const machine = memoryMachine('ex01');
  const plan = await planMemory(memoryFleet([machine]));
  deeds['reserves a port']?.(machine);
  const fleet = memoryFleet([machine]);
  const [verdict] = await applyMemory(fleet, plan, { journal: memoryJournal() });
  expect([verdict?.verdict, verdict?.failure?.code]).toEqual(['stale', 'run/stale']);
  expect(verdict?.detail).toContain('tcp 9933 on ipv4 and ipv6, persistent store: planned for no exclusion, now 9933');
  expect(fleet.requests.filter((one) => one.kind === 'change')).toEqual([]);
});

test('an answer that cannot be read is not stale, and the host is left as it is', async () => {
  const run = await applyFleet({
    hosts: 'c',
    fleet: {
      trouble: ({ kind, ofKind }) =>
        kind === 'ask' && ofKind === 1
          ? {
              at: 'answer',
              spoil: (answer) => ({ ...answer, stdout: answer.stdout.replace(/^ +\d+ +\d+ +\*?$/m, '  80  x') }),
            }
          : null,
    },
  });
  const [verdict] = run.verdicts ?? [];
  expect([verdict?.verdict, verdict?.failure?.code, run.touched]).toEqual(['blocked', 'answer/incomplete', []]);
  expect(verdict?.detail).toMatch(/^unreadable, so not compared with the plan: .*exclusions/);
});

// Somebody else works on the server while a run does, between any two of its requests. What he did stays, what the run did goes, whether
// the run undoes it at once or a rollback does later from the journal alone; the servers' true state is asserted.
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/lab/machine/machine.ts';
import { findService } from '../../src/lab/machine/service-control.ts';
import type { StrangerDeed } from '../../src/lab/scenario/server-spec.ts';
import { doAsStranger } from '../../src/lab/stranger.ts';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import type { Desired } from '../../src/model/desired.ts';
import { amount } from '../support/amount.ts';
import {
  essenceOf,
  lost,
  memoryFleet,
  memoryMachine,
  type MemoryRequest,
  type Trouble,
} from '../support/memory-fleet.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import { applyMemory, planMemory, rollBackMemory, backEndPorts, policyOf } from '../support/memory-run.ts';

const imap = 'MSExchangeIMAP4BE';
const reserve = (port: number, store: 'active' | 'persistent' = 'persistent'): StrangerDeed => ({
  does: 'reserve',
  protocol: 'tcp',
  range: portRange(port),
  store,
  families,
});
const release = (port: number): StrangerDeed => ({ ...reserve(port), does: 'release' }) as StrangerDeed;

const desired: Desired = {
  ...backEndPorts,
  exclusions: [
    ...backEndPorts.exclusions,
    { range: portRange(7000), protocol: 'tcp', families, presence: 'absent', service: null },
  ],
};

/** What the run does at its end: it stays and is rolled back later, or it fails when it verifies and undoes it at once. */
type Way = 'rollback' | 'undo';

interface Night {
  readonly oneList: boolean;
  readonly deed: StrangerDeed;
  /** Before which request of the apply he comes. */
  readonly before: number;
  readonly way: Way;
  /** The IMAP back end holds its port, and Windows refuses every add: the run stops it in vain. */
  readonly held?: boolean;
}

function firstMachine({ oneList, held = false }: Night): Machine {
  return memoryMachine(
    'ex01',
    {
      imap: held ? 'running' : 'stopped',
      exclusions: [
        { range: portRange(7000), protocol: 'tcp', administered: true, stores: ['active', 'persistent'], families },
      ],
    },
    { oneList, refuseAdd: held ? 'ipv4' : 'none' },
  );
}

/** Only what came to something on the server is expected of it. */
function meddle(machine: Machine, expected: Machine, deed: StrangerDeed): void {
  const parts = 'families' in deed ? deed.families.map((family) => ({ ...deed, families: [family] })) : [deed];
  for (const part of parts) {
    const was = JSON.stringify(essenceOf(machine));
    doAsStranger(machine, part);
    if (JSON.stringify(essenceOf(machine)) !== was) doAsStranger(expected, part);
  }
}

async function live(night: Night) {
  const { deed, before, way } = night;
  const machine = firstMachine(night);
  const expected = structuredClone(machine);
  const plan = await planMemory(memoryFleet([machine]), desired, policyOf());
  const collects = new Map<string, number>();
  let isThere = false;
  const trouble = (request: MemoryRequest): Trouble | null => {
    if (request.number === before) {
      isThere = true;
      meddle(machine, expected, deed);
    }
    collects.set(request.line, (collects.get(request.line) ?? 0) + 1);
    const isVerifying = request.kind === 'ask' && request.line.includes('ver') && collects.get(request.line) === 2;
    return way === 'undo' && isVerifying ? { at: 'before', failure: lost('none') } : null;
  };
  const fleet = memoryFleet([machine], { trouble });
  const journal = memoryJournal();
  const [applied] = await applyMemory(fleet, plan, { journal });
  const asApplied = JSON.stringify(essenceOf(machine));
  const calm = memoryFleet([machine]);
  const { verdicts, plan: back } = await rollBackMemory(calm, journal.events, { journal: memoryJournal() });
  const isRefused = back.hosts.some((one) => one.findings.some((finding) => finding.code === 'changed-since'));
  const now = JSON.stringify(essenceOf(machine));
  return {
    isThere,
    applied,
    rolledBack: verdicts[0]?.verdict,
    isAsExpected: now === JSON.stringify(essenceOf(expected)),
    wasAsExpected: asApplied === JSON.stringify(essenceOf(expected)),
    isServiceDown: findService(machine, imap)?.state === 'stopped',
    isLeftAlone: isRefused && now === asApplied,
  };
}

/** Every how many requests he comes; each deed begins at another one. */
const stride = amount({ share: 7, ci: 1 });

const deeds = [reserve(9933), reserve(9933, 'active'), reserve(9955), release(9933), release(7000), reserve(7000)];

describe.each([true, false])('one list: %s', (oneList) => {
  test.each(['rollback', 'undo'] as const)('%s: a stranger before every request', async (way) => {
    const wrong: string[] = [];
    let nights = 0;
    let refusals = 0;
    for (const [at, deed] of deeds.entries()) {
      for (let before = 1 + (at % stride); ; before += stride) {
        const night = await live({ oneList, deed, before, way });
        if (!night.isThere) break;
        nights += 1;
        if (night.isLeftAlone) refusals += 1;
        const about = `${JSON.stringify(deed)} before request ${before}: ${JSON.stringify(night)}`;
        // Never in silence: what is not as it was with the stranger's work is refused, and nothing was touched.
        if (!night.isAsExpected && !night.isLeftAlone) wrong.push(about);
        const verdict = night.applied?.verdict ?? '';
        if (['failed-rolled-back', 'stale', 'unchanged'].includes(verdict) && !night.wasAsExpected)
          wrong.push(`untrue: ${about}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(nights).toBeGreaterThan(40 / stride);
    expect(refusals).toBeLessThan(nights / 4);
  });

  test.each(['stop', 'start'] as const)(
    'a stranger tells the service to %s: a failed run undoes its own stop only',
    async (does) => {
      const wrong: string[] = [];
      let stayedDown = 0;
      for (let before = 1; ; before += 1) {
        const night = await live({ oneList, deed: { does, service: imap }, before, way: 'rollback', held: true });
        if (!night.isThere) break;
        if (night.isServiceDown) stayedDown += 1;
        if (!night.isAsExpected && !night.isLeftAlone) wrong.push(`before request ${before}: ${JSON.stringify(night)}`);
      }
      expect(wrong).toEqual([]);
      // It is the stranger who stopped it, where he came first.
      expect(stayedDown > 0).toBe(does === 'stop');
    },
  );
});

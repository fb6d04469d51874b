// A range that has to be absent, on a server where nothing shows permanent entries: it is taken for permanent too, and the journal of that
// run has to be one that a rollback reads.
import { expect, test } from 'vitest';
import { createEventOrder } from '../../src/journal/event-order.ts';
import { families } from '../../src/model/host-state.ts';
import { startRun } from '../../src/workflows/execute-run.ts';
import { makeHostJobs } from '../../src/workflows/host-jobs.ts';
import { planFleet } from '../../src/workflows/plan-fleet.ts';
import { randomPolicy } from '../chaos/random-fleet.ts';
import { throwDice } from '../chaos/dice.ts';
import { memoryFleet, memoryMachine } from '../support/memory-fleet.ts';
import { memoryListener, memorySeams } from '../support/memory-seams.ts';

test('its steps start from what the journal says that the host showed', async () => {
  const range = { firstPort: 7000, portCount: 10 };
  const row = { range, protocol: 'tcp', administered: true, stores: ['active', 'persistent'], families } as const;
  const machine = memoryMachine(
    'ex01',
    { exclusions: [row] },
    { persistentShow: 'blank', persistentRegistry: 'missing' },
  );
  const { connector, targets } = memoryFleet([machine]);
  const listener = memoryListener();
  const seams = memorySeams({ connector, listener });
  const absent = { range, protocol: 'tcp', families, presence: 'absent', service: null } as const;
  const plan = await planFleet(
    {
      targets,
      desiredOf: () => ({ exclusions: [absent], whenHeldByOwnService: 'block' }),
      policy: randomPolicy(throwDice(1)),
      playbook: { name: 'p', file: 'p.yml', sha256: 'p' },
      inventory: { files: [], sha256: 'i' },
    },
    seams,
  );
  const request = { kind: 'apply', of: null, plan, planFile: null, jobs: makeHostJobs(plan, targets) } as const;
  const manners = { endsAt: null, confirmBatch: () => Promise.resolve(true), inventory: undefined };
  const { verdicts } = await startRun(request, manners, seams);
  expect(verdicts).toMatchObject([{ verdict: 'changed' }]);
  for (const store of ['active', 'persistent'] as const) {
    expect(machine.exclusions.tcp.ipv4[store].filter((one) => one.range.firstPort === 7000)).toEqual([]);
  }
  const judge = createEventOrder();
  for (const event of listener.events)
    expect(() => {
      judge(event);
    }).not.toThrow();
});

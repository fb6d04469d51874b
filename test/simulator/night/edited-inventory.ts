// An attempt with an inventory in which one host's address has become that of another machine. It is refused before anything is sent; this
// only asks which hosts would be reached, and sends nothing.
import type { Inventory } from '../../../src/inventory/inventory.ts';
import type { RunKind } from '../../../src/model/outcome.ts';
import type { Target } from '../../../src/model/target.ts';
import { planResume } from '../../../src/workflows/resume/resume.ts';
import { planRollback } from '../../../src/workflows/roll-back.ts';
import { restoreTargets } from '../../../src/workflows/saved-targets.ts';
import { memoryTarget } from '../../support/memory-fleet.ts';
import { noInventory, type MemorySeams } from '../../support/memory-seams.ts';
import { beginLife } from '../life.ts';
import { seamsOf } from './seams.ts';
import { firstRun, startOf, type Night } from './state.ts';

/**
 * The inventory has had one host's address changed to that of another machine: it is refused before anything is sent, or nothing of that
 * host is left to do.
 */
export async function attemptEdited(night: Night, kind: RunKind, number: number, host: string): Promise<void> {
  const life = beginLife(startOf(number), [], () => undefined);
  const names = [...night.servers.keys()];
  const elsewhere = names.find((one) => one !== host) ?? 'nowhere';
  const targets = names.map(memoryTarget).map((one) => {
    return one.name === host ? { ...one, connection: { ...one.connection, address: elsewhere } } : one;
  });
  const inventory = { ...noInventory, load: () => Promise.resolve(inventoryOf(targets)) };
  const request = { run: firstRun, limit: null, force: false, concurrency: 4, inventory };
  const seams = seamsOf(night, kind, number, life, []);
  const reached = await reachAs(night, kind, number, request, seams).catch(() => []);
  if (reached.some((one) => one.connection.address !== one.name)) {
    night.problems.push(`life ${number} (${kind}): ${host} is reached as an edited inventory says`);
  }
}

type EditedRequest = Parameters<typeof planRollback>[0];

async function reachAs(
  night: Night,
  kind: RunKind,
  number: number,
  request: EditedRequest,
  seams: MemorySeams,
): Promise<readonly Target[]> {
  if (number === 0) {
    const hosts = (night.plan?.hosts ?? []).map(({ target, connection }) => ({ target, connection, isReached: true }));
    return restoreTargets({ kind: 'plan', hosts, inventory: [] }, request.inventory);
  }
  const planned = kind === 'apply' ? await planResume(request, seams) : await planRollback(request, seams);
  return planned.jobs.map((one) => one.target);
}

function inventoryOf(targets: readonly Target[]): Inventory {
  return { targets, groups: new Map(), unsupported: new Map(), warnings: [], files: ['edited.yml'], sha256: 'e' };
}

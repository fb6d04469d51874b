// Inventory and playbook -> which hosts are meant, what is desired of each, and how to go about it. Decides nothing about a host's state.
import { resolve } from 'node:path';
import type { Inventory } from '../inventory/inventory.ts';
import { selectTargets } from '../inventory/select.ts';
import type { VaultOpener } from '../inventory/secrets/vault-opener.ts';
import { Failure, type Issue } from '../model/failure.ts';
import type { FleetPlan } from '../model/plan.ts';
import type { Policy } from '../model/strategy.ts';
import type { Target } from '../model/target.ts';
import { listBackEndExclusions, pickAskedPorts } from '../model/backend/back-end-ports.ts';
import type { Desired, DesiredRequest } from '../model/desired.ts';
import { loadPlaybook, parsePlaybook, type LoadedPlaybook } from '../playbook/load.ts';
import type { Playbook } from '../playbook/playbook.ts';
import { resolveDesired } from '../playbook/resolve.ts';
import { readInventory, type InventoryFiles } from './read-inventory.ts';

export interface ShippedPlaybook {
  /** As it is named in messages. */
  readonly name: string;
  readonly text: string;
}

export interface IntentRequest {
  readonly inventory: InventoryFiles;
  /** Its file; or the text of the one that ships, which is for all hosts of the inventory then. */
  readonly playbook: string | ShippedPlaybook;
  /** A host pattern; null: all hosts of the playbook. */
  readonly limit: string | null;
  /** Hosts at once; undefined: as the playbook says. */
  readonly concurrency: number | undefined;
}

export interface Intent {
  readonly targets: readonly Target[];
  readonly desiredOf: (target: Target) => Desired;
  /** What is asked for, where that differs from host to host. */
  readonly request?: DesiredRequest;
  readonly policy: Policy;
  readonly playbook: FleetPlan['playbook'];
  readonly inventory: FleetPlan['inventory'];
}

/** Throws a Failure with all issues of both files. */
export async function readIntent(
  request: IntentRequest,
  vault: VaultOpener,
): Promise<{ readonly intent: Intent; readonly warnings: readonly Issue[] }> {
  const [inventoryRead, playbookRead] = await Promise.allSettled([
    readInventory(request.inventory, vault),
    loadAsked(request.playbook),
  ]);
  if (inventoryRead.status === 'rejected' && playbookRead.status === 'rejected') {
    throw bothFailed(inventoryRead.reason, playbookRead.reason);
  }
  if (inventoryRead.status === 'rejected') throw inventoryRead.reason;
  if (playbookRead.status === 'rejected') throw playbookRead.reason;
  const inventory = inventoryRead.value;
  const { playbook: asked } = request;
  const { playbook, warnings, sha256 } = playbookRead.value;
  const concurrency = request.concurrency ?? playbook.strategy.concurrency;
  const notes: Issue[] = [];
  const intent: Intent = {
    targets: selectTargets(inventory, playbook.hosts, request.limit, (note) => notes.push(note)),
    desiredOf: createDesires(playbook),
    ...(listBackEndExclusions(playbook).length === 0 ? {} : { request: pickRequest(playbook) }),
    policy: {
      strategy: { ...playbook.strategy, concurrency },
      window: playbook.window,
      onFailure: playbook.onFailure,
      ...(playbook.approvals === undefined ? {} : { approvals: playbook.approvals }),
      ...(playbook.confirm === undefined ? {} : { confirm: playbook.confirm }),
      ...(playbook.notify === undefined ? {} : { notify: playbook.notify }),
    },
    playbook: { name: playbook.name, file: resolve(typeof asked === 'string' ? asked : asked.name), sha256 },
    inventory: { files: inventory.files.map((file) => locateSource(file, inventory)), sha256: inventory.sha256 },
  };
  return { intent, warnings: [...inventory.warnings, ...warnings, ...notes] };
}

async function loadAsked(asked: string | ShippedPlaybook): Promise<LoadedPlaybook> {
  if (typeof asked === 'string') return loadPlaybook(asked);
  const loaded = parsePlaybook(Buffer.from(asked.text), asked.name);
  return { ...loaded, playbook: { ...loaded.playbook, hosts: 'all' } };
}

/** What is desired of hosts with the same ports is one object. */
function createDesires(playbook: Playbook): Intent['desiredOf'] {
  const known = new Map<string, Desired>();
  return (target) => {
    const key = JSON.stringify(pickAskedPorts(playbook, target.backEndPorts));
    const desired = known.get(key) ?? resolveDesired(playbook, target);
    known.set(key, desired);
    return desired;
  };
}

function pickRequest({ exclusions, dynamicRange, whenHeldByOwnService }: Playbook): DesiredRequest {
  return { exclusions, ...(dynamicRange === undefined ? {} : { dynamicRange }), whenHeldByOwnService };
}

/** Hosts that were listed in place of a file are in no folder. */
function locateSource(file: string, { hostLists = [] }: Inventory): string {
  return hostLists.includes(file) ? file : resolve(file);
}

function bothFailed(inventory: unknown, playbook: unknown): unknown {
  if (!(inventory instanceof Failure) || !(playbook instanceof Failure)) return inventory;
  const issues: readonly Issue[] = [...inventory.issues, ...playbook.issues];
  return new Failure(inventory.code, `${inventory.message}; ${playbook.message}`, { hint: inventory.hint, issues });
}

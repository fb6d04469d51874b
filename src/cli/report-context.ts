// I/O: what a report needs beside its view's own data: names of versions, and, where an inventory is at hand, each host's groups and
// the line that names it. Paths are given as a CI system knows them, relative to the checked-out repository.
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { loadInventory } from '../inventory/load.ts';
import type { VaultOpener } from '../inventory/secrets/vault-opener.ts';
import type { Target } from '../model/target.ts';
import type { ViewContext } from '../report/view/fleet-view.ts';
import { exchangeName } from '../windows/exchange.ts';
import { createInventoryProgram } from './io/programs/ansible-inventory.ts';
import { windowsName } from '../windows/version.ts';

/** Groups that name no choice of the author's. */
const everyone: readonly string[] = ['all', 'ungrouped'];

export function buildReportContext(targets: readonly Target[]): ViewContext {
  const known = targets.filter((one) => one.origin.line > 0);
  return {
    windows: windowsName,
    exchange: exchangeName,
    origins: new Map(known.map(({ name, origin }) => [name, { ...origin, file: describePlace(origin.file) }])),
    groups: new Map(known.map(({ name, groups }) => [name, groups.filter((one) => !everyone.includes(one))])),
    placeOf: describePlace,
  };
}

/** Throws Failure `inventory/...` when the inventory that was named can't be used. */
export async function loadReportTargets(
  inventory: readonly string[] | undefined,
  vault: VaultOpener,
): Promise<readonly Target[]> {
  return inventory === undefined ? [] : (await loadInventory(inventory, vault, 'protected', createInventoryProgram(process.env))).targets;
}

/** A path as the CI system knows it: from the checked-out repository, with forward slashes. */
export function describePlace(file: string): string {
  const { GITHUB_WORKSPACE, CI_PROJECT_DIR } = process.env;
  const path = relative(GITHUB_WORKSPACE ?? CI_PROJECT_DIR ?? process.cwd(), resolve(file));
  return path.startsWith('..') || isAbsolute(path) ? file : path.replaceAll(sep, '/');
}

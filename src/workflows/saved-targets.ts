// Targets for hosts that a plan or a run knows: reached exactly as it says. The operator's inventory gives their secrets and nothing else,
// and a host that it reaches otherwise ends the command before anything is asked or sent.
import { compareConnections, restoreConnection } from '../inventory/saved-connection.ts';
import { backEnds, backEndVariables, noBackEndPorts } from '../model/backend/back-end-ports.ts';
import type { BackEndPorts } from '../model/discovery/discovery.ts';
import { Failure, type Issue } from '../model/failure.ts';
import type { SavedConnection, Target } from '../model/target.ts';
import { counted } from '../model/text/counted.ts';
import { inventoryFlags } from './inventory-flags.ts';
import type { OwnInventory } from './seams.ts';

export interface SavedHosts {
  readonly kind: 'plan' | 'run';
  readonly hosts: readonly SavedHost[];
  /** Of the plan's inventory: shown as what to name, never opened. */
  readonly inventory: readonly string[];
}

/** A difference between what was saved of a host and what the inventory says of it. */
interface Difference extends Issue {
  readonly host: string;
}

interface SavedHost {
  readonly target: string;
  readonly connection: SavedConnection;
  /** Those that it was planned for; left out: by what an inventory says of them now, nothing is judged. */
  readonly backEndPorts?: BackEndPorts | undefined;
  /** False: nothing will be asked of it, so that its secret is not needed. */
  readonly isReached: boolean;
}

/** A target known only by what was saved of it. */
export function savedTarget(name: string, connection: SavedConnection, inventory: readonly string[] = []): Target {
  const flags = inventoryFlags(inventory).trim();
  const unnamed = { kind: 'unnamed', inventory: flags === '' ? '-i INVENTORY' : flags } as const;
  return {
    name,
    connection: restoreConnection(connection, null, unnamed),
    groups: [],
    variables: {},
    origin: { file: '', line: 0, column: 0 },
  };
}

/**
 * The inventory, read at once, so that its documents are gone again before a plan or a history is in memory beside them. What is wrong with it is
 * told when it is asked for, and it is held no longer than until then.
 */
export async function loadAhead(inventory: OwnInventory): Promise<OwnInventory> {
  let ahead: ReturnType<OwnInventory['load']> | null = inventory.load();
  await ahead.catch(() => undefined);
  return {
    ...inventory,
    load() {
      const read = ahead ?? inventory.load();
      ahead = null;
      return read;
    },
  };
}

/**
 * One target per host, in order. Throws Failure `plan/other-connection` or `run/other-connection`, which lists every difference,
 * `plan/other-port` or `run/other-port` the same for back-end ports, and
 * `secret/missing` when a secret is needed that is neither in the inventory nor can be asked for.
 */
export async function restoreTargets(
  { kind, hosts, inventory }: SavedHosts,
  { load, canAsk }: Pick<OwnInventory, 'load' | 'canAsk'>,
): Promise<readonly Target[]> {
  const own = await load();
  const loaded = own?.targets ?? [];
  const known = new Map(loaded.map((one) => [one.name, one]));
  const differences = hosts.flatMap(({ target, connection }) => listDifferences(kind, connection, known.get(target)));
  const otherPorts = hosts.flatMap((one) => listOtherPorts(kind, one, known.get(one.target)));
  if (differences.length > 0) throw otherConnection(kind, differences, otherPorts);
  if (otherPorts.length > 0) throw otherBackEndPort(kind, otherPorts);
  const missing = hosts.filter((one) => one.isReached && !known.has(one.target) && !canBeAsked(one, canAsk));
  refuseMissing(missing, inventory, own !== null);
  return hosts.map(({ target, connection }) => {
    const found = known.get(target);
    if (found === undefined) return savedTarget(target, connection, inventory);
    return { ...found, connection: restoreConnection(connection, found.connection) };
  });
}

function listDifferences(
  kind: SavedHosts['kind'],
  saved: SavedConnection,
  found: Target | undefined,
): readonly Difference[] {
  if (found === undefined) return [];
  const { file, line, column } = found.origin;
  return compareConnections(saved, found.connection).map((one) => ({
    file,
    line,
    column,
    host: found.name,
    message: `${found.name}: ${one.setting} is ${one.given} here, ${one.saved} in the ${kind}`,
  }));
}

/** An inventory that says nothing of a port contradicts nothing: it may be there for its secrets alone. */
function listOtherPorts(
  kind: SavedHosts['kind'],
  { backEndPorts: saved }: SavedHost,
  found: Target | undefined,
): readonly Difference[] {
  if (saved === undefined || found === undefined) return [];
  const { origin, name, backEndPorts: given = noBackEndPorts } = found;
  return backEnds.flatMap((one) => {
    const [before, now] = [saved[one], given[one]];
    if (before === null || now === null || before === now) return [];
    return [
      { ...origin, host: name, message: `${name}: ${backEndVariables[one]} is ${now} here, ${before} in the ${kind}` },
    ];
  });
}

function otherBackEndPort(kind: SavedHosts['kind'], issues: readonly Difference[]): Failure {
  const message = `the inventory gives ${countHosts(issues)} another back-end port than the ${kind}; nothing was asked or sent`;
  const hint =
    kind === 'plan'
      ? 'if the inventory is right, make a new plan: fencepost plan --out FILE; if the plan is right, correct the inventory'
      : 'if the inventory is right, roll the run back and make a new plan; if the run is right, correct the inventory';
  return new Failure(`${kind}/other-port`, message, { hint, issues });
}

/** `others`: listed with them, and not counted: those hosts are reached as saved. */
function otherConnection(kind: SavedHosts['kind'], issues: readonly Difference[], others: readonly Issue[]): Failure {
  const message = `the inventory reaches ${countHosts(issues)} differently from the ${kind}; nothing was asked or sent`;
  const hint =
    kind === 'plan'
      ? 'if the inventory is right, make a new plan: fencepost plan --out FILE; if the plan is right, name the inventory it was made from: -i FILE'
      : 'name an inventory with the settings that the run used: -i FILE; only the secrets are taken from it';
  return new Failure(`${kind}/other-connection`, message, { hint, issues: [...issues, ...others] });
}

function countHosts(differences: readonly Difference[]): string {
  return counted(new Set(differences.map((one) => one.host)).size, 'host');
}

function canBeAsked({ connection: { credential } }: SavedHost, canAsk: boolean): boolean {
  return credential === 'password' ? canAsk : credential === 'ticket-cache';
}

/** Before anything is sent: a run must not stop half way for lack of a password. */
function refuseMissing(missing: readonly SavedHost[], inventory: readonly string[], isGiven: boolean): void {
  const [first] = missing;
  if (first === undefined) return;
  const shown = missing.slice(0, 3).map(whoseSecret).join(', ');
  const more = missing.length > 3 ? `, and ${missing.length - 3} more` : '';
  const reason = isGiven ? 'the inventory does not have' : 'no inventory was named that has';
  const flags = inventoryFlags(inventory);
  throw new Failure('secret/missing', `${reason} the secret of ${counted(missing.length, 'host')}: ${shown}${more}`, {
    where: first.target,
    hint: `name the inventory that has it: ${flags === '' ? '-i FILE' : `it was${flags} when the plan was made`}`,
  });
}

/** `password of CORP\svc on ex01` */
function whoseSecret({ target, connection: { username, credential } }: SavedHost): string {
  return `${credential.replace('-', ' ')} of ${username === '' ? target : `${username} on ${target}`}`;
}

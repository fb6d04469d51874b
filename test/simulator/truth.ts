// What is true of a simulated server, value by value: each row of each store, each service. `expected` is the same without anything that
// Fencepost did: the server as it was, with what others did since.
import type { AccountRights, Machine } from '../../src/lab/machine/machine.ts';
import type { Quirks } from '../../src/lab/machine/quirks.ts';
import { families, protocols, stores } from '../../src/model/host-state.ts';
import type { HostPlan, Step } from '../../src/model/plan.ts';
import { lastPort } from '../../src/model/port-range.ts';
import { settled } from '../support/machine-state.ts';
import { forgetState } from './console.ts';
import { createDoubts, noteOther, type Doubts } from './judging/doubt.ts';
import { findSubject, type Subject } from './judging/subject.ts';

export type Values = Map<string, string>;

export interface LostRights {
  readonly before: AccountRights;
  readonly until: 'next-life' | 'morning';
}

export interface Server {
  readonly name: string;
  readonly machine: Machine;
  plan: HostPlan | null;
  expected: Values;
  /** The same since the life that is under way began: what it would be without this life. */
  untouched: Values;
  /** Somebody changed something that the plan is about. */
  isMeddledWith: boolean;
  /** In long nights one range after another, each once. */
  mayMeddleAgain: boolean;
  /** That happened before the apply began. */
  isStale: boolean;
  /** Those of its latest start in a run. */
  steps: readonly Step[];
  readonly doubts: Doubts;
  /** What a command of the run or of its rollbacks was about. */
  readonly sent: Set<Subject>;
  /** What somebody else has changed. */
  readonly meddled: Set<Subject>;
  /** Rows without their store that a guard of the run has undone, and of which its journal does not say so yet. */
  readonly undone: Set<string>;
  isRebooted: boolean;
  /** What the account could do before a policy took it away, and until when; null: nothing was taken. */
  lostRights: LostRights | null;
  /** Rows that a reboot brought or took: a rollback may leave them as they are now or as they were before the run. */
  readonly changedAtBoot: Set<string>;
  /**
   * Ranges on a family that the run had changed and somebody else has changed since: `tcp ipv4 9933-9933*` -> the rows of it that can be
   * seen, as the run had left them.
   */
  readonly conflicts: Map<string, ReadonlyMap<string, boolean>>;
}

export function beginServer(machine: Machine): Server {
  return {
    name: machine.name,
    machine,
    plan: null,
    expected: valuesOf(machine),
    untouched: valuesOf(machine),
    isMeddledWith: false,
    mayMeddleAgain: false,
    isStale: false,
    steps: [],
    doubts: createDoubts(),
    sent: new Set(),
    meddled: new Set(),
    undone: new Set(),
    isRebooted: false,
    lostRights: null,
    changedAtBoot: new Set(),
    conflicts: new Map(),
  };
}

export function valuesOf(machine: Machine): Values {
  const isMoving = machine.services.some((one) => one.state.endsWith('-pending'));
  const { exclusions, services } = isMoving ? settled(machine) : machine;
  const values: Values = new Map();
  for (const protocol of protocols) {
    for (const family of families) {
      for (const store of stores) {
        for (const { range, administered } of exclusions[protocol][family][store]) {
          const row = `${range.firstPort}-${lastPort(range)}${administered ? '*' : ''}`;
          values.set(`${protocol} ${family} ${store} ${row}`, 'there');
        }
      }
    }
  }
  for (const service of services) values.set(`service ${service.name}`, service.state);
  return values;
}

/** Lets somebody else work on the server; what came of it is expected from then on. True: it came to something. */
export function workAsOther(server: Server, work: (machine: Machine) => void): boolean {
  const before = valuesOf(server.machine);
  work(server.machine);
  forgetState(server.machine);
  return noteOthersWork(server, before);
}

/** What is not as it was before came of somebody else's work. True: something is not. */
export function noteOthersWork(server: Server, before: Values): boolean {
  const after = valuesOf(server.machine);
  let isChanged = false;
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const value = after.get(key);
    if (before.get(key) === value) continue;
    isChanged = true;
    server.meddled.add(findSubject(key));
    noteOther(server.doubts, findSubject(key));
    for (const values of [server.expected, server.untouched]) {
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    }
  }
  return isChanged;
}

/** `ours`: rows that the run had changed; `before`: all values before somebody else came. Only what netsh shows can be seen to differ. */
export function noteConflicts({ conflicts, machine }: Server, before: Values, ours: readonly string[]): void {
  const now = [...valuesOf(machine).keys()];
  const shown = (row: string): readonly string[] =>
    stores
      .map((store) => row.replace(/ (?:active|persistent) /, ` ${store} `))
      .filter((one) => one.includes(' active ') || isShown(one, now, machine.quirks));
  for (const row of differs(before, machine, false).map((one) => one.slice(1))) {
    const rows = shown(row);
    if (!rows.includes(row) || !ours.includes(row)) continue;
    conflicts.set(withoutStore(row), new Map(rows.map((one) => [one, before.has(one)])));
  }
}

/** A table of permanent ranges without a row proves nothing where the registry does not tell (windows.md section 0, point 9). */
function isShown(row: string, now: readonly string[], { persistentShow, persistentRegistry }: Quirks): boolean {
  if (persistentShow !== 'rows') return false;
  const table = row.slice(0, row.indexOf(' persistent ') + 1);
  return persistentRegistry === 'kept' || now.some((one) => one.startsWith(`${table}persistent `));
}

/** What is again as the run left it, by a reboot, shows nothing of a conflict. */
export function dropRestored({ conflicts, machine }: Server): void {
  const now = valuesOf(machine);
  for (const [range, left] of conflicts) {
    if ([...left].every(([row, isThere]) => now.has(row) === isThere)) conflicts.delete(range);
  }
}

/**
 * What a life of the run found changed it may change again: then that is the run's once more. A range that it left alone still is for the
 * operator to check.
 */
export function dropChangedAgain({ conflicts, untouched, machine }: Server): void {
  for (const row of differs(untouched, machine, false)) conflicts.delete(withoutStore(row.slice(1)));
}

/** What of the run's a rollback changed all the same. */
export function findOverriddenConflicts({ conflicts, untouched, machine }: Server): readonly string[] {
  return differs(untouched, machine, false).filter((one) => conflicts.has(withoutStore(one.slice(1))));
}

export function withoutStore(row: string): string {
  return row.replace(/ (?:active|persistent) /, ' ');
}

/** A server that starts again has in its active store what is permanent, whoever made it so. */
export function rebootValues(values: Values): void {
  for (const key of [...values.keys()]) if (/ active .*\*$/.test(key)) values.delete(key);
  for (const key of [...values.keys()]) {
    if (!key.includes(' persistent ')) continue;
    const inForce = key.replace(' persistent ', ' active ');
    // Of two rows of the same range one is left.
    values.delete(inForce.replace('*', ''));
    values.set(inForce, 'there');
  }
}

export function differsFromExpected(server: Server): readonly string[] {
  const { expected, changedAtBoot, machine } = server;
  // A service that never starts again stays down, whoever tries; that is said elsewhere.
  const { scStartFails, refuseStart } = machine.quirks;
  const found = differs(expected, machine, scStartFails === null && refuseStart === 'none');
  return found.filter(
    (one) =>
      !changedAtBoot.has(one.slice(1)) &&
      // The plan says that the service is started again; it does so too when somebody else has stopped it meanwhile.
      !(server.meddled.has(findSubject(one)) && one.startsWith('service ') && one.endsWith(': stopped -> running')),
  );
}

/** Neither netsh nor the registry shows what is permanent, or the registry cannot say of which family it is. */
export function mayBeHidden({ persistentShow, persistentRegistry, oneList }: Quirks): boolean {
  return persistentShow !== 'rows' && !(persistentRegistry === 'kept' && oneList);
}

/** `+` is there and should not be, `-` the other way round. */
export function differs(expected: Values, machine: Machine, withServices = true): readonly string[] {
  const now = valuesOf(machine);
  const found: string[] = [];
  for (const key of new Set([...expected.keys(), ...now.keys()])) {
    const was = expected.get(key);
    const is = now.get(key);
    if (was === is || (!withServices && key.startsWith('service '))) continue;
    found.push(
      key.startsWith('service ') ? `${key}: ${was ?? '-'} -> ${is ?? '-'}` : `${is === undefined ? '-' : '+'}${key}`,
    );
  }
  return found;
}

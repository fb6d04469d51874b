// Guards in a night: when a host's own task undoes a run, who confirms, and what may be said about it. A guard of our run is Fencepost's own
// doing, so what it undoes is expected to be as if the run had never been; one of another operator is his doing. Source: decisions 45, 46, 67.
import { runDueTasks } from '../../src/lab/tasks/run-due-tasks.ts';
import type { HostVerdict, RunKind, Verdict } from '../../src/model/outcome.ts';
import { nameGuard } from '../../src/model/rules/guard.ts';
import type { ConfirmedCommit, Policy } from '../../src/model/strategy.ts';
import type { ConfirmedHost } from '../../src/run/hosts/confirm-host.ts';
import type { Dice } from '../chaos/dice.ts';
import { notAsDesired } from '../support/machine-state.ts';
import { forgetState } from './console.ts';
import { noteOther } from './judging/doubt.ts';
import { findSubject } from './judging/subject.ts';
import { differs, noteOthersWork, valuesOf, withoutStore, type Server } from './truth.ts';

const minutes = (count: number): number => count * 60_000;
/** Between the beginnings of two lives. */
export const lifeMs = minutes(60);

/** Some nights are confirmed; what a guard would undo may not be kept by the policy (playbook: refused together). */
export function withConfirm(policy: Policy, dice: Dice): Policy {
  if (!dice.chance(0.5)) return policy;
  // It fires between two lives, in the middle of one, or after several.
  const withinMs = dice.pick([
    minutes(12),
    minutes(20),
    lifeMs + 1000 * dice.between(0, 30),
    lifeMs + 1000 * dice.between(0, 90),
    2 * lifeMs + 1000 * dice.between(0, 60),
    minutes(150),
  ]);
  const onFailure = policy.onFailure === 'stop' ? 'rollback_host' : policy.onFailure;
  return { ...policy, onFailure, confirm: { withinMs, by: dice.pick(['run', 'person', 'person'] as const) } };
}

/** Brings a server to a time. Returns how many guards have run. */
export function letTimePass(server: Server, nowMs: number, run: string): number {
  const { machine } = server;
  if (machine.tasks.length === 0) {
    runDueTasks(machine, nowMs);
    return 0;
  }
  const before = valuesOf(machine);
  const paths = machine.tasks.map((one) => one.path);
  runDueTasks(machine, nowMs);
  const fired = paths.filter((path) => !machine.tasks.some((one) => one.path === path));
  if (fired.length === 0) return 0;
  forgetState(machine);
  if (!fired.includes(nameGuard(run))) {
    if (noteOthersWork(server, before)) server.isMeddledWith = true;
    return fired.length;
  }
  for (const row of differs(before, machine)) noteUndone(server, row);
  return fired.length;
}

/** A guard is blind: what somebody else has reserved meanwhile exactly so it takes for the run's (decision 45, "Left"). */
function noteUndone(server: Server, row: string): void {
  const subject = findSubject(row);
  const now = valuesOf(server.machine);
  const key = row.startsWith('service ') ? `service ${subject.slice('service '.length)}` : row.slice(1);
  const value = now.get(key);
  if (value === undefined) server.untouched.delete(key);
  else server.untouched.set(key, value);
  server.undone.add(withoutStore(key));
  if (!server.meddled.has(subject)) return;
  server.doubts.murky.add(subject);
  noteOther(server.doubts, subject);
}

const undoneVerdicts: readonly Verdict[] = ['failed-rolled-back', 'rolled-back'];
const settledVerdicts: readonly Verdict[] = [...undoneVerdicts, 'undone-by-host'];

/** Problems with a verdict about which the guard that is on the host, or is not, knows better. */
export function judgeGuard(
  server: Server,
  { verdict, detail }: Pick<HostVerdict, 'verdict' | 'detail'>,
  kind: RunKind,
  confirm: ConfirmedCommit | null,
  run: string,
): readonly string[] {
  if (confirm === null) return verdict === 'undone-by-host' ? ['no guard was ever armed'] : [];
  const isThere = server.machine.tasks.some((one) => one.path === nameGuard(run));
  const isOver = kind === 'rollback' ? verdict === 'changed' : settledVerdicts.includes(verdict);
  const isVerified = kind === 'apply' && verdict === 'changed' && confirm.by === 'run';
  // Whoever cannot reach the host, or may not ask it for its tasks any more, says so.
  const isSaid = undoneVerdicts.includes(verdict) && detail.includes(`${nameGuard(run)} may still be armed`);
  return isThere && !isSaid && (isOver || isVerified) ? ['its guard is still armed and will undo something'] : [];
}

/** What `confirm` says of a host. */
export function judgeConfirmed(server: Server, { result, detail }: ConfirmedHost, run: string): readonly string[] {
  const about = `${server.name} ${result} (${detail})`;
  const { machine, plan } = server;
  const isThere = machine.tasks.some((one) => one.path === nameGuard(run));
  const complain = (found: readonly string[]): readonly string[] => found.map((one) => `${about}, but ${one}`);
  switch (result) {
    case 'confirmed':
      return complain([
        ...(isThere ? ['its guard is still armed'] : []),
        ...(plan === null ? [] : notAsDesired(machine, plan.desired)),
      ]);
    case 'extended':
      return complain(isThere ? [] : ['no guard is armed']);
    case 'undone-by-host':
      return complain(isThere ? ['its guard is still armed'] : []);
    default:
      return [];
  }
}

/** In the morning, long after everybody has gone, no guard is left that could undo anything. */
export function judgeLeftGuards(servers: ReadonlyMap<string, Server>): readonly string[] {
  return [...servers.values()].flatMap(({ name, machine }) =>
    machine.tasks.map((one) => `${name} still has ${one.path} the day after`),
  );
}

// Guards that are on a host beside the run that is planned or under way, and what they mean: the one rule that plan, collect, doctor and
// engine follow. Such a guard undoes what its run changed, and so maybe what is about to be changed. It asks no host.
import type { HostFacts } from '../facts.ts';
import type { Finding, FindingSeverity } from '../plan.ts';
import { cutText } from '../text/cut-text.ts';
import { isKnownUnprivileged } from './account-rights.ts';
import { guardFolder } from './guard.ts';

const mostNamed = 3;

/** Guards of whatever other run; `own`: the task of the run that deals with it itself. None where they are not known. */
export function findOtherGuards({ guards }: Pick<HostFacts, 'guards'>, own: string | null = null): readonly string[] {
  return (guards ?? []).filter((one) => one.toLowerCase() !== own?.toLowerCase());
}

/** `the guard of run 20261127-2200-ab12 is on this host: ...`; null: there is none. */
export function describeGuards(tasks: readonly string[]): Pick<Finding, 'sentence' | 'hint'> | null {
  const [first] = tasks;
  if (first === undefined) return null;
  const named = tasks.slice(0, mostNamed).map((one) => findRun(one) ?? `(task ${cutText(one)})`);
  const more = tasks.length > mostNamed ? ` and ${tasks.length - mostNamed} more` : '';
  const who =
    tasks.length === 1 ? `the guard of run ${named.join()} is` : `the guards of runs ${named.join(', ')}${more} are`;
  const what =
    tasks.length === 1
      ? 'it undoes what that run changed unless it is called off'
      : 'they undo what those runs changed unless they are called off';
  const run = findRun(first);
  const confirm = run === null ? '' : `keep what that run changed: fencepost confirm ${run}; or `;
  return { sentence: `${who} on this host: ${what}`, hint: `${confirm}delete the guard: fencepost guards clean` };
}

/** The guards on a host as a finding, if any; for an account without rights its own finding says why they are not known. */
export function findLeftGuards(
  facts: HostFacts,
  severities: { readonly left: FindingSeverity; readonly unknown: FindingSeverity },
  own: string | null = null,
): readonly Finding[] {
  if (facts.guards === null && !isKnownUnprivileged(facts.rights)) {
    const sentence = 'it is not known whether a guard of another run is on this host: its tasks could not be listed';
    const hint = 'run it on the server as this account and look: schtasks /query /fo csv /nh';
    return [{ severity: severities.unknown, code: 'guards-not-known', sentence, hint }];
  }
  const said = describeGuards(findOtherGuards(facts, own));
  return said === null ? [] : [{ severity: severities.left, code: 'guard-left', ...said }];
}

/** Null: a name that no run has. */
function findRun(task: string): string | null {
  return /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.exec(task.slice(guardFolder.length))?.[0] ?? null;
}

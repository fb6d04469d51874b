// Notes that no event of a run gives rise to: a run that ended without finishing, drift that verify found, a window that was missed, a test.
// PURE.
import { listNames, makeNote, type Note } from '../../model/notifications/note.ts';
import type { FleetPlan, HostPlanState } from '../../model/plan.ts';
import type { HostStanding, RunStatus } from '../../model/run-status.ts';
import { counted } from '../../model/text/counted.ts';

/** Who tells it, and when. */
export interface NoteOrigin {
  /** `operator@jump01` */
  readonly from: string;
  readonly at: string;
}

export interface UnfinishedRun {
  readonly status: RunStatus;
  /** Of its last event: the same for the process itself and whoever finds its journal, so that it is told once. */
  readonly lastAt: string;
  /** Of the process that had it; null: not known. */
  readonly holder: string | null;
}

/** A run whose journal has no end and whose process is gone, or sleeps: with a database nothing tells the two apart. `isOwn`: it is that very process that tells it, at its own end. */
export function noteUnfinishedRun({ status, lastAt, holder }: UnfinishedRun, isOwn: boolean, origin: NoteOrigin): Note {
  const { run, hosts, kind, damage, next } = status;
  const what = kind === 'rollback' ? 'Rollback' : 'Apply';
  const names = (has: (one: HostStanding) => boolean): readonly string[] => hosts.filter(has).map((one) => one.host);
  const groups: readonly (readonly [string, readonly string[]])[] = [
    ['a service may be down', names((one) => one.down.length > 0)],
    ['in doubt', names((one) => one.inDoubt.length > 0)],
    ['being changed when it ended', names((one) => one.isStarted && one.verdict === null)],
    ['changed', names((one) => one.changed.length > 0)],
    ['not rolled back', kind === 'rollback' ? names((one) => one.notBack.length > 0) : []],
    ['will undo the change by themselves unless confirmed', names((one) => one.guard !== undefined)],
    ['never started', names((one) => !one.isStarted && one.verdict === null)],
  ];
  const isSerious = groups.slice(0, 3).some(([, list]) => list.length > 0) || damage !== null;
  return makeNote({
    ...origin,
    key: `run/${run}/ended/${lastAt}`,
    event: isOwn ? 'run-stopped' : 'run-died',
    severity: isSerious ? 'alarm' : 'warning',
    title: isOwn
      ? `${what} stopped early and is not finished`
      : `${what} is not finished, and its process gives no sign of life`,
    run,
    facts: [
      ...(damage === null ? [] : [`its journal is ${damage}; what follows is not known`]),
      ...groups.flatMap(([words, list]) => (list.length === 0 ? [] : [`${words}: ${listNames(list)}`])),
      `last sign of life: ${lastAt}`,
      ...(holder === null ? [] : [`it ran as ${holder}`]),
    ],
    meaning: isSerious
      ? 'Hosts may be half changed, and nothing goes on by itself. Somebody has to look now.'
      : 'Nothing goes on by itself; no host is known to be half changed.',
    next: next ?? `fencepost status ${run}`,
  });
}

/** Null: no host differs, and none is blocked: a port that another process has open is what this is for. */
export function noteDrift(plan: FleetPlan, flags: string, { from, at }: NoteOrigin): Note | null {
  const names = (state: HostPlanState): readonly string[] =>
    plan.hosts.filter((one) => one.state === state).map((one) => one.target);
  const [drifted, blocked, unreachable] = [names('changes'), names('blocked'), names('unreachable')];
  if (drifted.length + blocked.length === 0) return null;
  return makeNote({
    key: `drift/${from}/${at}`,
    event: 'drift',
    at,
    from,
    severity: 'warning',
    title: `Drift: of ${counted(plan.hosts.length, 'host')}, ${drifted.length} not as desired, ${blocked.length} blocked`,
    run: null,
    facts: [
      `playbook: ${plan.playbook.name}`,
      ...(drifted.length === 0 ? [] : [`not as desired: ${listNames(drifted)}`]),
      ...(blocked.length === 0 ? [] : [`blocked: ${listNames(blocked)}`]),
      ...(unreachable.length === 0 ? [] : [`could not be checked: ${listNames(unreachable)}`]),
    ],
    meaning:
      'Ports that should be reserved are not, or not for good: after a restart another process may take them. The plan says why a host is blocked.',
    next: `fencepost plan${flags}`,
  });
}

/** `why`: our own words, of the Failure `run/window`. */
export function noteWindowMissed(plan: FleetPlan, why: string, { from, at }: NoteOrigin): Note {
  const { window } = plan.policy;
  const hosts = plan.hosts.filter((one) => one.state === 'changes').map((one) => one.target);
  return makeNote({
    key: `window/${from}/${at}`,
    event: 'window-missed',
    at,
    from,
    severity: 'warning',
    title: 'Nothing was applied: outside the change window',
    run: null,
    facts: [
      why,
      ...(window === null ? [] : [`window: ${window.opensAt} to ${window.closesAt}`]),
      `playbook: ${plan.playbook.name}`,
      `hosts: ${listNames(hosts)}`,
    ],
    meaning: 'No host was changed. The plan is as good as before only as long as the hosts stay as they are.',
    next: null,
  });
}

/** `nonce`: two tests are two notes. */
export function noteTest(channel: string, nonce: string, { from, at }: NoteOrigin): Note {
  return makeNote({
    key: `test/${channel}/${at}/${nonce}`,
    event: 'test',
    at,
    from,
    severity: 'info',
    title: 'Test of a notification channel',
    run: null,
    facts: [`channel: ${channel}`],
    meaning: 'Somebody tried whether Fencepost reaches this channel. Nothing happened on any host.',
    next: null,
  });
}

// What must not be in the history of a run that several processes carried out, whatever became of them: told from its journal and from what the
// servers themselves logged, never from what the processes said of themselves. PURE. A life is a stretch of the journal between two
// `run-resumed`. It knows nothing of how the history came about.
import type { RunEvent, Verdict } from '../../../src/model/outcome.ts';

/** A request that a server answered, as its log has it. */
export interface HostRequest {
  readonly host: string;
  readonly line: string;
  readonly shellId: string | null;
  /** 200: it was accepted. */
  readonly status: number | null;
  readonly atMs: number;
  /** When its answer was decided. */
  readonly doneMs: number;
}

/** An event that a process told, having read it from the journal; what names it is enough. */
export type ToldEvent = Readonly<Record<string, unknown>>;

export interface StateHistory {
  /** In the order of the chain. */
  readonly events: readonly RunEvent[];
  /** Those that change a host, in any order. */
  readonly requests: readonly HostRequest[];
  /** By process. */
  readonly told: Readonly<Record<string, readonly ToldEvent[]>>;
  /** By host. */
  readonly groups: Readonly<Record<string, string>>;
  /** Hosts that are not as desired at the end. */
  readonly offGoal: readonly string[];
  /** The same at the moment when no resume had anything left to do, before another run went on with what had failed. */
  readonly offGoalSettled?: readonly string[];
}

export const faultKinds = [
  'overlap',
  'group',
  'stale-effect',
  'two-verdicts',
  'no-verdict',
  'no-begin',
  'no-intent',
  'lost-append',
  'batch',
  'off-goal',
  'untrue-verdict',
] as const;

export interface Fault {
  readonly kind: (typeof faultKinds)[number];
  readonly what: string;
}

export function findHistoryFaults(history: StateHistory): readonly Fault[] {
  const shells = listShells(history.events);
  const byHost = groupBy(
    history.requests.filter((one) => one.status === 200).toSorted((one, other) => one.atMs - other.atMs),
    (one) => one.host,
  );
  const changes = [...byHost].map(([host, sent]) => ({ host, sent, own: shells.get(host) ?? [] }));
  return [
    ...readFrame(history.events),
    ...changes.flatMap(({ host, sent, own }) => [...findOverlaps(host, sent), ...findStale(host, sent, own, history)]),
    ...changes.flatMap(({ host, sent, own }) => findUnplanned(host, sent, own)),
    ...findGroupFaults(changes, history.groups),
    ...findLostAppends(history),
    ...history.offGoal.map((host): Fault => ({ kind: 'off-goal', what: `${host} is not as desired at the end` })),
    ...findUntrue(history),
  ];
}

/** Only a host that failed and was rolled back may be left as it was; every other verdict says that something is still to be done. */
function findUntrue({ events, offGoalSettled = [] }: StateHistory): readonly Fault[] {
  const last = new Map(events.flatMap((one) => (one.type === 'host-finished' ? [[one.host, one.verdict]] : [])));
  return offGoalSettled.flatMap((host) => {
    const verdict = last.get(host) ?? 'no verdict';
    if (verdict === 'failed-rolled-back') return [];
    return [
      {
        kind: 'untrue-verdict',
        what: `${host} is not as desired, and the run, with nothing left to do, says ${verdict}`,
      },
    ];
  });
}

interface Shell {
  readonly id: string;
  readonly openedMs: number;
  /** `0`: of the runners; then of each resume. Of a host that is rolled back after it was changed: `0+`. */
  readonly life: string;
  /** Commands that were planned while it was the latest of its host. */
  readonly planned: number;
}

function listShells(events: readonly RunEvent[]): ReadonlyMap<string, readonly Shell[]> {
  const found = new Map<string, (Omit<Shell, 'planned'> & { planned: number })[]>();
  let number = 0;
  const changed = new Set<string>();
  for (const event of events) {
    if (event.type === 'run-resumed') {
      number += 1;
      changed.clear();
    }
    if (event.type === 'host-finished' && event.verdict === 'changed') changed.add(event.host);
    if (event.type === 'shell-opened') {
      const life = `${String(number)}${changed.has(event.host) ? '+' : ''}`;
      const shell = { id: event.shellId.toUpperCase(), openedMs: Date.parse(event.at), life, planned: 0 };
      found.set(event.host, [...(found.get(event.host) ?? []), shell]);
    }
    if (event.type !== 'command-planned') continue;
    const latest = found.get(event.host)?.at(-1);
    if (latest !== undefined) latest.planned += 1;
  }
  return found;
}

/** What the journal says by itself. */
function readFrame(events: readonly RunEvent[]): readonly Fault[] {
  const faults: Fault[] = [];
  const add = (kind: Fault['kind'], what: string): void => {
    faults.push({ kind, what });
  };
  const open = new Map<string, string | null>();
  const verdicts = new Map<string, Verdict>();
  let isStopping = false;
  const ever = new Set<string>();
  let batch = { number: 0, hosts: new Set<string>() };
  let isResumed = false;
  for (const event of events) {
    switch (event.type) {
      case 'run-resumed':
        isResumed = true;
        open.clear();
        verdicts.clear();
        isStopping = false;
        break;
      case 'run-stopping':
        isStopping = true;
        break;
      case 'batch-started':
        if (open.size > 0) add('batch', `batch ${event.batch} opens while ${[...open.keys()].join(', ')} is changed`);
        if (!isResumed && event.batch !== batch.number + 1) {
          add('batch', `batch ${event.batch} follows ${batch.number}`);
        }
        batch = { number: event.batch, hosts: new Set(event.hosts) };
        break;
      case 'host-started':
        if (open.has(event.host)) add('overlap', `${event.host} is started while it is being changed`);
        // Of any batch are hosts that are rolled back because others failed.
        if (!isResumed && !batch.hosts.has(event.host) && !(isStopping && verdicts.get(event.host) === 'changed'))
          add('batch', `${event.host} starts outside its batch`);
        for (const [other, group] of open) {
          if (group !== null && group === event.exclusiveGroup) add('group', `${event.host} starts beside ${other}`);
        }
        open.set(event.host, event.exclusiveGroup);
        break;
      case 'command-planned':
        // A run of one process rolls back what it has changed itself, in the same start.
        if (!open.has(event.host) && !(isResumed && isStopping && verdicts.get(event.host) === 'changed'))
          add('no-begin', `${event.host}: a command without a start, or after its verdict`);
        break;
      case 'host-finished':
        if (verdicts.has(event.host) && !(isStopping && isUndone(verdicts.get(event.host), event.verdict))) {
          add('two-verdicts', `${event.host} has two verdicts in one life`);
        }
        verdicts.set(event.host, event.verdict);
        ever.add(event.host);
        open.delete(event.host);
        break;
      default:
    }
  }
  const starts = events.filter((one) => one.type === 'run-started');
  if (starts.length !== 1) add('two-verdicts', `the run starts ${starts.length} times`);
  for (const { host } of starts.flatMap((one) => one.hosts)) {
    if (!ever.has(host)) add('no-verdict', `${host} has no verdict`);
  }
  return faults;
}

/** What was changed is rolled back because others failed: the one way to a second verdict. */
function isUndone(before: Verdict | undefined, after: Verdict): boolean {
  return before === 'changed' && (after === 'rolled-back' || after === 'failed-partial' || after === 'in-doubt');
}

/** Two processes at one host, by the server alone. */
function findOverlaps(host: string, sent: readonly HostRequest[]): readonly Fault[] {
  const faults: Fault[] = [];
  const left = new Set<string | null>();
  sent.forEach((one, index) => {
    const before = sent[index - 1];
    if (before === undefined || before.shellId === one.shellId) return;
    left.add(before.shellId);
    if (left.has(one.shellId)) faults.push({ kind: 'overlap', what: `${host}: two shells change it by turns` });
    if (before.doneMs > one.atMs) faults.push({ kind: 'overlap', what: `${host}: two commands at once` });
  });
  return faults;
}

/** A command that took effect after somebody else had taken the host, or after its verdict was in the journal. */
function findStale(
  host: string,
  sent: readonly HostRequest[],
  shells: readonly Shell[],
  { events }: StateHistory,
): readonly Fault[] {
  const settled = events.flatMap((one) =>
    one.type === 'host-finished' && one.host === host && one.verdict !== 'in-doubt' ? [Date.parse(one.at)] : [],
  );
  return sent.flatMap((one): Fault[] => {
    const own = shells.findIndex((shell) => shell.id === one.shellId?.toUpperCase());
    const shell = shells[own];
    if (shell === undefined) return [];
    const next = shells.slice(own + 1).find((later) => later.openedMs < one.atMs);
    const at = new Date(one.atMs).toISOString();
    if (next !== undefined) {
      return [{ kind: 'stale-effect', what: `${host}: "${one.line}" ran at ${at}, in a shell before ${next.id}` }];
    }
    const verdictMs = settled.find((ms) => ms >= shell.openedMs && ms < one.atMs);
    return verdictMs === undefined
      ? []
      : [{ kind: 'stale-effect', what: `${host}: "${one.line}" ran at ${at}, after its verdict` }];
  });
}

/** What changed a host had an intent in the journal before, in the life of the shell it was sent into. */
function findUnplanned(host: string, sent: readonly HostRequest[], shells: readonly Shell[]): readonly Fault[] {
  const byShell = groupBy(sent, (one) => one.shellId?.toUpperCase() ?? '');
  return [...byShell].flatMap(([id, own]): Fault[] => {
    const planned = shells.find((shell) => shell.id === id)?.planned ?? 0;
    if (own.length <= planned) return [];
    return [{ kind: 'no-intent', what: `${host}: ${own.length} commands ran in shell ${id}, ${planned} were planned` }];
  });
}

interface HostChanges {
  readonly host: string;
  readonly sent: readonly HostRequest[];
  readonly own: readonly Shell[];
}

/** By the servers: from its first change of a life to its last, no other of its group is changed. */
function findGroupFaults(changes: readonly HostChanges[], groups: StateHistory['groups']): readonly Fault[] {
  const spans = changes.flatMap(({ host, sent, own }) => {
    const lives = groupBy(sent, ({ shellId }) => own.find((shell) => shell.id === shellId?.toUpperCase())?.life ?? '');
    return [...lives.values()].map((some) => ({
      host,
      fromMs: Math.min(...some.map((one) => one.atMs)),
      toMs: Math.max(...some.map((one) => one.doneMs)),
    }));
  });
  const faults: Fault[] = [];
  const inOrder = spans.toSorted((one, other) => one.fromMs - other.fromMs);
  const latest = new Map<string, (typeof spans)[number]>();
  for (const span of inOrder) {
    const group = groups[span.host];
    if (group === undefined) continue;
    const before = latest.get(group);
    if (before !== undefined && before.host !== span.host && span.fromMs <= before.toMs) {
      faults.push({ kind: 'group', what: `${before.host} and ${span.host} of ${group} are changed at once` });
    }
    if (before === undefined || span.toMs > before.toMs) latest.set(group, span);
  }
  return faults;
}

/** What a process has read from the journal was acknowledged: it stays there, whatever became of the server. */
function findLostAppends({ events, told }: StateHistory): readonly Fault[] {
  const kept = new Set(events.map((one) => nameEvent({ ...one })));
  return Object.entries(told).flatMap(([process, own]) =>
    own
      .filter((one) => !kept.has(nameEvent(one)))
      .map((one): Fault => ({ kind: 'lost-append', what: `${process} told ${nameEvent(one)}: it is not there` })),
  );
}

function nameEvent(event: ToldEvent): string {
  return ['type', 'at', 'host', 'step', 'direction', 'shellId', 'batch', 'verdict']
    .flatMap((key) => (event[key] === undefined ? [] : [JSON.stringify(event[key])]))
    .join(' ');
}

function groupBy<T>(all: readonly T[], nameOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) found.set(nameOf(one), [...(found.get(nameOf(one)) ?? []), one]);
  return found;
}

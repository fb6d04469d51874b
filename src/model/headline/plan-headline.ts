// What a plan comes to, for whoever signs it off or starts it: made once, as data, and rendered by the terminal, the HTML page, the markdown
// summary, the JSON documents and the prompt of `apply`. Pure. It is no part of a plan: how long things take is known here and now only.
import type { FailureCode } from '../failure.ts';
import type { FindingCode, FleetPlan, HostPlan, ServiceStep, Step } from '../plan.ts';
import { splitIntoBatches } from '../rules/batches.ts';
import type { ChangeWindow, HostCount, OnFailure } from '../strategy.ts';
import { expectRunMs } from './expected-time.ts';
import { findPaceSource, listPaceKinds, sumPaces, type Paces, type PaceKind, type PaceSource } from './paces.ts';

/** Hosts that do not change, by the first reason of each. */
export interface LeftOut {
  readonly state: Exclude<HostPlan['state'], 'changes'>;
  /** The first blocker, or why it was not reached; null: it is as desired. */
  readonly code: FindingCode | FailureCode | null;
  readonly hosts: readonly string[];
}

/** A service that the plan stops and starts again. */
export interface Restart {
  readonly service: string;
  readonly hosts: number;
  /** False: only where Windows refuses the missing half of a range while its port is open. */
  readonly isCertain: boolean;
  /** How long it is usually down on a host; the longest of the hosts. */
  readonly usualMs: number;
  readonly source: PaceSource;
}

export interface PlanHeadline {
  readonly hosts: number;
  readonly changing: number;
  readonly leftOut: readonly LeftOut[];
  /** Each address family counts for itself. */
  readonly exclusions: { readonly added: number; readonly deleted: number };
  /** To set; each address family counts for itself. */
  readonly dynamicRanges: number;
  readonly restarts: readonly Restart[];
  /** In the order in which they are changed. */
  readonly batches: readonly { readonly canary: boolean; readonly hosts: readonly string[] }[];
  readonly concurrency: number;
  readonly oneAtATimeBy: string | null;
  /** Hosts to change that have no such variable, so that they are kept apart from no other. */
  readonly ungrouped: number;
  readonly pauseMs: number;
  readonly confirmBetweenBatches: boolean;
  readonly maxFailed: HostCount;
  readonly maxFailedTotal: HostCount | null;
  readonly onFailure: OnFailure;
  readonly window: ChangeWindow | null;
  readonly expected: {
    /** When nothing fails. */
    readonly durationMs: number;
    readonly source: PaceSource;
    /** How many earlier runs were measured. */
    readonly runs: number;
    /** Whether that is shorter than the window; null: there is none, or nothing to change. */
    readonly fitsWindow: boolean | null;
  };
}

export function makeHeadline({ hosts, policy }: Pick<FleetPlan, 'hosts' | 'policy'>, paces: Paces): PlanHeadline {
  const { strategy, window, onFailure } = policy;
  const changing = hosts.filter((one) => one.state === 'changes');
  const batches = splitIntoBatches(changing, strategy);
  const exclusions = changing.flatMap((one) => one.steps.filter((step) => step.kind === 'exclusion'));
  const deleted = exclusions.filter((one) => !one.after.active && !one.after.persistent).length;
  const durationMs = expectRunMs(
    batches.map((members) => members.map((host) => timeHost(host, paces))),
    strategy,
  );
  return {
    hosts: hosts.length,
    changing: changing.length,
    leftOut: groupLeftOut(hosts),
    exclusions: { added: exclusions.length - deleted, deleted },
    dynamicRanges: changing.flatMap((one) => one.steps.filter((step) => step.kind === 'dynamic-range')).length,
    restarts: listRestarts(changing, paces),
    batches: batches.map((members, index) => ({
      canary: index === 0 && strategy.canary > 0,
      hosts: members.map((one) => one.target),
    })),
    concurrency: strategy.concurrency,
    oneAtATimeBy: strategy.oneAtATimeBy,
    ungrouped: strategy.oneAtATimeBy === null ? 0 : changing.filter((one) => one.exclusiveGroup === null).length,
    pauseMs: strategy.pauseMs,
    confirmBetweenBatches: strategy.confirmBetweenBatches,
    maxFailed: strategy.maxFailed,
    maxFailedTotal: strategy.maxFailedTotal,
    onFailure,
    window,
    expected: {
      durationMs,
      source: findPaceSource(
        changing.flatMap((one) => listHostKinds(one.steps)),
        paces,
      ),
      runs: paces.runs,
      fitsWindow:
        window === null || changing.length === 0
          ? null
          : durationMs <= Date.parse(window.closesAt) - Date.parse(window.opensAt),
    },
  };
}

function listHostKinds(steps: readonly Step[]): readonly PaceKind[] {
  return ['check', ...listPaceKinds(steps), 'verify'];
}

function timeHost({ steps, exclusiveGroup }: HostPlan, paces: Paces) {
  return { durationMs: sumPaces(listHostKinds(steps), paces), exclusiveGroup };
}

function groupLeftOut(hosts: readonly HostPlan[]): readonly LeftOut[] {
  const groups = new Map<string, LeftOut & { readonly hosts: string[] }>();
  for (const { target, state, findings, failure } of hosts) {
    if (state === 'changes') continue;
    const blocker = findings.find((one) => one.severity === 'blocker');
    const code = state === 'ok' ? null : (failure?.code ?? blocker?.code ?? null);
    const key = `${state} ${code ?? ''}`;
    const group = groups.get(key) ?? { state, code, hosts: [] };
    group.hosts.push(target);
    groups.set(key, group);
  }
  const order: readonly HostPlan['state'][] = ['blocked', 'unreachable', 'ok'];
  return [...groups.values()].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
}

/** What only an undo would stop is no outage of the change. */
function isRestart(step: Step): step is ServiceStep {
  return step.kind === 'service' && step.verb === 'stop' && step.when !== 'undo';
}

function listRestarts(hosts: readonly HostPlan[], paces: Paces): readonly Restart[] {
  const restarts = new Map<string, Restart>();
  for (const { steps } of hosts) {
    const mine = new Map(steps.filter(isRestart).map((stop) => [`${stop.service} ${stop.when ?? ''}`, stop]));
    for (const [key, stop] of mine) {
      const kinds = listOutageKinds(stop, steps);
      const known = restarts.get(key);
      restarts.set(key, {
        service: stop.service,
        hosts: (known?.hosts ?? 0) + 1,
        isCertain: stop.when === undefined,
        usualMs: Math.max(known?.usualMs ?? 0, sumPaces(kinds, paces)),
        source: findPaceSource(kinds, paces),
      });
    }
  }
  return [...restarts.values()].sort((a, b) => Number(b.isCertain) - Number(a.isCertain));
}

/** From the stop to the start that ends the outage. */
function listOutageKinds(stop: ServiceStep, steps: readonly Step[]): readonly PaceKind[] {
  const from = steps.indexOf(stop);
  const isEnd = (one: Step): boolean => one.kind === 'service' && one.verb === 'start' && one.service === stop.service;
  const end = steps.findIndex((one, index) => index > from && isEnd(one));
  return steps.slice(from, end === -1 ? steps.length : end + 1).flatMap((one): readonly PaceKind[] => {
    if (one.kind !== 'service') return ['exclusion'];
    return one.service === stop.service ? [one.verb] : [];
  });
}

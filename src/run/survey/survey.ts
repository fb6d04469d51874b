// Targets -> facts or failure, per host, in parallel, over read-only sessions.
import { collectFacts, type FactsRequest, type RecordedAnswer } from '../../facts/collect.ts';
import { crossCheck } from '../../facts/cross-check.ts';
import { isInDoubt, type CrossCheck } from '../../model/cross-check.ts';
import type { HostFacts } from '../../model/facts.ts';
import { asFailure, type Failure } from '../../model/failure.ts';
import type { Target } from '../../model/target.ts';
import type { Clock, Connector, SafeListener } from '../../model/seams.ts';
import { withDeadline } from '../fleet/deadline.ts';
import { createSlowHosts } from '../fleet/slow-hosts.ts';
import { forEachHost } from '../fleet/pool.ts';
import { readOnly } from './read-only.ts';
import { collectSettled } from './settled.ts';

export type SurveyResult =
  | {
      readonly target: Target;
      readonly facts: HostFacts;
      readonly answers: readonly RecordedAnswer[];
      readonly crossCheck: CrossCheck | null;
    }
  | { readonly target: Target; readonly failure: Failure };

export interface SurveyOptions {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly listener: SafeListener;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** What to ask of this host. */
  readonly requestOf: (target: Target) => FactsRequest;
  /** Ask again until no service is starting or stopping, at most this long: what is planned now is not stale a second later. Default 0. */
  readonly settleMs?: number;
  /** Ask also through CIM, over the same connection, and say whether both ways agree. Default false. */
  readonly crossCheck?: boolean;
  /** How much longer than its deadline a host may take, because it is waited for before it is asked. Default 0. */
  readonly extraMs?: (target: Target) => number;
}

/** One entry per target, in the order given. Never rejects. */
export function surveyHosts(targets: readonly Target[], options: SurveyOptions): Promise<readonly SurveyResult[]>;
/** The same, but of each host only what `keep` makes of it: the facts of thousands of hosts are never in memory together. */
export function surveyHosts<R>(
  targets: readonly Target[],
  options: SurveyOptions,
  keep: (surveyed: SurveyResult) => R,
): Promise<readonly R[]>;
export async function surveyHosts(
  targets: readonly Target[],
  options: SurveyOptions,
  keep: (surveyed: SurveyResult) => unknown = (surveyed) => surveyed,
): Promise<readonly unknown[]> {
  const hostOptions = { ...options, connector: readOnly(options.connector) };
  const patience = createSlowHosts(options.clock);
  const kept = new Array<unknown>(targets.length);
  await forEachHost(targets, { concurrency: options.concurrency }, async (target, place) => {
    const over = patience.watch(place);
    let surveyed: SurveyResult;
    try {
      const extraMs = options.extraMs?.(target) ?? 0;
      surveyed = await withDeadline(
        target,
        options.signal,
        (signal) => surveyHost(target, hostOptions, signal),
        extraMs,
      );
    } catch (thrown) {
      surveyed = { target, failure: asFailure(thrown) };
      options.listener.progress({ host: target.name, doing: 'failed', over: true });
    }
    over('facts' in surveyed);
    kept[place.index] = keep(surveyed);
  });
  return kept;
}

async function surveyHost(
  target: Target,
  { connector, clock, listener, requestOf, settleMs = 0, crossCheck: isChecked = false }: SurveyOptions,
  signal: AbortSignal,
): Promise<SurveyResult> {
  listener.progress({ host: target.name, doing: 'connecting', phase: 'connect' });
  const session = await connector.connect(target, { signal });
  try {
    listener.progress({ host: target.name, doing: 'collecting', phase: 'collect' });
    const settling = { clock, listener, settleMs };
    let { facts, answers } = await collectSettled(target, session, requestOf(target), settling, signal);
    let checked: CrossCheck | null = null;
    if (isChecked) {
      listener.progress({ host: target.name, doing: 'cross-checking', phase: 'check' });
      checked = await crossCheck(session, facts, { signal });
      if (isInDoubt(checked)) {
        // A service may have come or gone between the two questions: only what stays so is said.
        ({ facts, answers } = await collectFacts(session, requestOf(target), clock, { signal }));
        checked = await crossCheck(session, facts, { signal });
      }
    }
    listener.progress({ host: target.name, doing: 'collected', over: true });
    return { target, facts, answers, crossCheck: checked };
  } finally {
    await session.close();
  }
}

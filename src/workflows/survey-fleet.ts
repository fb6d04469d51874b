// The one set-up of everything that asks many hosts and changes none: collect, plan, verify, the dry run of a saved plan, the planning
// half of rollback and resume, and doctor. The one place, too, that ends such a command when it was interrupted meanwhile.
import type { FactsRequest } from '../facts/collect.ts';
import { Failure } from '../model/failure.ts';
import type { Target } from '../model/target.ts';
import type { Clock, Connector, SafeListener } from '../model/seams.ts';
import { surveyHosts, type SurveyResult } from '../run/survey/survey.ts';
import type { Seams } from './seams.ts';

export type SurveySeams = Pick<Seams, 'connector' | 'clock' | 'listener' | 'interrupts'>;

export interface SurveyRequest {
  readonly targets: readonly Target[];
  /** Hosts at once. */
  readonly concurrency: number;
  readonly requestOf: (target: Target) => FactsRequest;
  /** Ask again until no service asked about is on its way, at most so long. Default 0. */
  readonly settleMs?: number;
  /** Ask also through CIM. Default false. */
  readonly crossCheck?: boolean;
  /** How much longer than its deadline a host may take, because it is waited for before it is asked. Default 0. */
  readonly extraMs?: (target: Target) => number;
}

/** Asks every host and keeps of each what `keep` makes of it, in order. Throws Failure `interrupted`. */
export function surveyFleet<R>(
  { targets, ...request }: SurveyRequest,
  seams: SurveySeams,
  keep: (surveyed: SurveyResult) => R,
): Promise<readonly R[]> {
  return askFleet({ doing: 'asking', asked: 'asked', hosts: targets.length }, seams, (asking) =>
    surveyHosts(targets, { ...asking, ...request }, keep),
  );
}

/** What is done with every host, in words: `asking`, `hosts were asked`. */
export interface AskingStage {
  readonly doing: string;
  readonly asked: string;
  readonly hosts: number;
}

/** What asking needs of the world. */
export interface Asking {
  readonly connector: Connector;
  readonly clock: Clock;
  readonly listener: SafeListener;
  readonly signal: AbortSignal;
}

/** A stage over all hosts that changes none. Throws Failure `interrupted` when a signal came meanwhile: what was found then is not whole. */
export async function askFleet<R>(
  { doing, asked, hosts }: AskingStage,
  { connector, clock, listener, interrupts }: SurveySeams,
  ask: (asking: Asking) => Promise<R>,
): Promise<R> {
  listener.progress({ host: '', doing, total: hosts });
  const found = await ask({ connector, clock, listener, signal: interrupts.signal });
  listener.progress({ host: '', doing, over: true });
  if (interrupts.interrupted) {
    throw new Failure('interrupted', `interrupted while hosts were ${asked}; nothing was changed`);
  }
  return found;
}

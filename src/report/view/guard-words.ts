// What a plan says of its hosts' guards: one sentence for every form of it. Pure.
import type { ConfirmedCommit } from '../../model/strategy.ts';

/** `each changed host undoes the change by itself after 15 min, unless the run has verified it by then` */
export function describeGuard({ withinMs, by }: ConfirmedCommit): string {
  const unless =
    by === 'run' ? 'unless the run has verified it by then' : 'unless you confirm it: fencepost confirm RUN';
  return `each changed host undoes the change by itself after ${withinMs / 60_000} min, ${unless}`;
}

// Collects from one host, again until no service is starting or stopping: what is decided from facts now is not stale a second later.
import { collectFacts, type FactsRequest } from '../../facts/collect.ts';
import type { HostFacts } from '../../model/facts.ts';
import type { Clock, SafeListener, Session } from '../../model/seams.ts';
import type { Target } from '../../model/target.ts';

interface SettlingSeams {
  readonly clock: Clock;
  readonly listener: Pick<SafeListener, 'progress'>;
  /** It is waited for no longer. */
  readonly settleMs: number;
}

const lookAgainMs = 1000;

/** Rejects as `collectFacts` does. */
export async function collectSettled(
  { name }: Target,
  session: Session,
  request: FactsRequest,
  { clock, listener, settleMs }: SettlingSeams,
  signal: AbortSignal,
): ReturnType<typeof collectFacts> {
  const startedMs = clock.elapsedMs();
  for (;;) {
    const collected = await collectFacts(session, request, clock, { signal });
    if (!hasServiceOnItsWay(collected.facts) || clock.elapsedMs() - startedMs >= settleMs) return collected;
    const doing = 'waiting for a service to finish starting or stopping';
    listener.progress({ host: name, doing, phase: 'collect' });
    await clock.sleep(lookAgainMs, signal);
  }
}

function hasServiceOnItsWay({ services }: HostFacts): boolean {
  return services.some((one) => one.installed && one.state.endsWith('-pending'));
}

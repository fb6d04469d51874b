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
  let sinceMs: number | null = null;
  for (;;) {
    const collected = await collectFacts(session, request, clock, { signal });
    const moving = findMoving(collected.facts);
    if (moving.length === 0 || clock.elapsedMs() - startedMs >= settleMs) return collected;
    sinceMs ??= clock.elapsedMs();
    listener.progress({ host: name, doing: describeWait(moving, settleMs), sinceMs, phase: 'collect' });
    await clock.sleep(lookAgainMs, signal);
  }
}

interface MovingService {
  readonly name: string;
  readonly state: string;
}

function findMoving({ services }: HostFacts): readonly MovingService[] {
  return services.flatMap((one) =>
    one.installed && one.state.endsWith('-pending') ? [{ name: one.name, state: one.state }] : [],
  );
}

/** So many are named. */
const mostNamed = 3;

/** `waiting for MSExchangeIMAP4BE (stop-pending) to settle, at most 60 s` */
function describeWait(moving: readonly MovingService[], settleMs: number): string {
  const named = moving.slice(0, mostNamed).map(({ name, state }) => `${name} (${state})`);
  const more = moving.length > named.length ? ` and ${moving.length - named.length} more` : '';
  return `waiting for ${named.join(', ')}${more} to settle, at most ${Math.round(settleMs / 1000)} s`;
}

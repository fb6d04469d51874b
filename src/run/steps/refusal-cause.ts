// Why Windows may have refused to add a range: who has one of its ports open now, sockets that are bound without listening among them. It is
// asked once, after the refusal, only for the words of the failure: it decides nothing, and what it can't find out it leaves out.
// Source: facts windows.md sections 2 (sharing violation) and 5 (bound sockets).
import { collectFacts } from '../../facts/collect.ts';
import type { ExclusionStep } from '../../model/plan.ts';
import { describeOpen, describeOwner, findOwners } from '../../model/rules/port-owners.ts';
import { formatRange } from '../../model/port-range.ts';
import type { Clock, Session } from '../../model/seams.ts';

/** `likely because tcp 9933 is bound, without listening, in java.exe, pid 4711`; null: no owner was found. */
export async function findRefusalCause(
  { protocol, range, service }: ExclusionStep,
  { session, clock, signal }: { readonly session: Session; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<string | null> {
  try {
    const request = {
      ranges: [{ range, protocol }],
      services: service === null ? [] : [service],
      protocols: [protocol],
    };
    const { facts } = await collectFacts(session, request, clock, { signal });
    const owners = findOwners(facts, { protocol, range, service }) ?? [];
    const port = `${protocol} ${formatRange(range)}`;
    const words = owners.map((owner) => `${describeOpen(port, owner)} ${describeOwner(owner)}`);
    return words.length === 0 ? null : `likely because ${words.join(' and ')}: free the port, then plan again`;
  } catch {
    return null;
  }
}

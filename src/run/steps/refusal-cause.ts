// Why Windows may refuse to add a range: who has one of its ports open now, sockets that are bound without listening among them. Asked once
// after a refusal, for the words of the failure; and before a range is replaced, for what is deleted under an open port cannot be added
// again. Source: facts windows.md sections 2 (sharing violation) and 5 (bound sockets).
import { collectFacts } from '../../facts/collect.ts';
import type { ExclusionStep } from '../../model/plan.ts';
import { describeOpen, describeOwner, findOwners, isOwnService } from '../../model/rules/port-owners.ts';
import { formatRange } from '../../model/port-range.ts';
import type { Clock, Session } from '../../model/seams.ts';

interface Asked {
  readonly session: Session;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The same, without the service the range is for: it runs again by now. */
export async function findOtherCause(step: ExclusionStep, asked: Asked): Promise<string | null> {
  const found = await describeOwners(step, asked, false);
  return found === null || found === '' ? null : `likely because ${found}: free the port, then plan again`;
}

/** `likely because tcp 9933 is bound, without listening, in java.exe, pid 4711`; null: no owner was found. */
export async function findRefusalCause(step: ExclusionStep, asked: Asked): Promise<string | null> {
  const found = await describeOwners(step, asked);
  return found === null || found === '' ? null : `likely because ${found}: free the port, then plan again`;
}

/** Why the range must not be deleted to be added again; null: nobody has one of its ports open. */
export async function findWhyNotReplace(step: ExclusionStep, asked: Asked): Promise<string | null> {
  const found = await describeOwners(step, asked);
  if (found === '') return null;
  const port = `${step.protocol} ${formatRange(step.range)}`;
  return found === null
    ? `it was not replaced, for whether ${port} is open could not be checked: plan again`
    : `it was not replaced, for ${found}: free the port, then plan again`;
}

/** Empty: there are none; null: the host could not be asked. */
async function describeOwners(
  { protocol, range, service }: ExclusionStep,
  { session, clock, signal }: Asked,
  withOwn = true,
): Promise<string | null> {
  try {
    const request = {
      ranges: [{ range, protocol }],
      services: service === null ? [] : [service],
      protocols: [protocol],
    };
    const { facts } = await collectFacts(session, request, clock, { signal });
    const owners = findOwners(facts, { protocol, range, service });
    const port = `${protocol} ${formatRange(range)}`;
    const told = owners?.filter((owner) => withOwn || !isOwnService(owner));
    return told?.map((owner) => `${describeOpen(port, owner)} ${describeOwner(owner)}`).join(' and ') ?? null;
  } catch {
    return null;
  }
}

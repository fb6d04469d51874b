// What a doctor asks a host that lets one in, in one command line: all the facts that a plan would be made from,
// the rights of the account among them. It asks only, and concludes nothing: what that means for a change says the judgement that plans are made by.
import type { HostFacts } from '../model/facts.ts';
import type { Clock, Session, SessionOptions } from '../model/seams.ts';
import { exchangeName } from '../windows/exchange.ts';
import { windowsName } from '../windows/version.ts';
import { collectFacts, type FactsRequest } from './collect.ts';

export interface Examination {
  readonly facts: HostFacts;
  /** `Windows Server 2019`, for a version that was read. */
  readonly windowsName: string;
  /** Null: there is no Exchange 2013 or later, or that was not read. */
  readonly exchangeName: string | null;
}

/** Asks with one `session.ask`. Rejects with the session's Failures and, when the answer breaks off, `answer/incomplete`. */
export async function examineHost(
  session: Session,
  request: FactsRequest,
  clock: Clock,
  options: SessionOptions = {},
): Promise<Examination> {
  const { facts } = await collectFacts(session, request, clock, options);
  return {
    facts,
    windowsName: windowsName(facts.windows),
    exchangeName: facts.exchange === null ? null : exchangeName(facts.exchange),
  };
}

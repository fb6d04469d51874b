// What a doctor asks a host that lets one in, in one command line: the rights of the account, and all the facts that a plan would be made
// from. It asks only, and concludes nothing: what that means for a change says the judgement that plans are made by.
import type { HostFacts } from '../model/facts.ts';
import type { Clock, Session, SessionOptions } from '../model/seams.ts';
import { exchangeName } from '../windows/exchange.ts';
import type { Reading } from '../windows/lines.ts';
import { readRights, showRights, type Rights } from '../windows/rights.ts';
import { prepareScript, writeScript } from '../windows/script.ts';
import { windowsName } from '../windows/version.ts';
import { readAnswerParts } from './answer-parts.ts';
import { factsLines, readCollected, type FactsRequest } from './collect.ts';

export interface Examination {
  readonly rights: Reading<Rights>;
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
  const script = writeScript(prepareScript([showRights, ...factsLines(request)]), session.newNonce());
  const collectedAt = clock.now();
  const answer = await session.ask(script.line, options);
  const [rights, ...parts] = readAnswerParts(answer, script, false);
  const { facts } = readCollected(request, parts, collectedAt);
  return {
    rights: readRights(rights?.text ?? '', rights?.exitCode ?? 0),
    facts,
    windowsName: windowsName(facts.windows),
    exchangeName: facts.exchange === null ? null : exchangeName(facts.exchange),
  };
}

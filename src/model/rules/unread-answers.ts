// What an answer that is missing means, and what to do: ONE finding for one cause, however many questions it kept from being answered.
// Plan, verify, collect and doctor all say it in these words. It judges no severity; that depends on whether something is to be changed.
import { adviceOnRights, describeRights, isKnownUnprivileged } from './account-rights.ts';
import type { Gap, HostFacts } from '../facts.ts';
import { groupBy } from '../lists/group-by.ts';
import { socketsQuestion } from './port-owners.ts';

/** How gaps name the other questions. */
export const processesQuestion = 'processes';
export const exchangeQuestion = 'exchange version';

export interface UnreadFinding {
  readonly code: 'account-rights' | 'netsh-refused' | 'facts-incomplete';
  readonly sentence: string;
  readonly hint: string;
  /** The questions it is about; none: it keeps no answer back. */
  readonly questions: readonly string[];
}

/** First what the account may not do; it explains why services and processes were refused. */
export function explainUnread({ rights, gaps }: Pick<HostFacts, 'rights' | 'gaps'>): readonly UnreadFinding[] {
  const own = isKnownUnprivileged(rights) ? gaps.filter(isOfRights) : [];
  const left = gaps.filter((one) => !own.includes(one));
  // netsh repeats the words of a command that it refuses, so its reasons differ where the cause is one.
  const causeOf = ({ question, reason, refused }: Gap): string =>
    refused === true && isOfNetsh(question) ? 'netsh' : `${refused === true ? 'conflict' : 'unread'} ${reason}`;
  const found = [...groupBy(left, causeOf).values()].map(explainAlike);
  if (!isKnownUnprivileged(rights)) return found;
  const unseen = own.length === 0 ? '' : ` and sees neither services nor processes`;
  const sentence = `${describeRights(rights)}: it can change nothing${unseen}`;
  const questions = own.map((one) => one.question);
  return [{ code: 'account-rights', sentence, hint: adviceOnRights(rights), questions }, ...found];
}

/** sc and tasklist are for administrators (windows.md 0.11). */
function isOfRights({ question, refused }: Gap): boolean {
  return refused === true && (question === processesQuestion || isOfService(question));
}

export function isOfService(question: string): boolean {
  return /^(?:state of service|start type of) /.test(question);
}

export function isOfNetsh(question: string): boolean {
  return /^(?:exclusions|dynamic range) /.test(question);
}

/** Gaps with one cause. */
function explainAlike(gaps: readonly Gap[]): UnreadFinding {
  const questions = gaps.map((one) => one.question);
  const { reason = '', refused, question = '' } = gaps[0] ?? {};
  const about = questions.join(', ');
  if (refused === true && isOfNetsh(question)) {
    return {
      code: 'netsh-refused',
      sentence: `netsh did not answer (${about}): ${reason}`,
      hint: 'see what keeps this account from running netsh.exe: a policy (AppLocker, software restriction), or run the command there by hand',
      questions,
    };
  }
  const many = questions.length > 1;
  const sentence =
    refused === true
      ? `Windows refused to tell ${about}: ${reason}`
      : `the ${many ? 'answers' : 'answer'} about ${about} could not be read whole: ${reason}`;
  return { code: 'facts-incomplete', sentence, hint: adviceOn(question, refused === true), questions };
}

function adviceOn(question: string, isRefused: boolean): string {
  if (isRefused && question === exchangeQuestion) {
    return 'let this account read HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup, or use another account';
  }
  if (isRefused && question !== socketsQuestion) {
    return 'run the command on the server as this account; fencepost collect --json names it';
  }
  return 'send us the answer: fencepost collect --json holds it word for word';
}

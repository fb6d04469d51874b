// What the answers of a host mean for a person, as the checks of a doctor. Pure. Each check is ok or not, with what to do. What blocks a
// change is a plan's to say, not decided here.
import type { Examination } from '../../facts/examine.ts';
import type { HostFacts } from '../../model/facts.ts';
import type { Finding, FindingCode } from '../../model/plan.ts';
import { isKnownUnprivileged, rightsQuestion } from '../../model/rules/account-rights.ts';
import {
  findOwners,
  findService,
  socketsQuestion,
  type PortOwner,
  isWindowsItself,
  isOwnService,
  adviceOnWindowsItself,
} from '../../model/rules/port-owners.ts';
import { mergeAlike } from '../../model/text/merge-alike.ts';
import { formatRange } from '../../model/port-range.ts';
import type { DesiredExclusion } from '../../model/desired.ts';
import type { UnreadFinding } from '../../model/rules/unread-answers.ts';
import { exchangeQuestion, explainUnread, isOfNetsh, processesQuestion } from '../../model/rules/unread-answers.ts';
import { doubtful, notNeeded, passed, type Check, type CheckName } from './check.ts';

/** What is desired of the host, and what a plan would find there: blockers, warnings and notes. */
export interface ChecksContext {
  readonly desired: readonly DesiredExclusion[];
  readonly findings: readonly Finding[];
}

/**
 * What the answers from inside a host mean. A check fails exactly where a plan would be blocked, and its account could change nothing: what
 * a plan only warns of is a warning here.
 */
export function makeChecks(examination: Examination, { desired, findings }: ChecksContext): readonly Check[] {
  const { facts, windowsName, exchangeName } = examination;
  const unread = explainUnread(facts);
  const isAbout = (name: CheckName, { questions }: UnreadFinding): boolean =>
    questions.some((question) => checkOfGap(question) === name);
  const ofRights = unread.find((one) => one.code === 'account-rights') ?? null;
  const others = unread.filter((one) => one !== ofRights);
  const check = (name: InnerCheck, ok: () => Check): Check => {
    const found = findings.filter((one) => checkOfCode[one.code] === name);
    const blockers = found.filter((one) => one.severity === 'blocker');
    const missing = others.find((one) => isAbout(name, one));
    if (blockers.length > 0) return blocked(name, blockers, facts, desired);
    if (missing !== undefined) return unanswered(name, missing, findings);
    if (name === 'services' && ofRights !== null && isAbout(name, ofRights)) {
      return { ...passed(name, 'this account may not ask for services'), state: 'skipped' };
    }
    // A service is not called in order while it is not known which port it uses.
    const warnings = found.filter((one) => one.severity === 'warning' || one.code === 'port-unknown');
    const [first] = warnings;
    if (first === undefined) return withNotes(ok(), found);
    return doubtful(name, joinSentences(warnings), { cure: joinHints(warnings), code: first.code });
  };
  return [
    checkOfRights(facts, others.find((one) => isAbout('rights', one)) ?? null, ofRights, findings),
    check('windows', () => passed('windows', windowsName)),
    check('netsh', () => passed('netsh', 'knows port exclusions')),
    check('exchange', () => checkOfExchange(exchangeName, facts)),
    check('services', () => checkOfServices(facts, desired)),
    check('ports', () => checkOfPorts(facts, desired, !findings.some((one) => one.code.startsWith('backend-port-')))),
    check('guards', () => checkOfGuards(facts)),
  ];
}

/** Nothing is wrong, and there is nothing to protect either. */
function withNotes(check: Check, found: readonly Finding[]): Check {
  const notes = found.filter((one) => one.code === 'outside-dynamic-range');
  return notes.length === 0 ? check : { ...check, detail: `${check.detail}; ${joinSentences(notes)}` };
}

function joinSentences(findings: readonly Finding[]): string {
  return mergeAlike(findings, (one) => one.code)
    .map((one) => one.sentence)
    .join('; ');
}

function joinHints(findings: readonly Finding[]): string | null {
  const hints = [...new Set(findings.flatMap((one) => (one.hint === null ? [] : [one.hint])))];
  return hints.length === 0 ? null : hints.join('; ');
}

/** The checks that a plan's findings and gaps belong to. */
type InnerCheck = 'windows' | 'netsh' | 'exchange' | 'services' | 'ports' | 'guards';

/** Every finding has its check, so that none gets lost; those about answers go by the questions that were not answered. */
const checkOfCode: Readonly<Record<FindingCode, InnerCheck | null>> = {
  'facts-incomplete': null,
  'netsh-refused': null,
  'account-rights': null,
  'netsh-too-old': 'netsh',
  'unexpected-lines': 'netsh',
  'outside-dynamic-range': 'ports',
  'unusual-dynamic-range': 'netsh',
  'dynamic-range-limits': 'netsh',
  'not-exchange': 'exchange',
  'service-not-installed': 'services',
  'port-elsewhere': 'services',
  'port-unknown': 'services',
  'backend-port-unset': 'services',
  'backend-port-conflict': 'services',
  'foreign-range': 'ports',
  'range-in-the-way': 'ports',
  'persistent-not-shown': 'ports',
  'held-by-own-service': 'ports',
  'held-by-stranger': 'ports',
  'held-in-doubt': 'ports',
  'changed-since': 'ports',
  'guard-cannot-undo': 'guards',
  'guard-left': 'guards',
  'guards-not-known': 'guards',
  'undone-by-guard': 'guards',
};

function checkOfGap(question: string): CheckName {
  if (question === rightsQuestion) return 'rights';
  if (question === 'windows version') return 'windows';
  if (question === exchangeQuestion) return 'exchange';
  if (isOfNetsh(question)) return 'netsh';
  return question === socketsQuestion || question === processesQuestion ? 'ports' : 'services';
}

/** An account that can change nothing is not ready, whether or not anything is to be changed today. */
function checkOfRights(
  { rights }: HostFacts,
  missing: UnreadFinding | null,
  ofRights: UnreadFinding | null,
  findings: readonly Finding[],
): Check {
  if (missing !== null) return { ...unanswered('rights', missing, findings), state: 'failed' };
  if (ofRights !== null) {
    const { code, sentence, hint } = ofRights;
    return { name: 'rights', state: 'failed', detail: sentence, evidence: null, cure: hint, code };
  }
  if (rights === 'administrator') return passed('rights', 'administrator, with all its rights');
  return doubtful('rights', 'the rights of the account are not known', {});
}

/** What blocks a change here, as a plan would say it; process ids differ from host to host and are evidence. */
function blocked(
  name: CheckName,
  blockers: readonly Finding[],
  facts: HostFacts,
  desired: readonly DesiredExclusion[],
): Check {
  const isOwned = (one: Finding): boolean => one.code.startsWith('held-');
  const others = blockers.filter((one) => !isOwned(one));
  const owned = blockers.some(isOwned) ? [ownersInWords(facts, desired)] : [];
  return {
    name,
    state: 'failed',
    detail: [...(others.length === 0 ? [] : [joinSentences(others)]), ...owned].join('; '),
    evidence: blockers.some(isOwned) ? processIdsInWords(facts, desired) : null,
    cure: joinHints(blockers),
    code: blockers[0]?.code ?? null,
  };
}

function checkOfExchange(name: string | null, { exchange }: HostFacts): Check {
  if (name === null || exchange === null) return notNeeded('exchange', 'no Exchange 2013 or later is installed');
  const { major, minor, build, revision } = exchange;
  return passed('exchange', name, `${major}.${minor}.${build}.${revision}`);
}

/** A back end that is stopped is in order: Manual is its usual start type (windows.md section 4). */
function checkOfServices({ services, exchange }: HostFacts, desired: readonly DesiredExclusion[]): Check {
  if (desired.every((one) => one.service === null)) return notNeeded('services', 'the playbook names no service');
  const detail = services.map((one) => `${one.name} ${one.installed ? one.state : 'not installed'}`).join(', ');
  if (services.every((one) => one.installed)) return passed('services', detail);
  return exchange === null
    ? notNeeded('services', detail)
    : doubtful('services', detail, { code: 'service-not-installed' });
}

/** Nothing blocks a change: a stranger may still have a reserved port open, and keeps the service from starting. */
function checkOfPorts(facts: HostFacts, desired: readonly DesiredExclusion[], isKnown: boolean): Check {
  const detail = ownersInWords(facts, desired);
  const present = ownersOf(facts, desired).filter(({ one }) => one.presence === 'present');
  const evidence = processIdsInWords(facts, desired);
  const strangers = present.filter(({ owner }) => owner.kind === 'stranger');
  if (strangers.length > 0) {
    const advice = strangers.every(({ owner }) => isWindowsItself(owner))
      ? adviceOnWindowsItself
      : 'stop or restart it';
    const cure = `the port is reserved, but its own service can't open it before that process gives it up: ${advice}`;
    return doubtful('ports', detail, { evidence, cure, code: 'held-by-stranger' });
  }
  const isUntold = present.some(
    ({ one, owner }) =>
      owner.kind === 'unknown' || (isOwnService(owner) && findService(facts, one.service ?? '') === null),
  );
  if (isUntold) {
    // The check of the rights says what to do.
    const cure = isKnownUnprivileged(facts.rights) ? null : 'check again: the process may have ended since';
    return doubtful('ports', `${detail}: not known whether its own service has it`, {
      evidence,
      cure,
      code: 'held-in-doubt',
    });
  }
  if (detail !== '' || isKnown) return passed('ports', detail === '' ? 'all desired ports are free' : detail);
  // Of a port that is not known nobody can say that it is free.
  if (desired.length > 0) return passed('ports', 'the desired ports that are known are free');
  return { ...passed('ports', 'no desired port is known'), state: 'skipped' };
}

function checkOfGuards({ guards }: HostFacts): Check {
  if (Array.isArray(guards)) return passed('guards', 'no guard of a run is left');
  return { ...passed('guards', 'this account may not ask for tasks'), state: 'skipped' };
}

function ownersOf(
  facts: HostFacts,
  desired: readonly DesiredExclusion[],
): readonly { readonly one: DesiredExclusion; readonly owner: PortOwner }[] {
  return desired.flatMap((one) => (findOwners(facts, one) ?? []).map((owner) => ({ one, owner })));
}

/** `tcp 9933 open in its own service, tcp 9955 open in broker.exe` */
function ownersInWords(facts: HostFacts, desired: readonly DesiredExclusion[]): string {
  const words = ownersOf(facts, desired).map(({ one, owner }) => {
    const range = `${one.protocol} ${formatRange(one.range)}`;
    const image = owner.process?.imageName ?? 'a process that is not shown';
    switch (owner.kind) {
      case 'closing':
        return `${range} closing`;
      case 'own':
        return `${range} open in its own service`;
      case 'worker':
        return `${range} open in ${image}, a worker of its own service`;
      default:
        return `${range} open in ${image}`;
    }
  });
  return [...new Set(words)].join(', ');
}

function processIdsInWords(facts: HostFacts, desired: readonly DesiredExclusion[]): string | null {
  const ids = ownersOf(facts, desired).flatMap(({ owner }) => (owner.kind === 'closing' ? [] : [owner.processId]));
  return ids.length === 0 ? null : `pid ${[...new Set(ids)].join(', ')}`;
}

/** It fails where a plan is blocked by it. */
function unanswered(name: CheckName, { code, sentence, hint }: UnreadFinding, findings: readonly Finding[]): Check {
  const isBlocking = findings.some((one) => one.sentence === sentence && one.severity === 'blocker');
  return { name, state: isBlocking ? 'failed' : 'warning', detail: sentence, evidence: null, cure: hint, code };
}

// Everything Fencepost asks a host, in one command line and so in one request for the session, and the answers as HostFacts.
// It concludes nothing, and an answer it can't read whole becomes a gap, never a guess. It changes nothing on the host.
import { rightsQuestion, type AccountRights } from '../model/rules/account-rights.ts';
import { exchangeQuestion, processesQuestion } from '../model/rules/unread-answers.ts';
import type {
  ExchangeVersion,
  Gap,
  HostFacts,
  Noise,
  Process,
  ServiceFacts,
  Socket,
  WindowsVersion,
} from '../model/facts.ts';
import { families } from '../model/host-state.ts';
import type { DynamicRange, Protocol } from '../model/host-state.ts';
import { socketsQuestion } from '../model/rules/port-owners.ts';
import { containsPort, listPorts, type PortRange } from '../model/port-range.ts';
import type { Clock, Session, SessionOptions } from '../model/seams.ts';
import { readDynamicRange, showDynamicRange } from '../windows/dynamic-ports.ts';
import { readExchange, showExchange, showExchangeKeys, showMicrosoftKeys } from '../windows/exchange.ts';
import type { Reading } from '../windows/cmd/lines.ts';
import { readBoundSockets, readSockets, showBoundSockets, showSockets } from '../windows/listeners.ts';
import { listTasks, readGuardTasks } from '../windows/guard.ts';
import { readProcesses, showProcesses } from '../windows/processes.ts';
import { readRights, showRights } from '../windows/rights.ts';
import { prepareScript, writeScript } from '../windows/cmd/script.ts';
import type { PreparedScript, ScriptPart } from '../windows/cmd/script.ts';
import { readServiceState, readStartType, showServiceConfig, showServiceState } from '../windows/services.ts';
import { readVersion, showVersion, unknownWindows } from '../windows/version.ts';
import { readAnswerParts } from './answer-parts.ts';
import { readTables, exclusionQuestions } from './exclusion-tables.ts';
import { describeNoise } from './noise.ts';
import { rememberReadings } from './remembered-readings.ts';

const boundSocketsQuestion = 'bound sockets';
const exchangeKeysQuestion = 'keys of Exchange';
const microsoftKeysQuestion = 'keys of Microsoft';
const guardsQuestion = 'guards';

export interface FactsRequest {
  /** The desired ranges; every socket on one of their ports is kept. */
  readonly ranges: readonly { readonly range: PortRange; readonly protocol: Protocol }[];
  /** Names of the services to ask about. */
  readonly services: readonly string[];
  /** Whose exclusion tables and dynamic ranges to read. */
  readonly protocols: readonly Protocol[];
}

/** One answer word for word, for a trace or a bug report. Nothing decides by it. */
export interface RecordedAnswer {
  readonly question: string;
  readonly line: string;
  readonly exitCode: number;
  readonly text: string;
}

export interface CollectResult {
  readonly facts: HostFacts;
  readonly answers: readonly RecordedAnswer[];
}

/**
 * Asks the host everything with one `session.ask`. Rejects with the session's Failures, `command/too-long` when the request
 * asks for too much, and `answer/incomplete` (retry `same-request`) when the answer breaks off.
 */
export async function collectFacts(
  session: Session,
  request: FactsRequest,
  clock: Clock,
  options: SessionOptions = {},
): Promise<CollectResult> {
  const script = writeScript(prepareQuestions(request).script, session.newNonce());
  // Before the question, so that facts are never older than they say.
  const collectedAt = clock.now();
  const answer = await session.ask(script.line, options);
  return readCollected(request, readAnswerParts(answer, script, false), collectedAt);
}

/** The answers to the questions of a request, in their order, as facts. */
function readCollected(request: FactsRequest, parts: readonly ScriptPart[], collectedAt: string): CollectResult {
  const { asked, all } = prepareQuestions(request);
  const answers = all.map(({ question, line }, index) => ({ question, line, ...findPart(parts, index) }));
  return { facts: readFacts(request, asked, collectedAt, answers), answers };
}

const readers = {
  version: rememberReadings(readVersion),
  rights: rememberReadings(readRights),
  dynamicRange: rememberReadings(readDynamicRange),
  sockets: rememberReadings(readSockets),
  processes: rememberReadings(readProcesses),
};

interface PreparedQuestions {
  readonly asked: ReturnType<typeof listQuestions>;
  readonly all: readonly { readonly question: string; readonly line: string }[];
  /** All of it as one command line. */
  readonly script: PreparedScript;
}

/** A whole fleet is asked with one request: its questions are written once. */
const prepared = new WeakMap<FactsRequest, PreparedQuestions>();

function prepareQuestions(request: FactsRequest): PreparedQuestions {
  const known = prepared.get(request);
  if (known !== undefined) return known;
  const asked = listQuestions(request);
  const all = Object.values(asked).flat();
  const made = { asked, all, script: prepareScript(all.map((one) => one.line)) };
  prepared.set(request, made);
  return made;
}

/** The questions by kind, in the order they are asked. */
function listQuestions(request: FactsRequest) {
  const services = removeDuplicates(request.services);
  const ports = request.ranges.flatMap(({ range }) => listPorts(range));
  const boundSockets = showBoundSockets(ports);
  return {
    windows: [{ question: 'windows version', line: showVersion }],
    rights: [{ question: rightsQuestion, line: showRights }],
    tables: exclusionQuestions(request.protocols),
    dynamicRanges: [...new Set(request.protocols)].flatMap((protocol) =>
      families.map((family) => ({
        question: `dynamic range ${family} ${protocol}`,
        line: showDynamicRange(family, protocol),
        family,
        protocol,
      })),
    ),
    // Before the sockets: a service seen stopped has given up its ports by the time they are read, and one on its way is seen so.
    states: services.map((name) => ({ question: `state of service ${name}`, line: showServiceState(name), name })),
    sockets: [{ question: socketsQuestion, line: showSockets(ports) }],
    boundSockets: boundSockets === null ? [] : [{ question: boundSocketsQuestion, line: boundSockets }],
    processes: [{ question: processesQuestion, line: showProcesses }],
    startTypes: services.map((name) => ({ question: `start type of ${name}`, line: showServiceConfig(name), name })),
    exchange: [
      { question: exchangeQuestion, line: showExchange },
      { question: exchangeKeysQuestion, line: showExchangeKeys },
      { question: microsoftKeysQuestion, line: showMicrosoftKeys },
    ],
    guards: [{ question: guardsQuestion, line: listTasks() }],
  };
}

function readFacts(
  request: FactsRequest,
  asked: PreparedQuestions['asked'],
  collectedAt: string,
  answers: readonly RecordedAnswer[],
): HostFacts {
  const gaps: Gap[] = [];
  const noise: Noise[] = [];
  const answerTo = new Map(answers.map((answer) => [answer.question, answer]));
  const findAnswer = (question: string): { readonly text: string; readonly exitCode: number } =>
    answerTo.get(question) ?? { text: '', exitCode: 0 };
  /** The part that answers a question read by `read`; a problem is noted as a gap and read as null. */
  function readPart<T>(question: string, read: (text: string, exitCode: number) => Reading<T>): T | null {
    const { text, exitCode } = findAnswer(question);
    const reading = read(text, exitCode);
    if ('value' in reading) {
      noise.push(...describeNoise(question, reading.noise));
      return reading.value;
    }
    gaps.push({ question, reason: reading.problem, ...(reading.refused === true ? { refused: true } : {}) });
    return null;
  }

  const windows: WindowsVersion | null = readPart('windows version', readers.version);
  const rights: AccountRights | null = readPart(rightsQuestion, readers.rights);
  const dynamicRanges: DynamicRange[] = [];
  for (const { question, family, protocol } of asked.dynamicRanges) {
    const range = readPart(question, readers.dynamicRange);
    if (range !== null) dynamicRanges.push({ family, protocol, range });
  }
  const tableParts = asked.tables.flatMap(({ question }) => answerTo.get(question) ?? []);
  // A netsh that refuses everything is forbidden, not too old.
  const isAnswering = dynamicRanges.length > 0 || asked.dynamicRanges.length === 0;
  const {
    tables,
    gaps: tableGaps,
    noise: tableNoise,
    exclusionSupport,
  } = readTables(asked.tables, tableParts, isAnswering ? windows : null);
  gaps.push(...tableGaps);
  noise.push(...tableNoise);
  const listed = readPart(socketsQuestion, readers.sockets) ?? [];
  const bound = listed.length === 0 ? [] : readBoundSockets(findAnswer(boundSocketsQuestion).text, listed);
  const sockets = [...listed, ...bound].filter((socket) => isKept(socket, request));
  const processes = readPart(processesQuestion, readers.processes) ?? [];
  const services: ServiceFacts[] = [];
  for (const [index, { question, name }] of asked.states.entries()) {
    const status = readPart(question, (text, exitCode) => readServiceState(name, text, exitCode));
    const startType = readPart(asked.startTypes[index]?.question ?? '', (text, exitCode) =>
      readStartType(name, text, exitCode),
    );
    if (status?.installed === false) services.push({ name, installed: false });
    else if (status !== null) services.push({ name, ...status, startType });
  }
  const exchange: ExchangeVersion | null = readPart(exchangeQuestion, (text, exitCode) =>
    readExchange({ text, exitCode }, findAnswer(exchangeKeysQuestion), findAnswer(microsoftKeysQuestion)),
  );
  const tasks = findAnswer(guardsQuestion);
  return {
    collectedAt,
    rights,
    windows: windows ?? unknownWindows,
    exchange,
    exclusionSupport,
    state: { exclusionTables: tables, dynamicRanges },
    sockets,
    processes: processes.filter((process) => isOwner(process, sockets, services)),
    services,
    gaps,
    // Whoever may not see a task is not told of it: only an administrator's list is whole.
    guards: rights === 'administrator' ? readGuardTasks(tasks.text, tasks.exitCode) : null,
    ...(noise.length === 0 ? {} : { noise }),
  };
}

function isKept(socket: Socket, request: FactsRequest): boolean {
  return (
    socket.listening ||
    request.ranges.some(({ range, protocol }) => socket.protocol === protocol && containsPort(range, socket.localPort))
  );
}

/** Owns a kept socket, or hosts a service that was asked about. */
function isOwner(process: Process, sockets: readonly Socket[], services: readonly ServiceFacts[]): boolean {
  const hosted = process.services.map((name) => name.toLowerCase());
  return (
    sockets.some((socket) => socket.processId === process.processId) ||
    services.some(
      (one) => one.installed && (one.processId === process.processId || hosted.includes(one.name.toLowerCase())),
    )
  );
}

/** Windows takes service names that differ in case only for the same service. */
function removeDuplicates(names: readonly string[]): readonly string[] {
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()];
}

function findPart(parts: readonly ScriptPart[], index: number): ScriptPart {
  return parts[index] ?? { text: '', exitCode: 0 };
}

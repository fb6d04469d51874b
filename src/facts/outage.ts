// A whole outage as one line, and its answer read: what each command of it printed, and the looks around each. A part that the line left out
// is null. Whether the line is short enough for cmd is asked here; what it is made of says windows/outage-line.ts.
import type { ExclusionTable, Protocol } from '../model/host-state.ts';
import type { ExclusionStep } from '../model/plan.ts';
import type { Outage } from '../model/rules/outage.ts';
import type { Answer } from '../model/seams.ts';
import { findExclusion } from '../windows/excluded-ports.ts';
import { showSockets } from '../windows/listeners.ts';
import { writeOutageLine } from '../windows/outage-line.ts';
import { skippedExitCode } from '../windows/cmd/programs.ts';
import { longestLine, someNonce, type Script, type ScriptPart } from '../windows/cmd/script.ts';
import { readServiceState, showServiceState, type ServiceStatus } from '../windows/services.ts';
import { readAnswerParts } from './answer-parts.ts';
import { exclusionQuestions, readTables } from './exclusion-tables.ts';
import { joinParts } from './exclusion-change.ts';
import { readServiceParts, type ServiceChangeResult } from './service-change.ts';

export { outageBoundMs } from '../windows/outage-line.ts';

export interface OutageRequest {
  readonly outage: Outage;
  readonly protocols: readonly Protocol[];
  /** Nothing on the host shows the persistent store that the step is about: whether the range is missing the active one tells. */
  readonly isHidden: (step: ExclusionStep) => boolean;
}

/** Null: the line would grow longer than cmd takes. */
export function writeOutage(request: OutageRequest, nonce: string): Script | null {
  return write(request, someNonce).line.length > longestLine ? null : write(request, nonce);
}

function write({ outage, protocols, isHidden }: OutageRequest, nonce: string): Script {
  const { stop, exclusions } = outage;
  const ports = listPorts(outage);
  const tables = exclusionQuestions(protocols).map((one) => one.line);
  return writeOutageLine(
    {
      service: stop.service,
      ports,
      first: [showServiceState(stop.service), ...tables],
      looks: [showServiceState(stop.service), showSockets(ports)],
      ranges: exclusions.map((step) => ({
        commands: step.commands.map(({ line, store }) => ({
          line,
          unless: findExclusion(step.family, step.protocol, step.range, isHidden(step) ? 'active' : store),
        })),
        looks: tables,
      })),
    },
    nonce,
  );
}

type ServiceResult = Pick<ServiceChangeResult, 'service' | 'exit' | 'sockets' | 'gaps'>;

export interface OutageResult {
  readonly serviceBefore: ServiceStatus | null;
  readonly stop: ScriptPart;
  readonly stopped: ServiceResult;
  /** Of each range: its commands as one (null: none was needed or allowed), and the tables before and after. */
  readonly ranges: readonly {
    readonly change: ScriptPart | null;
    readonly tablesBefore: readonly ExclusionTable[];
    readonly tables: readonly ExclusionTable[];
  }[];
  /** Null: it was not told to stop either. */
  readonly start: ScriptPart | null;
  readonly started: ServiceResult;
}

/** Throws Failure `answer/incomplete` with effect `unknown`. `asked`: what `writeOutage` made of the same request. */
export function readOutage(answer: Answer, asked: Script, { outage, protocols }: OutageRequest): OutageResult {
  const { service } = outage.stop;
  const ports = listPorts(outage);
  const parts = [...readAnswerParts(answer, asked, true)];
  const take = (): ScriptPart => parts.shift() ?? { text: '', exitCode: 0 };
  const takeTables = (): readonly ExclusionTable[] => {
    const questions = exclusionQuestions(protocols);
    return readTables(
      questions,
      questions.map(() => take()),
      null,
    ).tables;
  };
  const takeService = (): ServiceResult => {
    const [state, sockets] = [take(), take()];
    return readServiceParts(state, sockets, service, ports);
  };
  const statePart = take();
  const before = readServiceState(service, statePart.text, statePart.exitCode);
  let tables = takeTables();
  const stop = take();
  const stopped = takeService();
  const ranges = outage.exclusions.map(({ commands }) => {
    const sent = commands.map(() => take()).filter((one) => one.exitCode !== skippedExitCode);
    const tablesBefore = tables;
    tables = takeTables();
    return { change: sent.length === 0 ? null : joinParts(sent), tablesBefore, tables };
  });
  const start = take();
  return {
    serviceBefore: 'value' in before ? before.value : null,
    stop,
    stopped,
    ranges,
    start: start.exitCode === skippedExitCode ? null : start,
    started: takeService(),
  };
}

function listPorts({ stop, start }: Outage): readonly number[] {
  return [...new Set([...stop.listensOn, ...start.listensOn].map((one) => one.port))];
}

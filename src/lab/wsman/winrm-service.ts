// The WinRM service of one simulated server: a SOAP request in, its answer out. It checks headers, picks the operation and
// puts the result into an envelope; HTTP, authentication, sealing and trouble on purpose are not here.
// Source: MS-WSMV 3.1.4.1; facts wsman.md section 8; recordings in wsman-samples/pypsrp.
import { actions } from '../../winrm/soap/namespaces.ts';
import { performCim } from '../cim/operations.ts';
import type { CimService } from '../cim/operations.ts';
import { createEnumerationTable } from '../cim/enumerations.ts';
import type { StrangerDeed } from '../scenario/server-spec.ts';
import { doAsStranger } from '../stranger.ts';
import { writeFault, writeMustUnderstandFault } from './fault-xml.ts';
import { checkHeaders } from './header-checks.ts';
import type { LabClock } from '../lab-clock.ts';
import { reboot, type Machine } from '../machine/machine.ts';
import { findNextDueMs } from '../machine/scheduled-task.ts';
import { startServicesAtBoot } from '../machine/service-control.ts';
import { runDueTasks } from '../tasks/run-due-tasks.ts';
import * as operations from './shell-operations.ts';
import type { Caller, OperationResult, ShellService } from './shell-operations.ts';
import { chooseLimits } from './service-limits.ts';
import { createShellTable } from './shells.ts';
import { writeIdentifyAnswer, writeSoapAnswer } from './soap.ts';
import type { SoapRequest } from './soap.ts';
import type { LabFault } from './soap-faults.ts';

export interface WinrmServiceOptions {
  readonly machine: Machine;
  readonly clock: LabClock;
  /** A new upper-case GUID. */
  readonly newGuid: () => string;
  readonly commandMs: number;
  readonly elevated: boolean;
}

export interface SoapAnswer {
  readonly status: 200 | 500;
  readonly body: string;
  /** To be called when the whole answer has left; until then a repeated Receive gets the same output. */
  readonly delivered: () => void;
}

export interface WinrmService {
  readonly openShells: number;
  /** Enumerations that were neither finished nor released. */
  readonly openEnumerations: number;
  readonly maxEnvelopeBytes: number;
  handle(request: SoapRequest, caller: Caller): Promise<SoapAnswer>;
  /** The answer to Identify: without authentication the version of Windows is not told (MS-WSMV note 72). */
  identify(authenticated: boolean): SoapAnswer;
  /** This fault as the answer, whatever was asked. `request` is null when it could not even be read. */
  refuse(fault: LabFault, request: SoapRequest | null, caller: Caller): SoapAnswer;
  readCommandLine(request: SoapRequest): string | null;
  /** Brings the machine to the present: what its task scheduler had to do until now is done. */
  catchUp(): void;
  /** Windows starts again: all shells are gone. */
  reboot(): void;
  /** Somebody else works on the machine, without WinRM. */
  doAsStranger(deed: StrangerDeed): void;
  /** The service stops: all shells are gone. */
  stop(): void;
}

const nothing = (): void => undefined;

export function createWinrmService(options: WinrmServiceOptions): WinrmService {
  const { machine, newGuid } = options;
  const limits = chooseLimits(machine.release);
  const shells = createShellTable(limits, options.clock, newGuid, machine.quirks.lostOutput);
  const { clock, commandMs, elevated } = options;
  const service: ShellService = { machine, shells, limits, clock, commandMs, elevated };
  const enumerations = createEnumerationTable(options.clock, newGuid);
  const cim: CimService = { machine, enumerations, elevated: options.elevated };

  const startedMs = options.clock.elapsedMs();
  let cancelWatch = nothing;

  function catchUp(): void {
    runDueTasks(machine, options.clock.elapsedMs() - startedMs);
  }

  /** One timer at most, and none where no task is due. */
  function watchTasks(): void {
    cancelWatch();
    cancelWatch = nothing;
    const dueMs = findNextDueMs(machine.tasks);
    if (dueMs === null) return;
    cancelWatch = options.clock.after(Math.max(0, dueMs - machine.nowMs), () => {
      catchUp();
      watchTasks();
    });
  }

  function refuse(fault: LabFault, request: SoapRequest | null, caller: Caller): SoapAnswer {
    const { action, body } = writeFault(fault, new URL(caller.url).hostname);
    return writeAnswer(500, action, request, body, writeActivityId());
  }

  /** Recorded on the shell plug-in's faults of newer systems (pypsrp/test_winrs_bad_cmd_id.02). */
  function writeActivityId(): string {
    return limits.stack === '3.0' ? `<p:ActivityId>${newGuid()}</p:ActivityId>` : '';
  }

  function writeAnswer(
    status: SoapAnswer['status'],
    action: string,
    request: SoapRequest | null,
    body: string,
    extra = '',
  ): SoapAnswer {
    const head = { action, messageId: newGuid(), relatesTo: request?.messageId ?? null, extra };
    return { status, body: writeSoapAnswer(head, body), delivered: nothing };
  }

  function identify(authenticated: boolean): SoapAnswer {
    const { major, minor, build } = machine.windows;
    const system = authenticated ? `${major}.${minor}.${build}` : '0.0.0';
    const version = `OS: ${system} SP: 0.0 Stack: ${limits.stack}`;
    return { status: 200, body: writeIdentifyAnswer(version), delivered: nothing };
  }

  return {
    get openShells() {
      return shells.count;
    },
    get openEnumerations() {
      return enumerations.count;
    },
    maxEnvelopeBytes: limits.maxEnvelopeBytes,
    identify,
    refuse,
    catchUp,
    reboot() {
      catchUp();
      shells.deleteAll();
      reboot(machine);
      startServicesAtBoot(machine);
      watchTasks();
    },
    doAsStranger(deed) {
      doAsStranger(machine, deed);
    },
    readCommandLine: (request) => operations.readCommandLine(service, request),
    stop() {
      shells.deleteAll();
    },
    async handle(request, caller) {
      catchUp();
      if (request.operation === 'identify') return identify(true);
      const problem = checkHeaders(request);
      if (problem?.kind === 'not-understood') {
        const { action, body, header } = writeMustUnderstandFault(problem.namespace, problem.name);
        return writeAnswer(500, action, request, body, header);
      }
      if (problem !== null) return refuse(problem.fault, request, caller);
      const performed = performCim(cim, request) ?? performShell(service, request, caller);
      watchTasks();
      const result = await performed;
      if (result.kind === 'fault') return refuse(result.fault, request, caller);
      const answered = writeAnswer(200, `${request.action ?? ''}Response`, request, result.body);
      return { ...answered, delivered: result.delivered ?? nothing };
    },
  };
}

function performShell(
  service: ShellService,
  request: SoapRequest,
  caller: Caller,
): OperationResult | Promise<OperationResult> {
  switch (request.action) {
    case actions.create:
      return operations.createShell(service, request, caller);
    case actions.command:
      return operations.startCommand(service, request);
    case actions.send:
      return operations.sendInput(service, request);
    case actions.receive:
      return operations.receiveOutput(service, request);
    case actions.signal:
      return operations.signalCommand(service, request);
    default:
      return operations.deleteShell(service, request);
  }
}

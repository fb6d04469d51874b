// What a doctor asks a host that lets one in, in one command line: rights of the account, Windows, netsh, Exchange and its services. It
// asks only, and concludes nothing: an answer that can't be read stays a problem in words.
import type { ExchangeVersion, Process, Socket, WindowsVersion } from '../model/facts.ts';
import { containsPort, formatRange, portsOf } from '../model/port-range.ts';
import type { WantedExclusion } from '../model/wanted.ts';
import type { Session, SessionOptions } from '../model/world.ts';
import { workerImageOf } from '../windows/exchange-workers.ts';
import { exchangeName, readExchange, showExchange } from '../windows/exchange.ts';
import type { Reading } from '../windows/lines.ts';
import { readSockets, showSockets } from '../windows/listeners.ts';
import { readProcesses, showProcesses } from '../windows/processes.ts';
import { readRights, showRights, type Rights } from '../windows/rights.ts';
import { writeScript } from '../windows/script.ts';
import { readServiceState, showServiceState, type ServiceStatus } from '../windows/services.ts';
import { readVersion, showVersion, windowsName } from '../windows/version.ts';
import { readAnswerParts } from './answer-parts.ts';
import { readTables, tableQuestions } from './exclusion-tables.ts';

interface Named<T> {
  readonly version: T;
  /** `Windows Server 2019` */
  readonly name: string;
}

export interface Examination {
  readonly rights: Reading<Rights>;
  readonly windows: Reading<Named<WindowsVersion>>;
  /** Whether this netsh knows exclusions; a problem when one of its tables could not be read. */
  readonly exclusions: Reading<boolean>;
  readonly exchange: Reading<Named<ExchangeVersion> | null>;
  readonly services: readonly { readonly name: string; readonly status: Reading<ServiceStatus> }[];
  /** Who has each of the wanted ranges open now; a problem when that could not be read. */
  readonly ports: Reading<readonly PortUse[]>;
}

/** One process with a socket in a wanted range. */
interface PortUse {
  /** `tcp 9933` */
  readonly range: string;
  /** own: the service the range is for, or its worker; closing: a connection that no process owns any more. */
  readonly by: 'own' | 'closing' | 'stranger';
  readonly process: Process | null;
}

/**
 * Asks with one `session.ask` about the services and ranges that are wanted. Rejects with the session's Failures and, when the answer
 * breaks off, `answer/incomplete`.
 */
export async function examineHost(
  session: Session,
  wanted: readonly WantedExclusion[],
  options: SessionOptions = {},
): Promise<Examination> {
  const services = [...new Set(wanted.flatMap((one) => (one.service === null ? [] : [one.service])))];
  const tables = tableQuestions(wanted.length === 0 ? ['tcp'] : [...new Set(wanted.map((one) => one.protocol))]);
  const states = services.map((name) => showServiceState(name));
  const uses = [showSockets(wanted.flatMap(({ range }) => portsOf(range))), showProcesses];
  const lines = [showRights, showVersion, showExchange, ...uses, ...states, ...tables.map((one) => one.line)];
  const answer = await session.ask(writeScript(lines), options);
  const parts = readAnswerParts(answer, lines.length, false);
  const [rights, version, exchange, sockets, processes, ...rest] = parts;
  const windows = readVersion(version?.text ?? '');
  const read = readTables(tables, rest.slice(services.length), 'value' in windows ? windows.value : null);
  const [gap] = read.gaps;
  const exchangeRead = readExchange(exchange?.text ?? '', exchange?.exitCode ?? 0);
  return {
    rights: readRights(rights?.text ?? '', rights?.exitCode ?? 0),
    windows: 'value' in windows ? { value: { version: windows.value, name: windowsName(windows.value) } } : windows,
    exclusions: gap === undefined ? { value: read.exclusionSupport } : { problem: `${gap.question}: ${gap.reason}` },
    exchange:
      'problem' in exchangeRead || exchangeRead.value === null
        ? (exchangeRead as Reading<null>)
        : { value: { version: exchangeRead.value, name: exchangeName(exchangeRead.value) } },
    services: services.map((name, index) => ({
      name,
      status: readServiceState(name, rest[index]?.text ?? '', rest[index]?.exitCode ?? 0),
    })),
    ports: usesOf(
      wanted,
      readSockets(sockets?.text ?? ''),
      readProcesses(processes?.text ?? '', processes?.exitCode ?? 0),
    ),
  };
}

function usesOf(
  wanted: readonly WantedExclusion[],
  sockets: Reading<readonly Socket[]>,
  processes: Reading<readonly Process[]>,
): Examination['ports'] {
  if ('problem' in sockets) return sockets;
  if ('problem' in processes) return processes;
  return {
    value: wanted.flatMap(({ range, protocol, service }) => {
      const held = sockets.value.filter((one) => one.protocol === protocol && containsPort(range, one.localPort));
      return [...new Set(held.map((one) => one.processId))].map((processId): PortUse => {
        const process = processes.value.find((one) => one.processId === processId) ?? null;
        const by = processId === 0 ? 'closing' : isOwn(process, service) ? 'own' : 'stranger';
        return { range: `${protocol} ${formatRange(range)}`, by, process };
      });
    }),
  };
}

function isOwn(process: Process | null, service: string | null): boolean {
  if (process === null || service === null) return false;
  const names = [...process.services, process.imageName].map((one) => one.toLowerCase());
  return [service, workerImageOf(service) ?? service].some((one) => names.includes(one.toLowerCase()));
}

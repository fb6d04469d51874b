// What a doctor asks a host that lets one in, in one command line: rights of the account, Windows, netsh, Exchange and its services. It
// asks only, and concludes nothing: an answer that can't be read stays a problem in words.
import type { ExchangeVersion, WindowsVersion } from '../model/facts.ts';
import type { Session, SessionOptions } from '../model/world.ts';
import { exchangeName, readExchange, showExchange } from '../windows/exchange.ts';
import type { Reading } from '../windows/lines.ts';
import { readRights, showRights, type Rights } from '../windows/rights.ts';
import { writeScript } from '../windows/script.ts';
import { readServiceState, showServiceState, type ServiceStatus } from '../windows/services.ts';
import { readVersion, showVersion, windowsName } from '../windows/version.ts';
import { partsOf } from './answers.ts';
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
}

/**
 * Asks with one `session.ask`. `services`: short names to ask about. Rejects with the session's Failures and, when the answer
 * breaks off, `answer/incomplete`.
 */
export async function examineHost(
  session: Session,
  services: readonly string[],
  options: SessionOptions = {},
): Promise<Examination> {
  const tables = tableQuestions(['tcp']);
  const states = services.map((name) => showServiceState(name));
  const lines = [showRights, showVersion, showExchange, ...states, ...tables.map((one) => one.line)];
  const answer = await session.ask(writeScript(lines), options);
  const parts = partsOf(answer, lines.length, false);
  const [rights, version, exchange, ...rest] = parts;
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
  };
}

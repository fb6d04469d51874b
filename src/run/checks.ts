// The checks of a doctor: their names and order, and what the answers of a host mean for a person. Pure. Each check is ok or not, with
// what to do; a check that lies behind a failed one was not reached and says so.
import type { Examination } from '../facts/examine.ts';
import type { Failure, FailureCode } from '../model/failure.ts';
import type { FindingCode } from '../model/plan.ts';

export const checkNames = [
  'name',
  'port',
  'tls',
  'winrm',
  'logon',
  'shell',
  'rights',
  'windows',
  'netsh',
  'exchange',
  'services',
  'ports',
] as const;
export type CheckName = (typeof checkNames)[number];

/** `warning`: it works, but somebody should look; `not-needed`: not used on this host (TLS over http). */
type CheckState = 'ok' | 'warning' | 'failed' | 'not-needed' | 'not-reached';

export interface Check {
  readonly name: CheckName;
  readonly state: CheckState;
  /** The same for all hosts of which it is true, so that they can be shown together. */
  readonly detail: string;
  /** What was seen on this very host: addresses, a certificate; null = nothing more. */
  readonly evidence: string | null;
  /** What to do, in words; null when there is nothing. */
  readonly cure: string | null;
  /** The page of `explain` with causes and commands; null when there is nothing to cure. */
  readonly code: FailureCode | FindingCode | null;
}

export function passed(name: CheckName, detail: string, evidence: string | null = null): Check {
  return { name, state: 'ok', detail, evidence, cure: null, code: null };
}

export function notNeeded(name: CheckName, detail: string): Check {
  return { name, state: 'not-needed', detail, evidence: null, cure: null, code: null };
}

export function doubtful(
  name: CheckName,
  detail: string,
  rest: Partial<Pick<Check, 'cure' | 'code' | 'evidence'>>,
): Check {
  return { name, state: 'warning', detail, evidence: null, cure: null, code: null, ...rest };
}

/** A check that ended in a Failure. Its place, which differs by host, goes into the evidence. */
export function failedWith(name: CheckName, failure: Failure): Check {
  const { message, where, hint, code } = failure;
  return { name, state: 'failed', detail: message, evidence: where, cure: hint, code };
}

/** The checks so far, and one `not-reached` for each that is missing, in their order. */
export function withUnreached(checks: readonly Check[]): readonly Check[] {
  return checkNames.map(
    (name) =>
      checks.find((one) => one.name === name) ?? {
        name,
        state: 'not-reached',
        detail: 'not reached',
        evidence: null,
        cure: null,
        code: null,
      },
  );
}

/** What the answers from inside a host mean. */
export function checksOf({ rights, windows, exclusions, exchange, services, ports }: Examination): readonly Check[] {
  return [
    checkOfRights(rights),
    'problem' in windows ? unread('windows', windows.problem) : passed('windows', windows.value.name),
    checkOfNetsh(exclusions),
    checkOfExchange(exchange),
    checkOfServices(services, 'value' in exchange && exchange.value !== null),
    checkOfPorts(ports),
  ];
}

function checkOfRights(rights: Examination['rights']): Check {
  if ('problem' in rights) return unread('rights', rights.problem);
  const { administrator, elevated } = rights.value;
  if (administrator && elevated) return passed('rights', 'administrator, with all its rights');
  const detail = administrator
    ? 'an administrator whose rights UAC takes away over the network: it may look, but not change anything'
    : 'no administrator: it may look, but not change anything';
  const cure = administrator
    ? 'use a domain account, or set LocalAccountTokenFilterPolicy to 1 on the server'
    : 'put the account into Administrators on the server';
  return { name: 'rights', state: 'failed', detail, evidence: null, cure, code: 'wire/access-denied' };
}

function checkOfNetsh(exclusions: Examination['exclusions']): Check {
  if ('problem' in exclusions) return unread('netsh', exclusions.problem);
  if (exclusions.value) return passed('netsh', 'knows port exclusions');
  return {
    name: 'netsh',
    state: 'failed',
    detail: 'this netsh has no excludedportrange',
    evidence: null,
    cure: 'install KB2665809 (Windows Server 2008 R2), or a newer Windows',
    code: 'netsh-too-old',
  };
}

function checkOfExchange(exchange: Examination['exchange']): Check {
  if ('problem' in exchange) return unread('exchange', exchange.problem);
  if (exchange.value === null) {
    const cure = 'is it the right host?';
    return doubtful('exchange', 'no Exchange 2013 or later is installed', { cure, code: 'not-exchange' });
  }
  const { major, minor, build, revision } = exchange.value.version;
  return passed('exchange', exchange.value.name, `${major}.${minor}.${build}.${revision}`);
}

/** A back end that is stopped is in order: Manual is its usual start type (windows.md section 4). */
function checkOfServices(services: Examination['services'], hasExchange: boolean): Check {
  const states = services.map(({ name, status }) =>
    'problem' in status
      ? `${name} could not be read`
      : `${name} ${status.value.installed ? status.value.state : 'not installed'}`,
  );
  const detail = states.join(', ');
  for (const { name, status } of services) {
    if ('problem' in status) return unread('services', `${name}: ${status.problem}`);
  }
  if (services.length === 0) return notNeeded('services', 'the playbook names no service');
  const isMissing = services.some(({ status }) => 'value' in status && !status.value.installed);
  if (!isMissing) return passed('services', detail);
  return hasExchange ? doubtful('services', detail, { code: 'service-not-installed' }) : notNeeded('services', detail);
}

/** A port that its own service has open is in order: a plan says what that means for a change. */
function checkOfPorts(ports: Examination['ports']): Check {
  if ('problem' in ports) return unread('ports', ports.problem);
  const words = ports.value.map(({ range, by, process }) => {
    const image = process?.imageName ?? 'a process that is not shown';
    return `${range} ${by === 'closing' ? 'closing' : `held by ${by === 'own' ? 'its own service' : image}`}`;
  });
  const detail = [...new Set(words)].join(', ');
  const stranger = ports.value.find((one) => one.by === 'stranger');
  if (stranger === undefined) return passed('ports', detail === '' ? 'all wanted ports are free' : detail);
  const evidence = stranger.process === null ? null : `pid ${stranger.process.processId}`;
  const cure = 'a port can be reserved only while nobody has it open: stop what holds it, or restart it';
  return doubtful('ports', detail, { evidence, cure, code: 'held-by-stranger' });
}

function unread(name: CheckName, problem: string): Check {
  const cure = 'send us the answer: fencepost collect --json holds it word for word';
  return { name, state: 'failed', detail: problem, evidence: null, cure, code: 'facts-incomplete' };
}

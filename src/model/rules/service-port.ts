// Whether a desired port is the one its service really uses, and whether Windows could hand it out at all: the ONE place where that is
// decided and worded. Plan, verify, doctor, collect and report all ask here. It asks no host: what no fact tells is called unknown.
// Source: product.md ("What is desired, exactly"), facts windows.md 0.5, section 4 and section 8.
import type { DesiredDynamicRange, DesiredExclusion } from '../desired.ts';
import type { HostFacts, Socket } from '../facts.ts';
import { findDynamicRange, type Family, type HostState, type Protocol } from '../host-state.ts';
import type { Finding } from '../plan.ts';
import { containsPort, formatRange, lastPort, overlaps, sameRange, type PortRange } from '../port-range.ts';
import { findPortSetting } from './fixed-ports.ts';
import { findOwners, findService, isOwnProcess, isOwnService, socketsQuestion } from './port-owners.ts';
import { processesQuestion } from './unread-answers.ts';

/**
 * - `used`: the service listens on it now.
 * - `elsewhere`: the service listens, and not on it.
 * - `unknown`: the port is a setting of the service, and nothing shows which one it uses.
 * - `not-judged`: no service is named, or it is not installed, or its state was not read, which has a finding of its own.
 */
export type ServicePort =
  | { readonly kind: 'used' | 'not-judged' }
  | { readonly kind: 'elsewhere'; readonly ports: readonly number[] }
  | { readonly kind: 'unknown'; readonly isRunning: boolean };

export function judgeServicePort(facts: HostFacts, desired: DesiredExclusion): ServicePort {
  const { service, protocol, presence, range } = desired;
  // Only TCP sockets listen, so where else a service has a UDP port open is not known.
  if (service === null || presence === 'absent' || protocol !== 'tcp') return { kind: 'not-judged' };
  const ports = [...new Set(findListeners(facts, service).map((one) => one.localPort))].sort((a, b) => a - b);
  const isItsOwn = (findOwners(facts, desired) ?? []).some(isOwnService);
  if (isItsOwn || ports.some((port) => containsPort(range, port))) return { kind: 'used' };
  if (ports.length > 0) return { kind: 'elsewhere', ports };
  const known = findService(facts, service);
  if (findPortSetting(service) === null || known?.installed !== true || isUnread(facts)) return { kind: 'not-judged' };
  return { kind: 'unknown', isRunning: known.state === 'running' };
}

/** The TCP sockets on which the processes of a service listen. */
export function findListeners(facts: HostFacts, service: string): readonly Socket[] {
  return facts.sockets.filter(
    (one) => one.protocol === 'tcp' && one.listening && isOwnProcess(facts, one.processId, service),
  );
}

function isUnread({ gaps }: HostFacts): boolean {
  return gaps.some(({ question }) => question === socketsQuestion || question === processesQuestion);
}

/** The lowest port that Exchange setup leaves to the dynamic range; Exchange's own fixed ports lie below it. */
const exchangeStart = 6005;

/** What is to be said of the desired ports of one host, each once. `dynamicRange`: to be set with them; left out: it stays as found. */
export function describePorts(
  facts: HostFacts,
  exclusions: readonly DesiredExclusion[],
  dynamicRange?: DesiredDynamicRange,
): readonly Finding[] {
  const present = exclusions.filter((one) => one.presence === 'present');
  const found = [
    ...present.flatMap((one) => describeElsewhere(facts, one, dynamicRange)),
    ...describeUnknown(facts, present, false),
    ...describeUnknown(facts, present, true),
    ...present.flatMap((one) =>
      one.families.flatMap((family) => describeDynamicRange(facts, one, family, dynamicRange)),
    ),
  ];
  return found.filter((one, index) => found.findIndex((other) => other.sentence === one.sentence) === index);
}

/** One finding for all services of which the same is true: on most servers both back ends are stopped. */
function describeUnknown(
  facts: HostFacts,
  exclusions: readonly DesiredExclusion[],
  isRunning: boolean,
): readonly Finding[] {
  // A back end's port of the inventory is known, whether or not the service runs, and whatever else is reserved for it.
  const known = new Set(exclusions.flatMap((one) => (one.backEnd === true ? [one.service?.toLowerCase()] : [])));
  const alike = exclusions.flatMap((one) => {
    const { service, range } = one;
    const setting = service === null ? null : findPortSetting(service);
    const judged = judgeServicePort(facts, one);
    const isAlike = judged.kind === 'unknown' && judged.isRunning === isRunning && !known.has(service?.toLowerCase());
    return service === null || setting === null || !isAlike ? [] : [{ service, range, ...setting }];
  });
  if (alike.length === 0) return [];
  const [is, it, uses] = alike.length === 1 ? ['is', 'it', 'uses'] : ['are', 'they', 'use'];
  const why = isRunning ? `${is} running and on no port` : `${is} not running`;
  const list = (words: readonly string[]): string => [...new Set(words)].join(' and ');
  const services = list(alike.map((one) => one.service));
  const ports = list(alike.map((one) => formatRange(one.range)));
  const later = list(alike.map((one) => String(one.later)));
  return [
    {
      // A stopped back end is no fault (Manual by default), so CI is not told of it night after night.
      severity: 'info',
      code: 'port-unknown',
      sentence: `${services} ${why}: not known whether ${it} ${uses} ${ports} or, as installed since 2013 CU23, ${later}`,
      hint: `see the port that is set, in the Exchange Management Shell: ${alike.map((one) => `${one.command} | Format-List ProxyTargetPort`).join('; ')}`,
    },
  ];
}

function describeElsewhere(
  facts: HostFacts,
  desired: DesiredExclusion,
  dynamicRange?: DesiredDynamicRange,
): readonly Finding[] {
  const judged = judgeServicePort(facts, desired);
  if (judged.kind !== 'elsewhere' || desired.service === null) return [];
  const isExposed = (port: number): boolean =>
    desired.families.some((family) => {
      const ranges = listRanges(facts.state, family, 'tcp', dynamicRange);
      return ranges === null || ranges.some((range) => containsPort(range, port));
    });
  return [elsewhere(desired, desired.service, judged.ports, judged.ports.filter(isExposed))];
}

/** The dynamic range that is there and, where the playbook asks for another, that one; null: it was not read. */
function listRanges(
  state: HostState,
  family: Family,
  protocol: Protocol,
  desired?: DesiredDynamicRange,
): readonly PortRange[] | null {
  const found = findDynamicRange(state, family, protocol);
  if (found === null) return null;
  const isAsked = desired?.protocol === protocol && desired.families.includes(family);
  return isAsked && !sameRange(desired.range, found) ? [found, desired.range] : [found];
}

function elsewhere(
  { range, backEnd }: DesiredExclusion,
  service: string,
  ports: readonly number[],
  exposed: readonly number[],
): Finding {
  const base = { severity: 'warning', code: 'port-elsewhere' } as const;
  const sentence = `${service} listens on ${ports.join(', ')}, not on ${formatRange(range)}: the exclusion protects nothing`;
  if (backEnd === true) {
    return {
      ...base,
      sentence: `${sentence}; ${formatRange(range)} is what the inventory says`,
      hint: 'read the ports from the directory again: fencepost discover --domain DOMAIN --out INVENTORY --update; where it says the same, the service was not restarted since its port was set',
    };
  }
  if (exposed.length === 0) {
    return {
      ...base,
      sentence: `${sentence}, and ${ports.length === 1 ? 'its port needs none: it lies' : 'its ports need none: they lie'} outside the dynamic range`,
      hint: `nothing has to be reserved for ${service} on this host; leave it out of the playbook's hosts`,
    };
  }
  return {
    ...base,
    sentence,
    hint: `in the playbook, name the port it uses: { port: ${exposed[0] ?? ''}, for: ${service} }`,
  };
}

function describeDynamicRange(
  facts: HostFacts,
  desired: DesiredExclusion,
  family: Family,
  dynamicRange?: DesiredDynamicRange,
): readonly Finding[] {
  const { protocol, range } = desired;
  const [dynamic, ...asked] = listRanges(facts.state, family, protocol, dynamicRange) ?? [];
  if (dynamic === undefined) return [];
  const span = `${dynamic.firstPort}-${lastPort(dynamic)}`;
  const outside: readonly Finding[] = [dynamic, ...asked].some((one) => overlaps(one, range))
    ? []
    : [
        {
          severity: 'info',
          code: 'outside-dynamic-range',
          sentence: `${protocol} ${formatRange(range)} lies outside the dynamic range of ${family} (${span}): there is nothing to protect, reserving it is a safeguard`,
          hint: null,
        },
      ];
  // That it is to be another is a change of the plan, which says more.
  return asked.length > 0 || isUsual(dynamic) ? outside : [...outside, unusual(facts, protocol, family, dynamic)];
}

function unusual(facts: HostFacts, protocol: 'tcp' | 'udp', family: Family, dynamic: PortRange): Finding {
  const code = 'unusual-dynamic-range';
  const span = `${dynamic.firstPort}-${lastPort(dynamic)}`;
  const name = `the ${protocol} dynamic range of ${family}`;
  if (protocol !== 'tcp' || facts.exchange === null || dynamic.firstPort >= exchangeStart) {
    return {
      severity: 'info',
      code,
      sentence: `${name} is ${span}, neither Windows' default nor Exchange's`,
      hint: null,
    };
  }
  return {
    severity: 'warning',
    code,
    sentence: `${name} is ${span} and starts below ${exchangeStart}: Windows may hand out ports that Exchange itself uses there, such as 1993, 1995 and 2525`,
    hint: `find out what set it; playbooks/exchange-dynamic-range.yml sets it as Exchange setup does: ${exchangeStart}-65534`,
  };
}

/** Windows' default 49152 + 16384, and what Exchange setup makes of it: 6005 + 59530 (windows.md section 4, dynamic range). */
function isUsual(range: PortRange): boolean {
  return (
    sameRange(range, { firstPort: 49152, portCount: 16384 }) || sameRange(range, { firstPort: 6005, portCount: 59530 })
  );
}

// A plan as it is signed off: where it goes and as whom, every command with its inverse, which services stop and for how long. Pure.
// The commands are those that loading derived from the plan's data (windows/steps.ts): nothing here is copied from a file.
import type { FailureRecord } from '../../model/failure.ts';
import { assumedPaces, type Paces } from '../../model/headline/paces.ts';
import { makeHeadline, type PlanHeadline } from '../../model/headline/plan-headline.ts';
import type { Finding, FleetPlan, HostPlan, ServiceStep, Step } from '../../model/plan.ts';
import type { DesiredDynamicRange, DesiredExclusion } from '../../model/desired.ts';
import { formatRange } from '../../model/port-range.ts';
import { listGuardActions } from '../../model/rules/guard.ts';
import { findOutage, longestLineMs } from '../../model/rules/outage.ts';
import { counted } from '../../model/text/counted.ts';
import { shortDigest } from '../../model/text/short-digest.ts';
import type { ChangeWindow, OnFailure } from '../../model/strategy.ts';
import type { SavedConnection } from '../../model/target.ts';
import { describeGuard } from '../view/guard-words.ts';
import { listBackEnds, listHostBackEnds, type HostBackEnd, type SignOffBackEnd } from './sign-off-back-ends.ts';

export interface SignOffStep {
  readonly number: number;
  readonly sentence: string;
  /** In this order; each but the first only if it is still needed. */
  readonly commands: readonly string[];
  /** What brings it back; empty: another step's does. */
  readonly undo: readonly string[];
}

export interface SignOffHost {
  readonly host: string;
  readonly state: HostPlan['state'];
  /** `http://10.0.0.7:5985/wsman` */
  readonly address: string;
  /** `proxy.corp.example:3128`; null: directly. */
  readonly proxy: string | null;
  /** Empty: whoever the ticket or the client certificate is of. */
  readonly account: string;
  readonly method: SavedConnection['auth'];
  readonly credential: SavedConnection['credential'];
  /** How the server's certificate is judged; null: there is none (http). */
  readonly trust: string | null;
  /** What `port: backend` comes to on it, also where it is not reached today; left out: it is not asked for. */
  readonly backEnds?: readonly HostBackEnd[];
  readonly steps: readonly SignOffStep[];
  /** The commands of its guard, in order; left out: it gets none. */
  readonly guard?: readonly string[];
  readonly findings: readonly Finding[];
  readonly failure: FailureRecord | null;
}

/** One service that the plan stops. */
export interface Outage {
  readonly service: string;
  readonly hostCount: number;
  /**
   * The time limit of one host, or the longest that the line of an outage takes where that is more: of the change, and once more of
   * undoing it. Longer only on a host that no longer answers, or when the run is killed.
   */
  readonly atMostMs: number;
}

export interface SignOff {
  readonly digest: string;
  readonly shortDigest: string;
  readonly playbook: FleetPlan['playbook'];
  readonly inventory: FleetPlan['inventory'];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly toolVersion: string;
  readonly headline: PlanHeadline;
  /** Of every host, also of those that are not reached today: a resumed run acts on it. */
  readonly desired: readonly DesiredExclusion[];
  /** What is asked for as `port: backend`, and the ports that it comes to; left out: nothing is. */
  readonly backEnds?: readonly SignOffBackEnd[];
  /** Null: the dynamic ranges stay as they are. */
  readonly dynamicRange: DesiredDynamicRange | null;
  readonly window: ChangeWindow | null;
  readonly onFailure: OnFailure;
  /** What is said of the guards of its hosts; left out: they have none. */
  readonly guard?: string;
  /** `exclusions`: added or deleted, `dynamicRanges`: set, each address family for itself. */
  readonly counts: {
    readonly hosts: number;
    readonly changing: number;
    readonly exclusions: number;
    readonly dynamicRanges: number;
  };
  readonly outages: readonly Outage[];
  readonly hosts: readonly SignOffHost[];
}

/** `digest`: of the whole plan. `paces`: how long things take; left out: as assumed. */
export function viewSignOff(plan: FleetPlan, digest: string, paces: Paces = assumedPaces): SignOff {
  const { playbook, inventory, createdAt, createdBy, toolVersion, policy, hosts } = plan;
  const steps = hosts.flatMap((one) => one.steps);
  return {
    digest,
    shortDigest: shortDigest(digest),
    playbook,
    inventory,
    createdAt,
    createdBy,
    toolVersion,
    headline: makeHeadline(plan, paces),
    desired: listDesired(plan),
    ...(plan.request === undefined ? {} : { backEnds: listBackEnds(plan.request, hosts) }),
    dynamicRange: hosts.find((one) => one.desired.dynamicRange !== undefined)?.desired.dynamicRange ?? null,
    window: policy.window,
    onFailure: policy.onFailure,
    ...(policy.confirm === undefined ? {} : { guard: describeGuard(policy.confirm) }),
    counts: {
      hosts: hosts.length,
      changing: hosts.filter((one) => one.state === 'changes').length,
      exclusions: steps.filter((one) => one.kind === 'exclusion').length,
      dynamicRanges: steps.filter((one) => one.kind === 'dynamic-range').length,
    },
    outages: listOutages(hosts),
    hosts: hosts.map((host) => ({
      ...viewHost(host, policy.confirm !== undefined),
      ...(plan.request === undefined ? {} : { backEnds: listHostBackEnds(plan.request, host) }),
    })),
  };
}

/** Of every host alike; should they differ without a request that says so, each is listed. */
function listDesired({ hosts, request }: FleetPlan): readonly DesiredExclusion[] {
  const all =
    request === undefined
      ? hosts.flatMap((one) => one.desired.exclusions)
      : request.exclusions.flatMap((one) => ('port' in one ? [] : [one]));
  return [...new Map(all.map((one) => [describeDesired(one), one])).values()];
}

/** `tcp 9933 on ipv4 and ipv6, reserved for MSExchangeIMAP4BE` */
function describeDesired({ range, ...one }: DesiredExclusion): string {
  return describeAsked(`${one.protocol} ${formatRange(range)}`, one);
}

function describeAsked(
  what: string,
  { families, presence, service }: Pick<DesiredExclusion, 'families' | 'presence' | 'service'>,
): string {
  const owner = service === null ? '' : ` for ${service}`;
  return `${what} on ${families.join(' and ')}, ${presence === 'present' ? 'reserved' : 'not reserved'}${owner}`;
}

/** `the back-end port on ipv4 and ipv6, reserved for MSExchangeIMAP4BE: 1993 on 2 hosts, not known on 1 host` */
function describeBackEnd({ request, ports }: SignOffBackEnd): string {
  const each = ports.map(({ port, hostCount }) => `${port ?? 'not known'} on ${counted(hostCount, 'host')}`);
  return `${describeAsked('the back-end port', request)}: ${each.join(', ')}`;
}

/** `the tcp dynamic range on ipv4 and ipv6, 6005-65534` */
function describeDesiredRange({ protocol, families, range }: DesiredDynamicRange): string {
  return `the ${protocol} dynamic range on ${families.join(' and ')}, ${formatRange(range)}`;
}

/** All that is desired, one sentence each. */
export function describeAllDesired({ desired, backEnds = [], dynamicRange }: SignOff): readonly string[] {
  return [
    ...desired.map(describeDesired),
    ...backEnds.map(describeBackEnd),
    ...(dynamicRange === null ? [] : [describeDesiredRange(dynamicRange)]),
  ];
}

/** What only an undo would stop is no outage of the change. */
function isOutage(step: Step): step is ServiceStep {
  return step.kind === 'service' && step.verb === 'stop' && step.when !== 'undo';
}

function listOutages(hosts: readonly HostPlan[]): readonly Outage[] {
  const outages = new Map<string, Outage>();
  for (const { steps, connection } of hosts) {
    const stops = new Map(steps.filter(isOutage).map((one) => [one.service, one]));
    for (const [service, stop] of stops) {
      // The time limit of a host ends the waiting for its line, and not the line.
      const lineMs = findOutage(stop, steps) === null ? 0 : longestLineMs;
      const known = outages.get(service);
      outages.set(service, {
        service,
        hostCount: (known?.hostCount ?? 0) + 1,
        atMostMs: Math.max(known?.atMostMs ?? 0, connection.timeouts.hostMs, lineMs),
      });
    }
  }
  return [...outages.values()];
}

function viewHost({ target, state, connection, steps, findings, failure }: HostPlan, isGuarded: boolean): SignOffHost {
  const { proxy, username, auth, credential } = connection;
  return {
    host: target,
    state,
    address: writeAddress(connection),
    proxy: proxy === undefined ? null : `${proxy.host}:${proxy.port}`,
    account: username,
    method: auth,
    credential,
    trust: describeTrust(connection),
    steps: steps.map(viewStep),
    ...(isGuarded && steps.length > 0 ? { guard: listGuardActions(steps) } : {}),
    findings,
    failure,
  };
}

function writeAddress({ scheme, address, port, path }: SavedConnection): string {
  return `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}${path}`;
}

function describeTrust({ scheme, tls, caFile, tlsServerName }: SavedConnection): string | null {
  if (scheme === 'http') return null;
  if (tls?.validation === 'ignore') return 'ANY certificate is accepted';
  if (typeof tls?.fingerprint === 'string') return `the one certificate ${tls.fingerprint}`;
  const name = tlsServerName === null ? '' : ` for ${tlsServerName}`;
  return `a certificate${name} of ${caFile === null ? "the system's CAs" : `the CA in ${caFile}`}`;
}

function viewStep(step: Step): SignOffStep {
  const { number, sentence } = step;
  if (step.kind === 'service') {
    const undo = step.undo === null ? [] : [step.undo];
    if (step.when === 'undo') return { number, sentence, commands: [], undo: [step.line, ...undo] };
    return { number, sentence, commands: [step.line], undo };
  }
  if (step.kind === 'dynamic-range') return { number, sentence, commands: [step.line], undo: [step.undo] };
  return { number, sentence, commands: step.commands.map(makeLine), undo: step.undo.map(makeLine) };
}

function makeLine({ line }: { readonly line: string }): string {
  return line;
}

// `port: backend`: for which services it can stand, and what a playbook's request is on a host with these back-end ports. Playbooks and the
// loader of plans ask here. No port stands in for one that is not known. Source: facts/windows.md section 8 (each server has its own).
import { families as allFamilies, type Family } from '../host-state.ts';
import type { BackEndExclusion, Desired, DesiredExclusion, DesiredRequest, UnresolvedBackEnd } from '../desired.ts';
import type { BackEndPorts } from '../discovery/discovery.ts';
import { overlaps, portRange, sameRange } from '../port-range.ts';

export type BackEnd = keyof BackEndPorts;

export const backEnds = ['imap4', 'pop3'] as const satisfies readonly BackEnd[];

/** As Windows names them. */
export const backEndServices: Readonly<Record<BackEnd, string>> = {
  imap4: 'MSExchangeIMAP4BE',
  pop3: 'MSExchangePOP3BE',
};

/** The variables of an inventory that say each host's ports; `fencepost discover` writes them. */
export const backEndVariables = {
  imap4: 'exchange_imap4_backend_port',
  pop3: 'exchange_pop3_backend_port',
} as const satisfies Readonly<Record<BackEnd, string>>;

export const noBackEndPorts: BackEndPorts = { imap4: null, pop3: null };

/** Null: a service whose port no inventory says. */
export function findBackEnd(service: string): BackEnd | null {
  return backEnds.find((one) => backEndServices[one].toLowerCase() === service.toLowerCase()) ?? null;
}

/** What depends on the host. */
export function listBackEndExclusions({ exclusions }: DesiredRequest): readonly BackEndExclusion[] {
  return exclusions.flatMap((one) => ('port' in one ? [one] : []));
}

/** Of a host's ports those that the request depends on; the others are null. */
export function pickAskedPorts(request: DesiredRequest, ports: BackEndPorts = noBackEndPorts): BackEndPorts {
  const asked = new Set(listBackEndExclusions(request).map((one) => findBackEnd(one.service)));
  return { imap4: asked.has('imap4') ? ports.imap4 : null, pop3: asked.has('pop3') ? ports.pop3 : null };
}

/** What is desired of a host with these ports. */
export function resolveRequest(request: DesiredRequest, ports: BackEndPorts = noBackEndPorts): Desired {
  const { dynamicRange, whenHeldByOwnService } = request;
  const found: DesiredExclusion[] = request.exclusions.flatMap((one) => ('port' in one ? [] : [one]));
  const unresolved: UnresolvedBackEnd[] = [];
  for (const one of listBackEndExclusions(request)) {
    const backEnd = findBackEnd(one.service);
    const port = backEnd === null ? null : ports[backEnd];
    if (port === null) unresolved.push({ service: one.service, reason: 'unset' });
    else unresolved.push(...addBackEnd(found, one, port));
  }
  return {
    exclusions: found,
    ...(dynamicRange === undefined ? {} : { dynamicRange }),
    whenHeldByOwnService,
    ...(unresolved.length === 0 ? {} : { unresolved: distinct(unresolved) }),
  };
}

/** The same port for the same service is asked for once; anything else that overlaps it is told, as for two entries with numbers. */
function addBackEnd(
  found: DesiredExclusion[],
  { service, protocol, families, presence }: BackEndExclusion,
  port: number,
): readonly UnresolvedBackEnd[] {
  const range = portRange(port);
  const isSame = (other: DesiredExclusion): boolean =>
    sameRange(other.range, range) &&
    other.presence === presence &&
    other.service?.toLowerCase() === service.toLowerCase();
  const near = found.filter((other) => other.protocol === protocol && overlaps(other.range, range));
  const other = near.find((one) => !isSame(one) && one.families.some((family) => families.includes(family)));
  if (other !== undefined) return [{ service, reason: 'conflict', port, other: other.range }];
  const [same] = near.filter(isSame);
  if (same === undefined) found.push({ range, protocol, families, presence, service, backEnd: true });
  else found[found.indexOf(same)] = { ...same, families: join(near.filter(isSame), families), backEnd: true };
  return [];
}

/** Those of the entry, and those that no entry for the same port has yet. */
function join([first, ...others]: readonly DesiredExclusion[], families: readonly Family[]): readonly Family[] {
  const own = first?.families ?? [];
  const taken = others.flatMap((one) => one.families);
  return allFamilies.filter((family) => own.includes(family) || (families.includes(family) && !taken.includes(family)));
}

function distinct(all: readonly UnresolvedBackEnd[]): readonly UnresolvedBackEnd[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

// What is said of `port: backend` where it comes to no port on a host: the ONE place where that is worded. Plan, verify, doctor, collect and
// report ask here. It guesses no port: where the service listens now is told, and left to the operator.
import type { Desired, DesiredExclusion, UnresolvedBackEnd } from '../desired.ts';
import type { HostFacts } from '../facts.ts';
import type { Finding } from '../plan.ts';
import { formatRange, sameRange } from '../port-range.ts';
import { findListeners } from '../rules/service-port.ts';
import { backEndVariables, findBackEnd } from './back-end-ports.ts';

export function describeUnresolved(facts: HostFacts, { exclusions, unresolved = [] }: Desired): readonly Finding[] {
  const unset = unresolved.flatMap((one) => (one.reason === 'unset' ? [one.service] : []));
  const conflicts = unresolved.flatMap((one) => (one.reason === 'conflict' ? [describeConflict(one, exclusions)] : []));
  const found = [...(unset.length === 0 ? [] : [describeUnset(facts, unset)]), ...conflicts];
  return found.map((one): Finding => ({ severity: 'blocker', ...one }));
}

type Said = Omit<Finding, 'severity'>;

/** One finding for both back ends: what is to be done is the same. */
function describeUnset(facts: HostFacts, services: readonly string[]): Said {
  const known = services.flatMap((service) => {
    const ports = [...new Set(findListeners(facts, service).map((one) => one.localPort))].sort((a, b) => a - b);
    return ports.length === 0 ? [] : [`${service} listens on ${ports.join(', ')} now`];
  });
  const [port, are] = services.length === 1 ? ['port', 'it is'] : ['ports', 'they are'];
  return {
    code: 'backend-port-unset',
    sentence: [
      `the playbook asks for the back-end ${port} of ${services.join(' and ')}, and the inventory of this host does not say which ${are}`,
      ...known,
    ].join('; '),
    hint: `read from the directory which ${are}: fencepost discover --domain DOMAIN --out INVENTORY --update; or set ${services.map(variableOf).join(' and ')} for this host in the inventory`,
  };
}

function describeConflict(
  { service, port, other }: UnresolvedBackEnd & { readonly reason: 'conflict' },
  exclusions: readonly DesiredExclusion[],
): Said {
  const code = 'backend-port-conflict';
  const twin = exclusions.find((one) => one.backEnd === true && sameRange(one.range, other))?.service ?? null;
  if (twin !== null && findBackEnd(twin) !== findBackEnd(service)) {
    // Of that port the playbook may say nothing at all.
    return {
      code,
      sentence: `the inventory says the same back-end port of this host for ${twin} and ${service}: ${port}; only one of them can listen there`,
      hint: `correct ${variableOf(twin)} or ${variableOf(service)} of this host in the inventory`,
    };
  }
  return {
    code,
    sentence: `the back-end port of ${service} is ${port} on this host, and the playbook says something else of ${formatRange(other)}`,
    hint: `check ${variableOf(service)} of this host in the inventory, or leave ${formatRange(other)} out of the playbook`,
  };
}

function variableOf(service: string): string {
  const backEnd = findBackEnd(service);
  return backEnd === null ? 'its port' : backEndVariables[backEnd];
}

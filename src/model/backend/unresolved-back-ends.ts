// What is said of `port: backend` where it comes to no port on a host: the ONE place where that is worded. Plan, verify, doctor, collect and
// report ask here. It guesses no port: where the service listens now is told, and left to the operator.
import type { Desired, UnresolvedBackEnd } from '../desired.ts';
import type { HostFacts } from '../facts.ts';
import type { Finding } from '../plan.ts';
import { formatRange } from '../port-range.ts';
import { findListeners } from '../rules/service-port.ts';
import { backEndVariables, findBackEnd } from './back-end-ports.ts';

export function describeUnresolved(facts: HostFacts, { unresolved = [] }: Desired): readonly Finding[] {
  return unresolved.map((one): Finding => ({
    severity: 'blocker',
    ...(one.reason === 'unset' ? describeUnset(facts, one) : describeConflict(one)),
  }));
}

type Said = Omit<Finding, 'severity'>;

function describeUnset(facts: HostFacts, { service }: UnresolvedBackEnd): Said {
  const ports = [...new Set(findListeners(facts, service).map((one) => one.localPort))].sort((a, b) => a - b);
  const now = ports.length === 0 ? '' : `; it listens on ${ports.join(', ')} now`;
  return {
    code: 'backend-port-unset',
    sentence: `the playbook asks for the back-end port of ${service}, and the inventory does not say which one this host uses${now}`,
    hint: `read it from the directory: fencepost discover --domain DOMAIN --out INVENTORY --update; or set ${variableOf(service)} for this host in the inventory`,
  };
}

function describeConflict({ service, port, other }: UnresolvedBackEnd & { readonly reason: 'conflict' }): Said {
  return {
    code: 'backend-port-conflict',
    sentence: `the back-end port of ${service} is ${port} on this host, and the playbook says something else of ${formatRange(other)}`,
    hint: `check ${variableOf(service)} of this host in the inventory, or leave ${formatRange(other)} out of the playbook`,
  };
}

function variableOf(service: string): string {
  const backEnd = findBackEnd(service);
  return backEnd === null ? 'its port' : backEndVariables[backEnd];
}

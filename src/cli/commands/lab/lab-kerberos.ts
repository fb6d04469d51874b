// I/O: a keytab for the lab: what takes tickets with its keys, and which servers of a scenario take them.
import type { Scenario, ServerSpec } from '../../../lab/scenario/server-spec.ts';
import { Failure } from '../../../model/failure.ts';
import { openKerberosService } from '../../../winrm/auth/kerberos.ts';
import { listHosts, readKeytabNames } from '../../../winrm/auth/kerberos/keytab.ts';
import type { KerberosService } from '../../../winrm/auth/kerberos/library.ts';
import { readInput } from '../../../files/read-input.ts';

const mostKeytabBytes = 1024 * 1024;

export interface LabKerberos {
  readonly service: KerberosService;
  /** The hosts whose services the keytab has keys of; at least one. */
  readonly hosts: readonly string[];
}

/** Rejects with Failure `secret/missing`, `auth/kerberos-library`, `auth/kerberos-ticket`. */
export async function openLabKerberos(keytabFile: string): Promise<LabKerberos> {
  const service = await openKerberosService(keytabFile);
  const names = readKeytabNames(await readInput(keytabFile, { maxBytes: mostKeytabBytes }), keytabFile);
  const hosts = listHosts(names);
  if (hosts.length > 0) return { service, hosts };
  throw new Failure('auth/kerberos-ticket', 'the keytab has no key for HTTP, WSMAN or host', {
    where: keytabFile,
    hint: `it has ${names.join(', ')}; add a service of a host to it, such as HTTP/ex01.corp.example`,
  });
}

/**
 * The servers that take Kerberos: those whose `auth` names it, or all of them when none does and there is a keytab. Throws Failure
 * `scenario/invalid` when one does and there is none.
 */
export function withKerberos(scenario: Scenario, hasKeytab: boolean): Scenario {
  const naming = scenario.servers.find((one) => one.auth.includes('kerberos'));
  if (!hasKeytab && naming !== undefined) {
    throw new Failure('scenario/invalid', 'this server accepts Kerberos, but the lab has no keytab for it', {
      where: naming.name,
      hint: 'give one with the keys of the services: fencepost lab SCENARIO --keytab FILE',
    });
  }
  if (!hasKeytab || naming !== undefined) return scenario;
  const taking = (one: ServerSpec): ServerSpec => ({ ...one, auth: [...one.auth, 'kerberos'] });
  return { servers: scenario.servers.map(taking) };
}

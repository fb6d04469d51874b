// Which domain controllers to ask, in which order: those that were named, or those of the domain's SRV records. DNS is a seam.
// Sources: RFC 2782 (priority and weight); MS-ADTS 6.3.2.3 (_ldap._tcp.dc._msdcs).
import { Failure } from '../model/failure.ts';
import { readErrnoCode } from '../model/failures/errno-code.ts';
import type { Controller } from './open-directory.ts';

export interface ServiceRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export interface ControllerRequest {
  readonly domain: string;
  /** `dc01`, `dc01.corp.example:3269`; empty: whoever DNS names. */
  readonly named: readonly string[];
}

/** A labelled name; a domain becomes part of questions to DNS. */
const domainPattern = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*$/i;

/** Rejects with Failure `usage/invalid` or `directory/no-controller`. */
export async function findControllers(
  { domain, named }: ControllerRequest,
  resolveService: (name: string) => Promise<readonly ServiceRecord[]>,
): Promise<readonly Controller[]> {
  if (!domainPattern.test(domain)) {
    throw new Failure('usage/invalid', `--domain: expected the name of a domain such as corp.example, got "${domain}"`);
  }
  if (named.length > 0) return named.map((one) => readController(one, domain));
  const service = `_ldap._tcp.dc._msdcs.${domain}`;
  const hint = 'name a controller: --server dc01.corp.example';
  let records: readonly ServiceRecord[];
  try {
    records = await resolveService(service);
  } catch (cause) {
    const reason = readErrnoCode(cause) ?? 'no answer';
    throw new Failure('directory/no-controller', `DNS names no domain controller (${service}: ${reason})`, {
      hint,
      cause,
    });
  }
  if (records.length === 0) {
    throw new Failure('directory/no-controller', `DNS names no domain controller (${service} is empty)`, { hint });
  }
  // The port of the record is that of plain LDAP; which is asked, the way of TLS decides.
  return records
    .toSorted((one, other) => one.priority - other.priority || other.weight - one.weight)
    .map(({ name }) => ({ host: name.replace(/\.$/, ''), port: null }));
}

function readController(text: string, domain: string): Controller {
  const found = /^(\[[0-9a-f:.%]+\]|[^\s:/@[\]]+)(?::(\d{1,5}))?$/i.exec(text.trim());
  const port = found?.[2] === undefined ? null : Number(found[2]);
  const host = found?.[1]?.replace(/^\[(.*)\]$/, '$1');
  if (host === undefined || port === 0 || (port ?? 0) > 65_535) {
    throw new Failure(
      'usage/invalid',
      `--server: expected a name such as dc01 or dc01.corp.example:636, got "${text}"`,
    );
  }
  // Certificates and Kerberos know the whole name.
  return { host: /^[^.:]+$/.test(host) && host !== 'localhost' ? `${host}.${domain}` : host, port };
}

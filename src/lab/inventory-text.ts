// The inventory with which a running lab is reached, as YAML in the layout that inventory/ reads (Ansible's). Pure: it knows
// where the password is to be read from, never the password. Source: product.md, Files.
import { stringify } from 'yaml';
import type { AuthMethod } from '../model/target.ts';
import type { ServerSpec } from './scenario/server-spec.ts';

export interface InventoryFiles {
  /** File with the password, as the inventory names it: relative to the inventory's folder, or absolute. */
  readonly passwordFile: string;
  /** PEM file with the lab's authority, in the same manner; needed when a server listens on https. */
  readonly caFile?: string | null;
  /** Hosts that the lab's keytab has keys of; needed when a server takes Kerberos. */
  readonly kerberosHosts?: readonly string[];
}

/** A server as far as its inventory entry goes; a running server is one. */
interface ListedServer {
  readonly name: string;
  readonly spec: Pick<ServerSpec, 'groups' | 'variables' | 'auth'>;
  readonly scheme: 'http' | 'https';
  readonly port: number;
}

/** A fleet as far as its inventory goes; a running fleet is one. */
export interface ListedFleet {
  /** `DOMAIN\user`. */
  readonly account: string;
  readonly servers: readonly ListedServer[];
}

type Vars = Record<string, unknown>;

/** `hosts` of playbooks/*.yml. */
const groupOfPlaybooks = 'exchange';

/**
 * Every server once with its variables, in its first group, and by name in its others. One without a group is in the group that the
 * shipped playbooks are for, so that they match whatever lab is served.
 * What all have in common stands in `all`; a server that takes Kerberos is reached with it; a server whose password is wrong looks like any other.
 */
export function writeInventory(fleet: ListedFleet, places: InventoryFiles): string {
  const groups = new Map<string, Vars>();
  for (const server of fleet.servers) {
    const [first = groupOfPlaybooks, ...others] = server.spec.groups;
    findGroup(groups, first)[server.name] = writeVariables(server, fleet, places);
    for (const other of others) findGroup(groups, other)[server.name] ??= null;
  }
  const children = Object.fromEntries([...groups].map(([name, hosts]) => [name, { hosts }]));
  const common = {
    address: '127.0.0.1',
    ...(fleet.servers.some(takesKerberos) ? {} : writeAccount(fleet, places)),
  };
  return stringify({ all: { vars: { winrm: common }, children } }, { lineWidth: 0 });
}

function takesKerberos({ spec }: ListedServer): boolean {
  return spec.auth.includes('kerberos');
}

function writeAccount(fleet: ListedFleet, places: InventoryFiles): Vars {
  return {
    auth: 'ntlm' satisfies AuthMethod,
    username: fleet.account,
    password: { file: places.passwordFile },
  };
}

function findGroup(groups: Map<string, Vars>, name: string): Vars {
  const group = groups.get(name) ?? {};
  groups.set(name, group);
  return group;
}

function writeVariables(server: ListedServer, fleet: ListedFleet, places: InventoryFiles): Vars {
  const { spec, scheme, port } = server;
  const ca = scheme === 'https' && (places.caFile ?? null) !== null ? { ca_file: places.caFile } : {};
  return { ...spec.variables, winrm: { scheme, port, ...writeLogon(server, fleet, places), ...ca } };
}

/** Tickets are the user's own, so no account is named; the name in the ticket is one that the keytab has, and never the address. */
function writeLogon(server: ListedServer, fleet: ListedFleet, places: InventoryFiles): Vars {
  const { name, spec } = server;
  if (takesKerberos(server)) {
    const { kerberosHosts: hosts = [] } = places;
    const hostname = hosts.find((one) => one.split('.')[0] === name || one === name) ?? hosts[0];
    return {
      auth: 'kerberos' satisfies AuthMethod,
      ...(hostname === undefined ? {} : { kerberos_hostname: hostname }),
    };
  }
  const account = fleet.servers.some(takesKerberos) ? writeAccount(fleet, places) : {};
  return spec.auth.includes('ntlm') ? account : { ...account, auth: 'basic' satisfies AuthMethod };
}

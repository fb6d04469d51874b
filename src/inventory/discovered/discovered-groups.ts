// A server of the directory -> the groups it stands in and the variables it has, in an inventory. PURE. Names of groups are made of the
// directory's names, letter by letter safe; what such a name is called there stands beside it as a variable, made visible.
import { createHash } from 'node:crypto';
import { backEndVariables } from '../../model/backend/back-end-ports.ts';
import {
  exchangeGenerations,
  exchangeRoles,
  formatExchangeVersion,
  nameGeneration,
  type DiscoveredServer,
  type ExchangeRole,
} from '../../model/discovery/discovery.ts';
import { isManaged } from '../../model/discovery/server-marks.ts';
import { visibleText } from '../../model/text/visible-text.ts';

/** What playbooks name, and beside it what they should not. */
const stateGroups = {
  managed: 'exchange',
  edge: 'exchange_edge',
  old: 'exchange_old',
  decommissioned: 'exchange_decommissioned',
} as const;

const prefixes = ['dag_', 'site_', 'version_', 'role_'] as const;

/** Those whose names are known beforehand; `role_backup` or `version_test` is somebody's own. */
const fixedGroups: readonly string[] = [
  ...Object.values(stateGroups),
  ...exchangeRoles.map(nameRoleGroup),
  ...[...exchangeGenerations, 'unknown'].map((one) => `version_${one}`),
];

/** True: the directory says who is in it. */
export function isDiscoveredGroup(name: string): boolean {
  return fixedGroups.includes(name) || name.startsWith('dag_') || name.startsWith('site_');
}

function nameRoleGroup(role: ExchangeRole): string {
  return `role_${role.replaceAll('-', '_')}`;
}

export const hostVariables = [
  'exchange_version',
  'exchange_site',
  'exchange_roles',
  'exchange_marks',
  backEndVariables.imap4,
  backEndVariables.pop3,
] as const;

export interface DiscoveredHost {
  /** Its FQDN in lower case. */
  readonly name: string;
  readonly server: DiscoveredServer;
  readonly stateGroup: string;
  /** Beside the one above. */
  readonly groups: readonly string[];
  readonly variables: Readonly<Record<string, unknown>>;
}

interface DiscoveredGroup {
  readonly name: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface DiscoveredHosts {
  readonly hosts: readonly DiscoveredHost[];
  /** Those with variables, or members. */
  readonly groups: readonly DiscoveredGroup[];
  /** Without a name to reach them by. */
  readonly unnamed: readonly DiscoveredServer[];
}

export function groupServers(servers: readonly DiscoveredServer[]): DiscoveredHosts {
  const named = servers.filter((one) => one.fqdn !== null);
  const dags = nameGroups(
    'dag_',
    servers.flatMap((one) => one.availabilityGroup ?? []),
  );
  const sites = nameGroups(
    'site_',
    servers.flatMap((one) => one.site ?? []),
  );
  const groups = new Map<string, DiscoveredGroup>();
  const add = (name: string, variables: DiscoveredGroup['variables'] = {}): string => {
    if (!groups.has(name)) groups.set(name, { name, variables });
    return name;
  };
  const hosts = named.map((server): DiscoveredHost => {
    const dag = server.availabilityGroup;
    const { site } = server;
    const stateGroup = add(findStateGroup(server));
    const others = [
      ...(dag === null ? [] : [add(dags.get(dag) ?? '', { availability_group: visibleText(dag) })]),
      ...(site === null ? [] : [add(sites.get(site) ?? '')]),
      add(`version_${nameGeneration(server.version) ?? 'unknown'}`),
      ...server.roles.map((role) => add(nameRoleGroup(role))),
    ];
    return { name: server.fqdn ?? '', server, stateGroup, groups: others, variables: writeVariables(server) };
  });
  const rank = (name: string): number => {
    const states: readonly string[] = Object.values(stateGroups);
    const at = states.indexOf(name);
    return at >= 0 ? at : states.length + prefixes.findIndex((prefix) => name.startsWith(prefix));
  };
  return {
    hosts,
    groups: [...groups.values()].toSorted((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1)),
    unnamed: servers.filter((one) => one.fqdn === null),
  };
}

function findStateGroup(server: DiscoveredServer): string {
  if (isManaged(server)) return stateGroups.managed;
  if (server.marks.includes('edge')) return stateGroups.edge;
  return server.marks.includes('decommissioned') ? stateGroups.decommissioned : stateGroups.old;
}

/** Only what is known. */
function writeVariables(server: DiscoveredServer): DiscoveredHost['variables'] {
  const { version, site, roles, marks, backEndPorts } = server;
  return {
    ...(version === null ? {} : { exchange_version: formatExchangeVersion(version) }),
    ...(site === null ? {} : { exchange_site: visibleText(site) }),
    ...(roles.length === 0 ? {} : { exchange_roles: [...roles] }),
    ...(marks.length === 0 ? {} : { exchange_marks: [...marks] }),
    ...(backEndPorts.imap4 === null ? {} : { [backEndVariables.imap4]: backEndPorts.imap4 }),
    ...(backEndPorts.pop3 === null ? {} : { [backEndVariables.pop3]: backEndPorts.pop3 }),
  };
}

/** `Zürich West` -> `site_zurich_west`. Two names that would be one, or one of which nothing is left, get some of their digest. */
function nameGroups(prefix: string, names: readonly string[]): ReadonlyMap<string, string> {
  const slugs = new Map([...new Set(names)].map((name) => [name, makeSlug(name)]));
  const taken = new Map<string, Set<string>>();
  for (const [name, slug] of slugs) {
    const folded = taken.get(slug) ?? new Set();
    // The directory takes names that differ in capitals for one.
    taken.set(slug, folded.add(name.toLowerCase()));
  }
  return new Map(
    [...slugs].map(([name, slug]) => {
      const isAlone = slug !== '' && taken.get(slug)?.size === 1;
      const digest = createHash('sha256').update(name.toLowerCase()).digest('hex').slice(0, 8);
      return [name, prefix + (isAlone ? slug : [slug, digest].filter((part) => part !== '').join('_'))];
    }),
  );
}

function makeSlug(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll('ß', 'ss').toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 60);
}

// Discovered servers -> the text of an inventory, new or merged into one that a person wrote. PURE. It adds, and sets what is its own
// (groups and variables of discovered-groups.ts); it takes nothing away but memberships that hold nothing else.
import type { DiscoveredServer } from '../../model/discovery/discovery.ts';
import { editYaml, type YamlEdit } from '../../yaml/edit-document.ts';
import { groupServers, hostVariables, isDiscoveredGroup, type DiscoveredHost } from './discovered-groups.ts';

/** A host that is in the inventory already. */
export interface KnownHost {
  readonly name: string;
  readonly address: string;
  readonly groups: readonly string[];
}

export interface Merge {
  readonly text: string;
  /** Servers that the inventory did not have, as it has them now. */
  readonly added: readonly string[];
  /** Hosts of discovered groups that the directory no longer has; they stay. */
  readonly gone: readonly string[];
  /** What differs now of the others: `ex01.corp.example: exchange_version 15.1.2507.6`. */
  readonly changed: readonly string[];
  /** Without a name to reach them by: they are in no group. */
  readonly unnamed: readonly string[];
}

const header = `# Written by fencepost discover, from the directory. Add what is yours: fencepost discover --update keeps it, and sets only
# the groups exchange, exchange_edge, _old and _decommissioned, dag_*, site_*, version_* and role_*, the variables exchange_*
# of each host, and availability_group of the groups dag_*.
#
# Playbooks name the group exchange. Edge servers, Exchange 2010 and older, and decommissioned names stand beside it.
#
# How to connect goes here (docs/inventory.md):
#
#   all:
#     vars:
#       winrm: { scheme: https, username: CORP\\svc-fencepost, password: { env: FENCEPOST_PASSWORD } }
`;

export function writeInventory(servers: readonly DiscoveredServer[]): string {
  return `${header}${mergeServers('', servers, []).text}`;
}

/** `text`: of an inventory in YAML without faults. Throws RangeError where the file has something else than a mapping in the way. */
export function mergeServers(text: string, servers: readonly DiscoveredServer[], known: readonly KnownHost[]): Merge {
  const { hosts, groups, unnamed } = groupServers(servers);
  const edit = editYaml(text);
  const added: string[] = [];
  const changed: string[] = [];
  const namesOfHosts = new Map(hosts.map((host) => [host, findKnown(host, known)?.name ?? host.name]));
  for (const { name, variables } of groups) {
    const path = findGroup(edit, name);
    for (const [variable, value] of Object.entries(variables)) setValue(edit, [...path, 'vars', variable], value);
    for (const host of hosts) {
      const isState = host.stateGroup === name;
      if (!isState && !host.groups.includes(name)) continue;
      const place = [...path, 'hosts', namesOfHosts.get(host) ?? host.name];
      if (edit.valueAt(place) === undefined) edit.set(place, null);
      if (isState) changed.push(...setVariables(edit, place, host));
    }
  }
  for (const host of hosts) {
    const name = namesOfHosts.get(host) ?? host.name;
    const before = findKnown(host, known);
    if (before === null) added.push(name);
    else changed.push(...leaveGroups(edit, name, host, before));
  }
  const found = new Set([...namesOfHosts.values()].map((name) => name.toLowerCase()));
  const isNew = new Set(added);
  return {
    text: edit.text(),
    added,
    gone: known
      .filter(({ name, groups: of }) => of.some(isDiscoveredGroup) && !found.has(name.toLowerCase()))
      .map(({ name }) => name),
    changed: changed.filter((line) => !isNew.has(line.slice(0, line.indexOf(':')))),
    unnamed: unnamed.map(({ name }) => name),
  };
}

/** By its name, its address, or its short name: a server that is in twice would be changed by two at a time. */
export function findKnown(
  { name, server }: Pick<DiscoveredHost, 'name' | 'server'>,
  known: readonly KnownHost[],
): KnownHost | null {
  const isCalled = (text: string): boolean => text.toLowerCase() === name;
  const short = server.name.toLowerCase();
  return (
    known.find((one) => isCalled(one.name)) ??
    known.find((one) => isCalled(one.address)) ??
    known.find((one) => one.name.toLowerCase() === short) ??
    null
  );
}

/** Where a group is written, however deep; a new one goes below `all`. */
function findGroup(edit: YamlEdit, name: string): readonly string[] {
  const found = edit.keysAt([]).flatMap((key) => searchGroup(edit, [key], name));
  const [first] = found.toSorted((one, other) => weigh(edit, other) - weigh(edit, one));
  return first ?? ['all', 'children', name];
}

/** The place that says what is in a group comes before one that only names it. */
function weigh(edit: YamlEdit, path: readonly string[]): number {
  return edit.keysAt(path).length;
}

const deepest = 20;

function searchGroup(edit: YamlEdit, path: readonly string[], name: string): readonly (readonly string[])[] {
  if (path.length > deepest * 2) return [];
  const here = path.at(-1) === name ? [path] : [];
  const below = edit
    .keysAt([...path, 'children'])
    .flatMap((child) => searchGroup(edit, [...path, 'children', child], name));
  return [...here, ...below];
}

function setVariables(edit: YamlEdit, place: readonly string[], { variables }: DiscoveredHost): readonly string[] {
  const changed: string[] = [];
  const name = place.at(-1) ?? '';
  for (const variable of hostVariables) {
    const path = [...place, variable];
    const value = variables[variable];
    const isThere = edit.valueAt(path) !== undefined;
    if (value === undefined && isThere) {
      edit.remove(path);
      changed.push(`${name}: ${variable} is no longer known`);
    } else if (value !== undefined && setValue(edit, path, value)) {
      changed.push(`${name}: ${variable} ${JSON.stringify(value)}`);
    }
  }
  return changed;
}

/** True: it was another. */
function setValue(edit: YamlEdit, path: readonly string[], value: unknown): boolean {
  if (JSON.stringify(edit.valueAt(path)) === JSON.stringify(value)) return false;
  edit.set(path, value);
  return true;
}

/** Out of discovered groups that it is no longer in, where nothing else stands beside its name; what can't be done is said. */
function leaveGroups(edit: YamlEdit, name: string, host: DiscoveredHost, before: KnownHost): readonly string[] {
  const now = [host.stateGroup, ...host.groups];
  const left = before.groups.filter((group) => isDiscoveredGroup(group) && !now.includes(group));
  const placeIn = (group: string): readonly string[] => [...findGroup(edit, group), 'hosts', name];
  // Where it is written in one of them, it may be in another through that one alone.
  const written = left.filter((group) => edit.valueAt(placeIn(group)) !== undefined);
  if (written.length === 0) {
    return left.map((group) => `${name}: is no longer of ${group}, where a range or another group has it: move it`);
  }
  return written.flatMap((group) => {
    const place = placeIn(group);
    const value = edit.valueAt(place);
    const own = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    const theirs = own.filter((key) => !hostVariables.some((one) => one === key));
    if (theirs.length > 0) return [`${name}: is no longer of ${group}, where it has ${theirs.join(', ')}: move it`];
    edit.remove(place);
    return [`${name}: left ${group}`];
  });
}

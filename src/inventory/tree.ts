// Written inventories -> groups and hosts, joined over all files: a group may be given in several places, a host be in several
// groups. It reads tolerantly (the shape check reports what is malformed) and merges no variables yet.
// Source: Ansible's inventory rules: every group is below `all`; a host in no other group is in `ungrouped`.
import type { Issue } from '../model/failure.ts';
import { findNearest } from '../yaml/nearest.ts';
import type { InventoryDocument } from './forms/inventory-document.ts';
import { addChild, collectGroups, createGroup, sortGroups } from './group.ts';
import type { Group, InventoryHost } from './group.ts';
import { expandHostRanges } from './host-ranges.ts';
import { createVariables, isMapping, issueAt, issueAtKey, placeBelow, setVariable, setVariables } from './variables.ts';
import type { DocumentPlace } from './variables.ts';

export interface Tree {
  /** By name, in the order of their first mention; `all` and `ungrouped` always exist. */
  readonly groups: ReadonlyMap<string, Group>;
  readonly hosts: ReadonlyMap<string, InventoryHost>;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Hosts in all groups together: more is a slip of the hand, or somebody's trap. */
const mostMemberships = 200_000;

/** A tree while it is being read. */
interface Growing {
  memberships: number;
  /** Groups that exist by more than being mentioned. */
  readonly declared: Set<string>;
  /** That all groups of the document being read are. */
  declaresAll: boolean;
  readonly groups: Map<string, Group>;
  readonly hosts: Map<string, InventoryHost>;
  readonly issues: Issue[];
  readonly warnings: Issue[];
}

/** Joins the documents in their order: of two values for one variable of one group or host, the later wins. */
export function buildTree(documents: readonly InventoryDocument[]): Tree {
  const tree: Growing = {
    memberships: 0,
    declared: new Set(['all', 'ungrouped']),
    declaresAll: true,
    groups: new Map(),
    hosts: new Map(),
    issues: [],
    warnings: [],
  };
  const all = createGroup('all');
  const ungrouped = createGroup('ungrouped');
  tree.groups.set('all', all).set('ungrouped', ungrouped);
  for (const document of documents) {
    tree.declaresAll = document.declares === undefined;
    for (const name of document.declares ?? []) tree.declared.add(name);
    tree.warnings.push(...(document.warnings ?? []));
    if (!isMapping(document.value)) continue;
    for (const [name, value] of Object.entries(document.value))
      readGroup(tree, name, value, { document, path: [name] });
  }
  for (const document of documents) refuseUndeclared(tree, document);
  for (const group of tree.groups.values()) {
    if (group !== all && group.parents.size === 0) addChild(all, group);
  }
  for (const host of tree.hosts.values()) {
    const others = [...host.groups].filter((group) => group !== all && group !== ungrouped);
    if (others.length === 0) joinGroup(ungrouped, host);
    else if (host.groups.delete(ungrouped)) ungrouped.hosts.delete(host.name);
  }
  for (const [name, host] of tree.hosts) {
    if (!tree.groups.has(name)) continue;
    tree.warnings.push(issueAtKey(host.place, 'a group has the same name as this host; a pattern with it means both'));
  }
  return tree;
}

/** A mistyped `[pariss:vars]` would leave hosts without their settings. */
function refuseUndeclared({ declared, issues }: Growing, { mentions = [] }: InventoryDocument): void {
  for (const { group, issue } of mentions) {
    if (declared.has(group)) continue;
    const near = findNearest(group, declared);
    issues.push(near === null ? issue : { ...issue, message: `${issue.message} (did you mean "${near}"?)` });
  }
}

function readGroup(tree: Growing, name: string, value: unknown, place: DocumentPlace): Group {
  const known = tree.groups.get(name);
  const group = known ?? createGroup(name);
  if (tree.declaresAll) tree.declared.add(name);
  if (known === undefined) {
    if (!/^[^\s,:&!~*?[\]]+$/.test(name)) {
      tree.issues.push(issueAtKey(place, 'a group name must not contain blanks or any of , : & ! ~ * ? [ ]'));
    }
    tree.groups.set(name, group);
  }
  if (!isMapping(value)) return group;
  const below = (...parts: string[]): DocumentPlace => placeBelow(place, ...parts);

  readGroupVariables(tree, group, value['vars'], below('vars'));
  for (const [child, inside] of readNamesAndValues(value['children'])) {
    const childPlace = below('children', child);
    const fault = addChild(group, readGroup(tree, child, inside, childPlace));
    if (fault !== null) tree.issues.push(issueAtKey(childPlace, fault));
  }
  readHosts(tree, group, value['hosts'], below('hosts'));
  return group;
}

function readGroupVariables(tree: Growing, group: Group, value: unknown, place: DocumentPlace): void {
  if (!isMapping(value)) return;
  const { ansible_group_priority: priority, ...others } = value;
  setVariables(group, others, place);
  if (priority === undefined) return;
  const number = typeof priority === 'string' ? Number(priority) : priority;
  if (typeof number === 'number' && Number.isInteger(number)) {
    group.priority = number;
  } else {
    const at = placeBelow(place, 'ansible_group_priority');
    tree.issues.push(issueAt(at, `expected a whole number, got ${JSON.stringify(priority)}`));
  }
}

function readHosts(tree: Growing, group: Group, value: unknown, place: DocumentPlace): void {
  const keyByName = new Map<string, string>();
  for (const [key, variables] of readNamesAndValues(value)) {
    const at = placeBelow(place, key);
    const expanded = expandHostRanges(key);
    if (expanded.fault !== null) {
      tree.issues.push(issueAtKey(at, expanded.fault));
      continue;
    }
    tree.memberships += expanded.names.length;
    if (tree.memberships > mostMemberships) {
      tree.issues.push(
        issueAtKey(at, `more than ${mostMemberships} hosts up to here, counted in each of their groups`),
      );
      return;
    }
    for (const name of expanded.names) {
      const before = keyByName.get(name);
      if (before !== undefined) {
        tree.warnings.push(issueAtKey(at, `${name} is in ${before} of the same group too; the values here win`));
      }
      keyByName.set(name, key);
      const host = tree.hosts.get(name) ?? { ...createVariables(), name, place: at, groups: new Set<Group>() };
      tree.hosts.set(name, host);
      joinGroup(group, host);
      if (expanded.port !== null) setVariable(host, 'ansible_port', expanded.port, at);
      setVariables(host, variables, at);
    }
  }
}

function joinGroup(group: Group, host: InventoryHost): void {
  group.hosts.set(host.name, host);
  host.groups.add(group);
}

/** `hosts: ex01` is `hosts: { ex01: }`. */
function readNamesAndValues(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value === 'string') return [[value, null]];
  return isMapping(value) ? Object.entries(value) : [];
}

/** The groups a host is in, from the least to the most specific; `all` first. */
export function listGroups(host: InventoryHost): readonly Group[] {
  return sortGroups(collectGroups(host.groups));
}

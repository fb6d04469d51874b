// Groups of hosts and their hierarchy. Depth, order and the refusal of circles are Ansible's: a group's depth is its
// longest way from `all`; among groups of one depth the priority decides, then the name; the last one wins.
import type { DocumentPlace, Variables } from './variables.ts';

export interface InventoryHost extends Variables {
  readonly name: string;
  /** Where the inventory names it first. */
  readonly place: DocumentPlace;
  /** Those that name it themselves. */
  readonly groups: Set<Group>;
}

export interface Group extends Variables {
  readonly name: string;
  readonly parents: Set<Group>;
  readonly children: Set<Group>;
  readonly hosts: Map<string, InventoryHost>;
  priority: number;
}

export function createGroup(name: string): Group {
  return {
    name,
    parents: new Set(),
    children: new Set(),
    hosts: new Map(),
    priority: 1,
    variables: new Map(),
    winrm: new Map(),
  };
}

/** Hangs a group below another. Returns what is wrong when that would close a circle; then nothing is changed. */
export function addChild(parent: Group, child: Group): string | null {
  if (parent === child) return 'a group cannot be its own child';
  if (collectGroups([parent]).has(child))
    return `${child.name} is already above ${parent.name}; a group cannot contain itself`;
  parent.children.add(child);
  child.parents.add(parent);
  return null;
}

/** The groups and everything above them. */
export function collectGroups(groups: Iterable<Group>): ReadonlySet<Group> {
  const found = new Set<Group>();
  const waiting = [...groups];
  for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) {
    if (found.has(group)) continue;
    found.add(group);
    waiting.push(...group.parents);
  }
  return found;
}

/** From the least to the most specific: by depth, priority, name. */
export function sortGroups(groups: Iterable<Group>): readonly Group[] {
  const depths = new Map<Group, number>();
  const measureDepth = (group: Group): number => {
    const known = depths.get(group);
    if (known !== undefined) return known;
    let depth = 0;
    for (const parent of group.parents) depth = Math.max(depth, measureDepth(parent) + 1);
    depths.set(group, depth);
    return depth;
  };
  return [...groups].toSorted(
    (a, b) =>
      measureDepth(a) - measureDepth(b) || a.priority - b.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}

/** The hosts of a group: its own first, then those of its children in the order of the file; none twice. */
export function listHosts(group: Group): readonly InventoryHost[] {
  const hosts = new Set<InventoryHost>();
  const seen = new Set<Group>();
  const walk = (one: Group): void => {
    if (seen.has(one)) return;
    seen.add(one);
    for (const host of one.hosts.values()) hosts.add(host);
    for (const child of one.children) walk(child);
  };
  walk(group);
  return [...hosts];
}

// Inventory documents and the files of group_vars and host_vars -> targets. All issues of all documents at once.
// It reads no file. Source: Ansible's variable precedence, items 2 to 9 ("inventory file ... host_vars/*").
import { createAlike } from '../model/lists/alike.ts';
import type { Issue } from '../model/failure.ts';
import { groupBy } from '../model/lists/group-by.ts';
import type { Origin, Target } from '../model/target.ts';
import type { YamlDocument } from '../yaml/document.ts';
import type { InventoryDocument } from './forms/inventory-document.ts';
import { checkShape } from '../yaml/shape.ts';
import { passwordVariables } from './connection/ansible.ts';
import { resolveConnection } from './connection/connection.ts';
import { createIdleSettings } from './connection/idle-places.ts';
import { readBackEndPorts } from './discovered/back-end-ports.ts';
import { createFleetIssues } from './fleet-issues.ts';
import { listHosts } from './group.ts';
import type { InventoryHost } from './group.ts';
import type { Inventory, ValueOrigins } from './inventory.ts';
import { hideSecrets } from './public-variables.ts';
import { findReferencedNames } from './connection/references.ts';
import { readSite } from './connection/site.ts';
import { inventorySchema, variablesSchema } from './schema.ts';
import { buildTree, listGroups } from './tree.ts';
import type { Trust } from './untrusted.ts';
import { createVariables, overlay, setVariables } from './variables.ts';
import type { DocumentPlace, Variables } from './variables.ts';

/** One file of `group_vars/` or `host_vars/`, in the order in which they are put over each other. */
export interface VariablesFile {
  readonly kind: 'group' | 'host';
  /** The group's or host's name. */
  readonly name: string;
  /** Which of the inventories it lies beside, counted from 0: the files of a later one win. */
  readonly source: number;
  readonly document: YamlDocument;
}

type ResolvedInventory = Pick<Inventory, 'targets' | 'groups' | 'unsupported' | 'valueOrigins'>;

export interface InventoryResolution {
  /** Null when there are issues. */
  readonly value: ResolvedInventory | null;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Resolves an inventory given as one or more documents; `tree`: theirs, where it is built already. `traced`: with where values are. Never throws. */
export function resolveInventory(
  documents: readonly InventoryDocument[],
  variablesFiles: readonly VariablesFile[] = [],
  tree = buildTree(documents),
  trust: Trust = 'protected',
  traced = false,
): InventoryResolution {
  const report = createFleetIssues();
  for (const document of documents) for (const issue of checkInventoryShape(document)) report.issue(issue);
  for (const { document } of variablesFiles) {
    if (document.issues.length === 0 && document.value === null) continue;
    for (const issue of checkShape(variablesSchema, document).issues) report.issue(issue);
  }
  for (const issue of tree.issues) report.issue(issue);
  for (const warning of tree.warnings) report.warning(warning);

  const listLayers = createLayers(variablesFiles);
  const values = [...documents, ...variablesFiles.map((one) => one.document)].map((one) => one.value);
  const secrets = findReferencedNames(passwordVariables, values);
  const targets: Target[] = [];
  const unsupported = new Map<string, Issue>();
  const all = tree.groups.get('all');
  const alike = createAlike();
  const valueOrigins = new Map<string, ValueOrigins>();
  const idle = createIdleSettings();
  for (const host of all === undefined ? [] : listHosts(all)) {
    const layers = listLayers(host);
    const variables = overlay(layers);
    const isOwn = (place: DocumentPlace): boolean => hasPlace(layers.slice(layers.indexOf(host)), place);
    const resolved = resolveConnection(host.name, variables, host.place, { report, trust, idle, isOwn });
    if (resolved.kind === 'foreign') unsupported.set(host.name, resolved.reason);
    const backEnds = readBackEndPorts(variables.variables);
    for (const issue of resolved.kind === 'foreign' ? [] : backEnds.issues) report.issue(issue);
    const { site, warning } = readSite(variables.variables);
    if (warning !== null && resolved.kind !== 'foreign') report.warning(warning);
    if (resolved.kind !== 'connection') continue;
    if (traced) {
      const places = new Map([...variables.variables].map(([name, { place }]) => [name, place]));
      valueOrigins.set(host.name, { connection: locateAll(resolved.places), variables: locateAll(places) });
    }
    const { document, path } = host.place;
    targets.push({
      name: host.name,
      connection: alike.each(resolved.connection),
      groups: alike.one(
        listGroups(host)
          .map((group) => group.name)
          .filter((name) => name !== 'all')
          .toSorted(),
      ),
      variables: alike.one(hideSecrets(variables.variables, secrets)),
      ...(backEnds.ports === null ? {} : { backEndPorts: alike.one(backEnds.ports) }),
      ...(site === null ? {} : { site }),
      origin: { file: document.file, ...document.keyAt(path) },
    });
  }
  idle.report(report);
  const issues = sortIssues(report.issues(), documents, variablesFiles);
  const warnings = sortIssues(report.warnings(), documents, variablesFiles);
  if (issues.length > 0) return { value: null, issues, warnings };
  const groups = new Map(
    [...tree.groups].map(([name, group]) => [name, { hosts: listHosts(group).map((host) => host.name) }]),
  );
  return { value: { targets, groups, unsupported, ...(traced ? { valueOrigins } : {}) }, issues, warnings };
}

function hasPlace(layers: readonly Variables[], place: DocumentPlace): boolean {
  return layers.some((one) => [...one.winrm.values(), ...one.variables.values()].some((each) => each.place === place));
}

function locateAll(places: ReadonlyMap<string, DocumentPlace>): Readonly<Record<string, Origin>> {
  return Object.fromEntries(
    [...places].map(([name, { document, path }]) => [name, { file: document.file, ...document.at(path) }]),
  );
}

function checkInventoryShape(document: YamlDocument): readonly Issue[] {
  const { value } = document;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const lost = ['hosts', 'children', 'vars'].filter((key) => Object.hasOwn(value, key));
    if (lost.length > 0) {
      return lost.map((key) => {
        const message = `${key}: belongs in a group; write "all:" above it and indent it`;
        return { file: document.file, ...document.keyAt([key]), message };
      });
    }
  }
  return checkShape(inventorySchema, document).issues;
}

/** The layers of variables of a host, the most general first (Ansible's order; `VARIABLE_PRECEDENCE` at its default). */
function createLayers(files: readonly VariablesFile[]): (host: InventoryHost) => readonly Variables[] {
  const sources = [...new Set(files.map((file) => file.source))].toSorted((a, b) => a - b);
  const layers = files.map((file) => ({ ...file, layer: readLayer(file.document) }));
  const byPlace = groupBy(layers, ({ kind, source, name }) => `${kind} ${source} ${name}`);
  const findLayers = (kind: VariablesFile['kind'], names: readonly string[]): readonly Variables[] => {
    const found = sources.flatMap((source) => names.flatMap((name) => byPlace.get(`${kind} ${source} ${name}`) ?? []));
    return found.map((one) => one.layer);
  };
  return (host) => {
    const [all, ...groups] = listGroups(host);
    const names = groups.map((group) => group.name);
    return [
      ...(all === undefined ? [] : [all]),
      ...groups,
      ...findLayers('group', ['all']),
      ...findLayers('group', names),
      host,
      ...findLayers('host', [host.name]),
    ];
  };
}

function readLayer(document: YamlDocument): Variables {
  const layer = createVariables();
  setVariables(layer, document.value, { document, path: [] });
  return layer;
}

/** File by file as they were read, then by line. */
function sortIssues(
  issues: readonly Issue[],
  documents: readonly YamlDocument[],
  files: readonly VariablesFile[],
): readonly Issue[] {
  const order = [...documents, ...files.map((one) => one.document)].map((document) => document.file);
  return issues.toSorted(
    (a, b) => order.indexOf(a.file) - order.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}

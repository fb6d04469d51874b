// Inventory documents and the files of group_vars and host_vars -> targets. All issues of all documents at once.
// It reads no file. Source: Ansible's variable precedence, items 2 to 9 ("inventory file ... host_vars/*").
import { createAlike } from '../model/alike.ts';
import type { Issue } from '../model/failure.ts';
import type { Target } from '../model/target.ts';
import type { YamlDocument } from '../yaml/document.ts';
import { checkShape } from '../yaml/shape.ts';
import { passwordVariables } from './ansible.ts';
import { resolveConnection } from './connection.ts';
import { createFleetIssues } from './fleet-issues.ts';
import { hostsOf } from './group.ts';
import type { Host } from './group.ts';
import type { Inventory } from './inventory.ts';
import { publicVariables } from './public-variables.ts';
import { namesMeantBy } from './references.ts';
import { inventorySchema, variablesSchema } from './schema.ts';
import { buildTree, groupsOf } from './tree.ts';
import type { Trust } from './untrusted.ts';
import { emptyVariables, overlay, setVariables } from './variables.ts';
import type { Variables } from './variables.ts';

/** One file of `group_vars/` or `host_vars/`, in the order in which they are put over each other. */
export interface VariablesFile {
  readonly kind: 'group' | 'host';
  /** The group's or host's name. */
  readonly name: string;
  /** Which of the inventories it lies beside, counted from 0: the files of a later one win. */
  readonly source: number;
  readonly document: YamlDocument;
}

type ResolvedInventory = Pick<Inventory, 'targets' | 'groups' | 'unsupported'>;

export interface InventoryResolution {
  /** Null when there are issues. */
  readonly value: ResolvedInventory | null;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Resolves an inventory given as one or more documents; `tree`: theirs, where it is built already. Never throws. */
export function resolveInventory(
  documents: readonly YamlDocument[],
  variablesFiles: readonly VariablesFile[] = [],
  tree = buildTree(documents),
  trust: Trust = 'protected',
): InventoryResolution {
  const report = createFleetIssues();
  for (const document of documents) for (const issue of checkInventoryShape(document)) report.issue(issue);
  for (const { document } of variablesFiles) {
    if (document.issues.length === 0 && document.value === null) continue;
    for (const issue of checkShape(variablesSchema, document).issues) report.issue(issue);
  }
  for (const issue of tree.issues) report.issue(issue);
  for (const warning of tree.warnings) report.warning(warning);

  const layersOf = createLayers(variablesFiles);
  const values = [...documents, ...variablesFiles.map((one) => one.document)].map((one) => one.value);
  const secrets = namesMeantBy(passwordVariables, values);
  const targets: Target[] = [];
  const unsupported = new Map<string, Issue>();
  const all = tree.groups.get('all');
  const alike = createAlike();
  for (const host of all === undefined ? [] : hostsOf(all)) {
    const variables = overlay(layersOf(host));
    const resolved = resolveConnection(host.name, variables, host.place, { report, trust });
    if (resolved.kind === 'foreign') unsupported.set(host.name, resolved.reason);
    if (resolved.kind !== 'connection') continue;
    const { document, path } = host.place;
    targets.push({
      name: host.name,
      connection: alike.each(resolved.connection),
      groups: alike.one(
        groupsOf(host)
          .map((group) => group.name)
          .filter((name) => name !== 'all')
          .toSorted(),
      ),
      variables: alike.one(publicVariables(variables.variables, secrets)),
      origin: { file: document.file, ...document.keyAt(path) },
    });
  }
  const issues = inOrder(report.issues(), documents, variablesFiles);
  const warnings = inOrder(report.warnings(), documents, variablesFiles);
  if (issues.length > 0) return { value: null, issues, warnings };
  const groups = new Map(
    [...tree.groups].map(([name, group]) => [name, { hosts: hostsOf(group).map((host) => host.name) }]),
  );
  return { value: { targets, groups, unsupported }, issues, warnings };
}

function checkInventoryShape(document: YamlDocument): readonly Issue[] {
  const { value } = document;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const lost = ['hosts', 'children', 'vars'].filter((key) => Object.hasOwn(value, key));
    if (lost.length > 0) {
      return lost.map((key) => {
        const message = `${key}: belongs into a group; write "all:" above it and indent it`;
        return { file: document.file, ...document.keyAt([key]), message };
      });
    }
  }
  return checkShape(inventorySchema, document).issues;
}

/** The layers of variables of a host, the most general first (Ansible's order; `VARIABLE_PRECEDENCE` at its default). */
function createLayers(files: readonly VariablesFile[]): (host: Host) => readonly Variables[] {
  const sources = [...new Set(files.map((file) => file.source))].toSorted((a, b) => a - b);
  const fromFiles = new Map<string, Variables[]>();
  const keyOf = (kind: string, name: string, source: number): string => `${kind} ${source} ${name}`;
  for (const { kind, name, source, document } of files) {
    const layer = emptyVariables();
    setVariables(layer, document.value, { document, path: [] });
    const key = keyOf(kind, name, source);
    fromFiles.set(key, [...(fromFiles.get(key) ?? []), layer]);
  }
  const filesOf = (kind: VariablesFile['kind'], names: readonly string[]): readonly Variables[] => {
    return sources.flatMap((source) => names.flatMap((name) => fromFiles.get(keyOf(kind, name, source)) ?? []));
  };
  return (host) => {
    const [all, ...groups] = groupsOf(host);
    const names = groups.map((group) => group.name);
    return [
      ...(all === undefined ? [] : [all]),
      ...groups,
      ...filesOf('group', ['all']),
      ...filesOf('group', names),
      host,
      ...filesOf('host', [host.name]),
    ];
  };
}

/** File by file as they were read, then by line. */
function inOrder(
  issues: readonly Issue[],
  documents: readonly YamlDocument[],
  files: readonly VariablesFile[],
): readonly Issue[] {
  const order = [...documents, ...files.map((one) => one.document)].map((document) => document.file);
  return issues.toSorted(
    (a, b) => order.indexOf(a.file) - order.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}

// Host patterns (`--limit`, a playbook's `hosts:`) -> targets, in inventory order. Unlike Ansible, a part that matches nothing
// is an error: a mistyped host must not end in "nothing to do, all well". Source of the rules: Ansible's inventory patterns.
import { Failure, type Issue } from '../model/failure.ts';
import type { Target } from '../model/target.ts';
import { findAllNearest } from '../yaml/nearest.ts';
import type { Inventory } from './inventory.ts';
import { parsePattern } from './pattern.ts';
import type { PatternPart } from './pattern.ts';

/** Told of each short name that was taken for a host: `ex01` for `ex01.corp.example`. */
export type ShortNameListener = (note: Issue) => void;

/**
 * The targets that match `pattern` (null: all) and, when given, `limit` too. Never empty, no target twice.
 * Throws Failure `usage/invalid` for a pattern that can't be read, `inventory/no-match` when a part of one or the whole
 * matches nothing, `inventory/invalid` when a selected host is not reached by WinRM.
 */
export function selectTargets(
  inventory: Inventory,
  pattern: string | null,
  limit: string | null = null,
  onShortName: ShortNameListener | null = null,
): readonly Target[] {
  const given = [pattern, limit].filter((one) => one !== null);
  const chosen = [
    hostsMatching(inventory, pattern ?? 'all', null),
    ...(limit === null ? [] : [hostsMatching(inventory, limit, onShortName)]),
  ];
  const names = inventory.groups.get('all')?.hosts ?? [];
  const selected = new Set(names.filter((name) => chosen.every((set) => set.has(name))));
  if (selected.size === 0) {
    const text = given.length === 0 ? 'all' : given.join(' and ');
    throw new Failure('inventory/no-match', `no host matches "${text}"`, {
      hint:
        names.length === 0 ? 'the inventory has no hosts' : 'each part matches some hosts, but no host is left of them',
    });
  }
  const unsupported = [...inventory.unsupported].filter(([name]) => selected.has(name));
  if (unsupported.length > 0) {
    const [first = ''] = unsupported.map(([name]) => name);
    const more = unsupported.length === 1 ? '' : ` and ${unsupported.length - 1} more`;
    throw new Failure('inventory/invalid', `${first}${more} of the selected hosts can't be reached by WinRM`, {
      hint: 'leave them out with a pattern such as exchange, or all:!linux',
      issues: [
        ...new Map(unsupported.map(([, issue]) => [`${issue.file}:${issue.line}:${issue.column}`, issue])).values(),
      ],
    });
  }
  return inventory.targets.filter((target) => selected.has(target.name));
}

function hostsMatching(inventory: Inventory, text: string, onShortName: ShortNameListener | null): ReadonlySet<string> {
  const parsed = parsePattern(text);
  if (parsed.fault !== null) {
    throw new Failure('usage/invalid', `host pattern "${text}": ${parsed.fault}`);
  }
  const results = parsed.parts.map((part) => ({ part, hosts: hostsOfPart(inventory, part, onShortName) }));
  const unmatched = results.filter((one) => one.hosts.length === 0).map((one) => one.part);
  if (unmatched.length > 0) throw noMatch(inventory, unmatched);

  const of = (kind: PatternPart['kind']): readonly (readonly string[])[] => {
    return results.filter((one) => one.part.kind === kind).map((one) => one.hosts);
  };
  const added = of('add');
  const selected = new Set(added.length === 0 ? inventory.groups.get('all')?.hosts : added.flat());
  for (const kept of of('keep').map((hosts) => new Set(hosts))) {
    for (const name of selected) if (!kept.has(name)) selected.delete(name);
  }
  for (const name of of('drop').flat()) selected.delete(name);
  return selected;
}

/** The hosts of one part; a host called exactly so comes before any other meaning. */
function hostsOfPart(
  inventory: Inventory,
  part: PatternPart,
  onShortName: ShortNameListener | null,
): readonly string[] {
  const all = inventory.groups.get('all')?.hosts ?? [];
  const exact = part.text.replace(/^[!&]\s*/, '');
  if (all.includes(exact)) return [exact];
  const groups = [...inventory.groups].filter(([name]) => part.matches(name));
  const found = new Set(groups.flatMap(([, group]) => group.hosts));
  if (groups.length === 0 || part.wild) for (const name of all) if (part.matches(name)) found.add(name);
  const hosts = [...found];
  if (hosts.length === 0 && groups.length === 0 && onShortName !== null) return findShortName(all, part, onShortName);
  if (part.slice === null) return hosts;
  const { first, last } = part.slice;
  if (first < 0) return hosts.slice(first, hosts.length + first + 1);
  return hosts.slice(first, last === null ? undefined : last + 1);
}

/** The one host with that name in front of its domain, or with other capitals. Two of them are nobody's guess. */
function findShortName(all: readonly string[], part: PatternPart, tell: ShortNameListener): readonly string[] {
  const written = part.name.toLowerCase();
  const meant = all.filter((name) => {
    const lower = name.toLowerCase();
    return lower === written || (lower.startsWith(`${written}.`) && !isAddress(written));
  });
  const [only, ...others] = meant;
  if (only === undefined || part.slice !== null) return [];
  if (others.length > 0) {
    throw new Failure('inventory/no-match', `"${part.text}" is short for ${meant.length} hosts`, {
      hint: `write the whole name: ${meant.slice(0, mostShown).join(', ')}`,
    });
  }
  tell({ file: '--limit', line: 0, column: 0, message: `${part.name} is taken for ${only}` });
  return [only];
}

/** `10.0` is no short name of 10.0.0.1. */
function isAddress(name: string): boolean {
  return /^[\d.]+$/.test(name);
}

/** Of the parts of a pattern that match nothing. */
const mostShown = 10;

function noMatch(inventory: Inventory, parts: readonly PatternPart[]): Failure {
  const names = [...inventory.groups.keys(), ...(inventory.groups.get('all')?.hosts ?? [])];
  const [shown, more] = [parts.slice(0, mostShown), parts.length - mostShown];
  const said = shown.map((part) => `"${part.text}"`).join(' and ') + (more > 0 ? ` and ${more} more` : '');
  // Each guess compares with every name.
  const near = [...new Set(shown.flatMap((part) => findAllNearest(part.name, names, 3)))];
  return new Failure(
    'inventory/no-match',
    `${said} ${parts.length === 1 ? 'matches' : 'match'} no host of the inventory`,
    {
      hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : 'fencepost inventory lists hosts and groups',
    },
  );
}

// A playbook's text -> Playbook, and Playbook + target -> what is desired on that host. All issues at once; it reads no file.
import type { Issue } from '../model/failure.ts';
import { formatRange, highestPort, overlaps, portRange, portRangeFromEnds, sameRange } from '../model/port-range.ts';
import type { PortRange } from '../model/port-range.ts';
import { nameExchangeRow } from '../model/rules/fixed-ports.ts';
import type { Target } from '../model/target.ts';
import { resolveRequest } from '../model/backend/back-end-ports.ts';
import type { Desired, DesiredDynamicRange, DesiredExclusion, RequestedExclusion } from '../model/desired.ts';
import type { YamlDocument } from '../yaml/document.ts';
import type { DocumentPath } from '../yaml/document-path.ts';
import { checkShape } from '../yaml/shape.ts';
import { writePath } from '../yaml/words.ts';
import { findBackEndConflict, judgeBackEnd, toBackEnd } from './back-end.ts';
import { parseMoment } from './moment.ts';
import type { ChangeWindow, HostCount, Strategy } from '../model/strategy.ts';
import type { Playbook } from './playbook.ts';
import { dynamicRangeSchema, exclusionSchema, playbookSchema, readWithinMs, windowSchema } from './schema.ts';
import type { WrittenDynamicRange, WrittenExclusion, WrittenPlaybook, WrittenStrategy } from './schema.ts';

export interface PlaybookResolution {
  /** Null when there are issues. */
  readonly value: Playbook | null;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Resolves a playbook document. Never throws. */
export function resolvePlaybook(document: YamlDocument): PlaybookResolution {
  const checked = checkShape(playbookSchema, document);
  const issues: Issue[] = [...checked.issues];
  const warnings: Issue[] = [];
  const at = (path: DocumentPath, message: string): Issue => {
    return { file: document.file, ...document.at(path), message: `${writePath(path)}: ${message}` };
  };

  // What is well formed is judged further even when something else is not, so that all faults are told at once.
  const parts = readWellFormedParts(document.value);
  const exclusions = parts.exclusions.map((one, index) => {
    if (one?.port === 'backend') {
      const faults = judgeBackEnd(one);
      issues.push(...faults.map(({ key, message }) => at(['exclusions', index, ...key], message)));
      return faults.length > 0 ? null : toBackEnd(one);
    }
    const range = one === null ? null : readRange({ ...one, port: one.port });
    if (typeof range === 'string') issues.push(at(['exclusions', index], range));
    return one === null || range === null || typeof range === 'string' ? null : toDesired(one, range);
  });
  issues.push(...findConflicts(exclusions, (index) => document.at(['exclusions', index]).line, at));
  for (const [index, one] of exclusions.entries()) {
    const doubt = one === null || 'port' in one ? null : findServiceDoubt(one);
    if (doubt !== null) warnings.push(at(['exclusions', index, 'for'], doubt));
  }
  const dynamicRange = resolveDynamicRange(parts.dynamicRange, issues, at);
  if (parts.isNothingAsked) issues.push(at([], 'expected exclusions, dynamic_range or both'));
  const window = resolveWindow(parts.window, issues, at);
  const conflict = findConfirmConflict(document.value);
  if (conflict !== null) issues.push(at(['confirm'], conflict));
  const sorted = issues.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const written = checked.value;
  if (written === null || sorted.length > 0) return { value: null, issues: sorted, warnings };
  const value: Playbook = {
    name: written.name,
    hosts: written.hosts,
    exclusions: exclusions.filter((one) => one !== null),
    ...(dynamicRange === null ? {} : { dynamicRange }),
    whenHeldByOwnService: written.when_held.by_own_service,
    strategy: toStrategy(written.strategy),
    window,
    onFailure: written.on_failure,
    ...toApprovals(written.approvals),
    ...toConfirm(written.confirm),
    ...toNotify(written.notify),
  };
  return { value, issues: [], warnings };
}

/** The desired state of one host: the same for every host of a playbook, but for its back-end ports. */
export function resolveDesired(playbook: Playbook, { backEndPorts }: Pick<Target, 'backEndPorts'>): Desired {
  return resolveRequest(playbook, backEndPorts);
}

interface PlaybookParts {
  /** Null: malformed, and reported by the shape check. */
  readonly exclusions: readonly (WrittenExclusion | null)[];
  /** Null: not there, or malformed. */
  readonly dynamicRange: WrittenDynamicRange | null;
  readonly window: WrittenPlaybook['window'];
  /** A mapping that has neither of the two. */
  readonly isNothingAsked: boolean;
}

function readWellFormedParts(value: unknown): PlaybookParts {
  const mapping = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  const { exclusions, dynamic_range: dynamicRange, window } = mapping;
  return {
    exclusions: (Array.isArray(exclusions) ? exclusions : []).map((one) => exclusionSchema.safeParse(one).data ?? null),
    dynamicRange: dynamicRangeSchema.safeParse(dynamicRange).data ?? null,
    isNothingAsked: 'name' in mapping && !('exclusions' in mapping) && !('dynamic_range' in mapping),
    window: windowSchema.safeParse(window).data ?? null,
  };
}

type IssueAt = (path: DocumentPath, message: string) => Issue;

/** The range, or what is wrong with the way it is given. */
function readRange(
  written: Pick<WrittenExclusion, 'range' | 'first' | 'count'> & { readonly port: number | undefined },
): PortRange | string {
  const { port, range, first, count } = written;
  const ways = [port !== undefined, range !== undefined, first !== undefined || count !== undefined];
  if (ways.filter(Boolean).length !== 1) {
    return 'expected exactly one of { port: 9933 }, { range: "9900-9999" } or { first: 9900, count: 100 }';
  }
  try {
    if (port !== undefined) return portRange(port);
    if (range !== undefined) {
      const [from = 0, to = 0] = range.split('-').map(Number);
      if (from > to) return `a range must not go backwards, got ${range}`;
      return portRangeFromEnds(from, to);
    }
    if (first === undefined) return 'first is missing: count alone does not say where the range starts';
    if (count === undefined) return 'count is missing: the number of ports, starting at first';
    return portRange(first, count);
  } catch (thrown) {
    return thrown instanceof RangeError ? thrown.message : 'not a range of ports';
  }
}

function toDesired(written: WrittenExclusion, range: PortRange): DesiredExclusion {
  const { protocol, families, state: presence, for: service = null } = written;
  return { range, protocol, families, presence, service };
}

function resolveDynamicRange(
  written: WrittenDynamicRange | null,
  issues: Issue[],
  at: IssueAt,
): DesiredDynamicRange | null {
  if (written === null) return null;
  const { protocol, families, start, count } = written;
  const last = start + count - 1;
  if (last > highestPort) {
    const problem = `a range from ${start} with ${count} ports ends at ${last}, above ${highestPort}; count is how many ports, not the last one`;
    issues.push(at(['dynamic_range'], problem));
    return null;
  }
  return { protocol, families, range: portRange(start, count) };
}

/** Two entries that cannot both hold, or say one thing twice; told at the later one. */
function findConflicts(
  all: readonly (RequestedExclusion | null)[],
  lineOf: (index: number) => number,
  at: IssueAt,
): readonly Issue[] {
  const issues: Issue[] = [];
  for (const [index, one] of all.entries()) {
    for (const [before, other] of all.slice(0, index).entries()) {
      if (one === null || other === null || one.protocol !== other.protocol) continue;
      const shared = one.families.filter((family) => other.families.includes(family));
      if (shared.length === 0) continue;
      const whom = `exclusions[${before}] in line ${lineOf(before)}`;
      const on = shared.join(' and ');
      if ('port' in one || 'port' in other) {
        const conflict = findBackEndConflict(one, other, whom, on);
        if (conflict !== null) issues.push(at(['exclusions', index], conflict));
        continue;
      }
      if (!overlaps(one.range, other.range)) continue;
      const mine = `${one.protocol} ${formatRange(one.range)}`;
      if (one.presence !== other.presence) {
        const [here, there] = [one.presence, other.presence];
        issues.push(
          at(['exclusions', index], `${mine} must be ${here} on ${on}, but ${whom} says part of it must be ${there}`),
        );
      } else if (sameRange(one.range, other.range)) {
        issues.push(at(['exclusions', index], `${mine} on ${on} is already listed in ${whom}`));
      } else {
        issues.push(at(['exclusions', index], `${mine} overlaps ${formatRange(other.range)} of ${whom} on ${on}`));
      }
    }
  }
  return issues;
}

/** Exchange's back-end services and their ports (product.md, "What is desired, exactly"). */
const backEndServices: Readonly<Record<number, string>> = { 9933: 'MSExchangeIMAP4BE', 9955: 'MSExchangePOP3BE' };

function findServiceDoubt({ range, service, protocol, presence }: DesiredExclusion): string | null {
  const own = protocol === 'tcp' && presence === 'absent' ? nameExchangeRow(range) : null;
  if (own !== null) return `tcp ${formatRange(range)} is ${own}: it should stay`;
  const usual = backEndServices[range.firstPort];
  if (usual === undefined || range.portCount !== 1 || protocol !== 'tcp' || presence === 'absent') return null;
  if (service === null || service.toLowerCase() === usual.toLowerCase()) return null;
  return `tcp ${range.firstPort} usually belongs to ${usual}, not to ${service}`;
}

function resolveWindow(written: WrittenPlaybook['window'], issues: Issue[], at: IssueAt): ChangeWindow | null {
  if (written === null) return null;
  const opens = parseMoment(written.opens);
  const closes = parseMoment(written.closes);
  if (opens.fault !== null) issues.push(at(['window', 'opens'], `${opens.fault}, got "${written.opens}"`));
  if (closes.fault !== null) issues.push(at(['window', 'closes'], `${closes.fault}, got "${written.closes}"`));
  if (opens.fault !== null || closes.fault !== null) return null;
  if (Date.parse(closes.utc) <= Date.parse(opens.utc)) {
    issues.push(at(['window', 'closes'], `the window closes (${closes.utc}) before it opens (${opens.utc})`));
  }
  return { opensAt: opens.utc, closesAt: closes.utc };
}

function toStrategy(written: WrittenStrategy): Strategy {
  return {
    canary: written.canary,
    batches: written.batches.map(toHostCount),
    concurrency: written.concurrency,
    maxFailed: toHostCount(written.max_failed),
    maxFailedTotal: written.max_failed_total === null ? null : toHostCount(written.max_failed_total),
    oneAtATimeBy: written.one_at_a_time_by,
    pauseMs: Math.round(written.pause_s * 1000),
    confirmBetweenBatches: written.confirm_between_batches,
  };
}

function toApprovals(written: WrittenPlaybook['approvals']): Pick<Playbook, 'approvals'> {
  return written === undefined ? {} : { approvals: { required: written.required, notBy: written.not_by } };
}

function toConfirm(written: WrittenPlaybook['confirm']): Pick<Playbook, 'confirm'> {
  return written === undefined ? {} : { confirm: { withinMs: readWithinMs(written.within), by: written.by } };
}

function toNotify(written: WrittenPlaybook['notify']): Pick<Playbook, 'notify'> {
  if (written === undefined) return {};
  return { notify: Object.entries(written).map(([channel, events]) => ({ channel, events })) };
}

/** What is kept when a host fails, its guard would undo later all the same. */
function findConfirmConflict(value: unknown): string | null {
  const { confirm, on_failure: onFailure } = (value ?? {}) as {
    readonly confirm?: unknown;
    readonly on_failure?: unknown;
  };
  if (confirm === undefined || onFailure !== 'stop') return null;
  return 'a host that is not confirmed undoes its changes, and on_failure: stop keeps them; leave out one of the two';
}

function toHostCount(written: number | string): HostCount {
  return typeof written === 'number'
    ? { kind: 'count', hosts: written }
    : { kind: 'percent', percent: Number.parseFloat(written) };
}

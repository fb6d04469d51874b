// A policy's text -> OperatorPolicy, with all issues at once. It reads no file.
import type { Issue } from '../model/failure.ts';
import { portRange, portRangeFromEnds, type PortRange } from '../model/port-range.ts';
import type { ChangeWindow } from '../model/strategy.ts';
import { parseMoment } from '../playbook/moment.ts';
import type { DocumentPath } from '../yaml/document-path.ts';
import type { YamlDocument } from '../yaml/document.ts';
import { checkShape } from '../yaml/shape.ts';
import { writePath } from '../yaml/words.ts';
import { readChannels } from './notify/read-channels.ts';
import { policyRules, type OperatorPolicy, type PolicyRule } from './operator-policy.ts';
import { policySchema, type WrittenPolicy } from './schema.ts';

export interface PolicyResolution {
  /** Null when there are issues. */
  readonly value: OperatorPolicy | null;
  readonly issues: readonly Issue[];
}

type Report = (path: DocumentPath, message: string) => void;

/** `besideFile`: what a path in the policy means. Never throws. */
export function resolvePolicy(document: YamlDocument, besideFile: (path: string) => string): PolicyResolution {
  const { value: written, issues: found } = checkShape(policySchema, document);
  if (written === null) return { value: null, issues: found };
  const issues: Issue[] = [];
  const report: Report = (path, message) => {
    issues.push({ file: document.file, ...document.at(path), message: `${writePath(path)}: ${message}` });
  };
  const ports = written.ports?.map((one, index) => readPorts(one, ['ports', index], report)) ?? null;
  const windows = written.windows?.map((one, index) => readWindow(one, ['windows', index], report)) ?? null;
  const channels = readChannels(written.notify ?? {}, { report, besideFile });
  if (issues.length > 0) return { value: null, issues };
  const { approvals } = written;
  const places = Object.fromEntries(policyRules.map((rule) => [rule, document.keyAt([rule])]));
  const value: OperatorPolicy = {
    file: document.file,
    maxHosts: written.max_hosts ?? null,
    ports: ports?.filter((one) => one !== null) ?? null,
    services: written.services ?? null,
    windows: windows?.filter((one) => one !== null) ?? null,
    oneAtATimeBy: written.one_at_a_time_by ?? null,
    approvals:
      approvals === undefined
        ? null
        : {
            rule: { required: approvals.required, notBy: approvals.not_by },
            signers: besideFile(approvals.signers),
          },
    command: written.policy?.command ?? null,
    channels,
    places: places as Record<PolicyRule, OperatorPolicy['places'][PolicyRule]>,
  };
  return { value, issues: [] };
}

function readPorts(written: number | string, path: DocumentPath, report: Report): PortRange | null {
  const [first = 0, last = first] = typeof written === 'number' ? [written] : written.split('-').map(Number);
  try {
    if (first > last) throw new RangeError(`a range must not go backwards, got ${String(written).trim()}`);
    return first === last ? portRange(first) : portRangeFromEnds(first, last);
  } catch (thrown) {
    report(path, thrown instanceof RangeError ? thrown.message : 'not a range of ports');
    return null;
  }
}

type WrittenWindow = NonNullable<WrittenPolicy['windows']>[number];

function readWindow(written: WrittenWindow, path: DocumentPath, report: Report): ChangeWindow | null {
  const opens = parseMoment(written.opens);
  const closes = parseMoment(written.closes);
  if (opens.fault !== null) report([...path, 'opens'], `${opens.fault}, got "${written.opens}"`);
  if (closes.fault !== null) report([...path, 'closes'], `${closes.fault}, got "${written.closes}"`);
  if (opens.fault !== null || closes.fault !== null) return null;
  if (Date.parse(closes.utc) > Date.parse(opens.utc)) return { opensAt: opens.utc, closesAt: closes.utc };
  report([...path, 'closes'], `the window closes (${closes.utc}) before it opens (${opens.utc})`);
  return null;
}

// FleetPlan <-> text, one host a line. The digest in the file covers everything else in it: an edited or shortened file is refused, and a
// plan is known by it when it comes to being applied once. The digest is no signature: it finds accidents and careless edits.
// Text is made and read host by host: that of ten thousand hosts is far larger than their plans in memory.
import { createHash } from 'node:crypto';
import { Failure } from '../model/failure.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import { separated } from '../model/separated.ts';
import { createSharing } from './share-alike.ts';

export const planFileFormat = 'fencepost-plan';
export const planFileVersion = 1;

/** The plan as JSON text with its digest; `digest` is what the journal and the state directory know it by. */
export function writePlanFile(plan: FleetPlan): { readonly text: Iterable<string>; readonly digest: string } {
  const digest = digestOfPlan(plan);
  return { text: textOf(plan, digest), digest };
}

function textOf(plan: FleetPlan, digest: string): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      const head = JSON.stringify({ format: planFileFormat, version: planFileVersion, digest });
      yield `${head.slice(0, -1)},"plan":\n${headOf(plan)}\n`;
      yield* separated(hostTexts(plan), ',\n');
      yield '\n]}}\n';
    },
  };
}

/** Of a plan's JSON text without white space; its hosts are the last in it. */
export function digestOfPlan(plan: FleetPlan): string {
  const hash = createHash('sha256').update(headOf(plan));
  for (const part of separated(hostTexts(plan), ',')) hash.update(part);
  return hash.update(']}').digest('hex');
}

function* hostTexts({ hosts }: FleetPlan): Iterable<string> {
  for (const host of hosts) yield JSON.stringify(host);
}

/** Up to the first host. */
function headOf(plan: FleetPlan): string {
  return `${JSON.stringify({ ...plan, hosts: undefined }).slice(0, -1)},"hosts":[`;
}

/** Throws Failure `plan/damaged` when the text is cut short, edited, or of another kind or version. */
export function readPlanFile(text: string, file: string): { readonly plan: FleetPlan; readonly digest: string } {
  const parsed = parse(text);
  if (parsed === null) throw damaged(file, 'it is cut short or not JSON');
  if (typeof parsed !== 'object' || !('format' in parsed) || parsed.format !== planFileFormat) {
    throw damaged(file, 'it is not a plan written by fencepost plan --out');
  }
  if (!('version' in parsed) || parsed.version !== planFileVersion) {
    const found = 'version' in parsed ? String(parsed.version) : 'none';
    throw damaged(file, `it has format version ${found}; this Fencepost reads version ${planFileVersion}`);
  }
  if (!('plan' in parsed) || !('digest' in parsed)) throw damaged(file, 'parts of it are missing');
  if (!hasHosts(parsed.plan)) throw damaged(file, 'its hosts are missing');
  const { plan } = parsed;
  const digest = digestOfPlan(plan);
  if (digest !== parsed.digest)
    throw damaged(file, 'its content does not match its digest: it was edited after it was made');
  return { plan, digest };
}

/** The digest vouches for the rest. */
function hasHosts(plan: unknown): plan is FleetPlan {
  return typeof plan === 'object' && plan !== null && 'hosts' in plan && Array.isArray(plan.hosts);
}

/** The JSON value, or null. Laid out as `writePlanFile` does, it is read line by line; otherwise (by a formatter) as a whole. */
function parse(text: string): unknown {
  try {
    return parseByLine(text) ?? (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

function parseByLine(text: string): unknown {
  const hostsAt = text.indexOf('"hosts":[\n');
  const end = text.lastIndexOf('\n]}}');
  if (hostsAt === -1 || end < hostsAt) return null;
  const from = text.indexOf('\n', hostsAt) + 1;
  const file = JSON.parse(`${text.slice(0, from)}]}}${text.slice(end + 4)}`) as { plan: { hosts: HostPlan[] } };
  const sharing = createSharing();
  for (let at = from; at < end;) {
    const lineEnd = text.indexOf('\n', at);
    const isLast = lineEnd >= end;
    const line = text.slice(at, isLast ? end : lineEnd);
    if (line.endsWith(',') === isLast) throw new Error('expected a comma between hosts');
    file.plan.hosts.push(sharing.plan(JSON.parse(isLast ? line : line.slice(0, -1)) as HostPlan));
    at = lineEnd + 1;
  }
  return file;
}

function damaged(file: string, problem: string): Failure {
  return new Failure('plan/damaged', `the plan ${file} can't be used: ${problem}`, {
    where: file,
    hint: 'nothing was changed. Make the plan anew: fencepost plan --out FILE',
  });
}

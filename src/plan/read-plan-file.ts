// The text of a saved plan, part by part -> FleetPlan. Laid out as plan-file.ts does it is read line by line and no text is kept; laid out
// otherwise (by a formatter) it is read as a whole. Any edit, cut or other kind of file is refused, whatever its digest says.
import { createHash } from 'node:crypto';
import { Failure } from '../model/failure.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import { checkHead, PlanFault, type PlanOfHost } from './check-plan.ts';
import { makeHead, planFileFormat, planFileVersion } from './plan-file.ts';
import { createSharing } from './share-alike.ts';

export interface SavedPlan {
  readonly plan: FleetPlan;
  readonly digest: string;
}

export interface PlanReader {
  /** The next part of the text, of any length. Throws as `end` does. */
  take(text: string): void;
  /** Throws Failure `plan/damaged` when the text is cut short, edited, or of another kind or version. */
  end(): SavedPlan;
}

/** The two lines before the first host. */
const firstLines = /^\{"format":"([a-z-]+)","version":(\d+),"digest":"([0-9a-f]{64})","plan":\n(\{.*"hosts":\[)\n/;

const edited = 'its content does not match its digest: it was edited after it was made';

/** What a plan is read with. */
export interface PlanReading {
  /** What it is called in a Failure. */
  readonly file: string;
  /** `checkHost` or `checkRollbackHost`. */
  readonly check: (host: unknown, plan: PlanOfHost) => HostPlan;
  /** False: a rollback's, of whose hosts is desired what their own records say. */
  readonly hasOneRequest: boolean;
  /** The version of this Fencepost. */
  readonly toolVersion: string;
}

export function createPlanReader(reading: PlanReading): PlanReader {
  const { file, toolVersion } = reading;
  let madeBy: string | null = null;
  let text = '';
  let lineCount = 0;
  let lines: HostLines | null = null;
  let isWhole = false;

  function takeText(part: string): void {
    if (lines !== null) {
      lines.take(part);
      return;
    }
    text += part;
    lineCount += part.split('\n').length - 1;
    if (isWhole || lineCount < 2) return;
    const [start, format, version, digest = '', head = ''] = firstLines.exec(text) ?? [];
    isWhole = start === undefined || format !== planFileFormat || version !== String(planFileVersion);
    if (start === undefined || isWhole) return;
    const plan = readHead(head);
    madeBy = plan.toolVersion;
    lines = createHostLines(plan, digest, reading);
    lines.take(text.slice(start.length));
    text = '';
  }

  const orDamaged = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      if (thrown instanceof PlanFault) throw damaged(file, thrown.message, madeBy === toolVersion ? null : madeBy);
      // RangeError: nested so deep that JSON gives up.
      const isNoJson = thrown instanceof SyntaxError || thrown instanceof RangeError;
      throw isNoJson ? damaged(file, 'it is truncated or not JSON') : thrown;
    }
  };
  return {
    take(part) {
      orDamaged(() => {
        takeText(part);
      });
    },
    end() {
      const found = orDamaged(() => {
        if (lines !== null) return lines.end();
        const whole = readWhole(text);
        madeBy = whole.plan.toolVersion;
        return { ...whole, plan: { ...whole.plan, hosts: checkHosts(whole, reading) } };
      });
      const { plan, digest } = found;
      if (digest === found.found) return { plan, digest };
      throw damaged(file, edited);
    },
  };
}

interface Found extends SavedPlan {
  /** The digest of what was read; `digest` is what the file says. */
  readonly found: string;
}

interface HostLines {
  take(text: string): void;
  /** Throws SyntaxError when the plan has not come to its end. */
  end(): Found;
}

/** The text up to the first host. Throws SyntaxError, PlanFault. */
function readHead(head: string): FleetPlan {
  return checkHead(readAsWritten(`${head}]}`));
}

/** JSON as plan-file.ts writes it: a key that is there twice, of which the first would be shown by some and read by none, is none. */
function readAsWritten(text: string): unknown {
  const value = JSON.parse(text) as unknown;
  if (JSON.stringify(value) === text) return value;
  throw new PlanFault('it was edited after it was made: not written as Fencepost writes it');
}

/** The hosts so far, each checked, with what they have alike. */
function createHosts({ check, hasOneRequest }: PlanReading, plan: PlanOfHost) {
  const sharing = createSharing();
  const hosts: HostPlan[] = [];
  const names = new Set<string>();
  // Without a request that differs from host to host, the playbook asks the same of all. Of a host that was not reached no step shows what
  // is desired, and a resume would act on it.
  const isAlike = hasOneRequest && plan.request === undefined;
  let firstDesired: string | null = null;
  return {
    hosts,
    take(value: unknown): void {
      const host = sharing.plan(check(value, plan));
      if (names.has(host.target)) throw new PlanFault(`${host.target} appears twice`);
      names.add(host.target);
      const desired = isAlike ? JSON.stringify(host.desired) : '';
      firstDesired ??= desired;
      if (desired !== firstDesired)
        throw new PlanFault(`${host.target}: something else is desired of it than of the others`);
      hosts.push(host);
    },
  };
}

/** The digest first: its words are the plainer ones for an edit by hand. */
function checkHosts({ plan, hosts, digest, found }: Whole, reading: PlanReading): readonly HostPlan[] {
  if (digest !== found) throw new PlanFault(edited);
  const checked = createHosts(reading, plan);
  for (const host of hosts) checked.take(host);
  return checked.hosts;
}

/** Goes on after `start`. */
function createHostLines(start: FleetPlan, digest: string, reading: PlanReading): HostLines {
  const hash = createHash('sha256').update(makeHead(start));
  const checked = createHosts(reading, start);
  const { hosts } = checked;
  let rest = '';
  let awaitsHost = false;
  let isOver = false;

  function takeLine(line: string): void {
    const isFirst = hosts.length === 0;
    if (isOver || (isFirst && line === '')) {
      if (line !== '') throw new SyntaxError('text after the end of the plan');
    } else if (line === ']}}') {
      if (awaitsHost) throw new SyntaxError('a host is missing');
      isOver = true;
    } else {
      if (!isFirst && !awaitsHost) throw new SyntaxError('a comma between hosts is missing');
      awaitsHost = line.endsWith(',');
      const host = awaitsHost ? line.slice(0, -1) : line;
      // As the digest was made: over the hosts' own text, without the line ends.
      hash.update(isFirst ? host : `,${host}`);
      checked.take(readAsWritten(host));
    }
  }

  return {
    take(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) takeLine(line);
    },
    end() {
      takeLine(rest);
      if (!isOver) throw new SyntaxError('the end is missing');
      return { plan: { ...start, hosts }, digest, found: hash.update(']}').digest('hex') };
    },
  };
}

interface Whole extends Found {
  readonly hosts: readonly unknown[];
}

/** `plan` without its hosts, which are not looked into. Throws SyntaxError, PlanFault. */
function readWhole(text: string): Whole {
  const parsed = JSON.parse(text) as unknown;
  if (!isRecord(parsed) || parsed['format'] !== planFileFormat) {
    throw new PlanFault('it is not a plan written by fencepost plan --out');
  }
  if (parsed['version'] !== planFileVersion) {
    const found = JSON.stringify(parsed['version'] ?? 'none').slice(0, 40);
    const older = found === '1' ? ', of an earlier Fencepost' : '';
    throw new PlanFault(`it has format version ${found}${older}; this Fencepost reads version ${planFileVersion}`);
  }
  const { plan, digest } = parsed;
  if (!isRecord(plan) || typeof digest !== 'string') throw new PlanFault('parts of it are missing');
  if (Object.keys(parsed).length > 4) throw new PlanFault('it has parts that do not belong in a plan');
  const { hosts, ...about } = plan;
  if (!Array.isArray(hosts)) throw new PlanFault('its hosts are missing');
  if (compact(text) !== JSON.stringify(parsed)) {
    throw new PlanFault('it was edited after it was made: a duplicate key, or a number in another notation');
  }
  const made = JSON.stringify({ ...about, hosts: hosts as unknown });
  const found = createHash('sha256').update(made).digest('hex');
  return { plan: checkHead({ ...about, hosts: [] }), hosts, digest, found };
}

/** The text as it would be written without white space, each string as JSON.stringify writes it. */
function compact(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|\s+/g, (part) =>
    part.startsWith('"') ? JSON.stringify(JSON.parse(part)) : '',
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** `madeBy`: the version of the Fencepost that made it, when it is another one: its plans may differ by right. */
function damaged(file: string, problem: string, madeBy: string | null = null): Failure {
  const made = madeBy === null ? '' : ` (it was made by Fencepost ${madeBy})`;
  return new Failure('plan/damaged', `the plan cannot be used: ${problem}${made}`, {
    where: file,
    hint: `nothing was changed. Make the plan again${madeBy === null ? '' : ' with this Fencepost'}: fencepost plan --out FILE`,
  });
}

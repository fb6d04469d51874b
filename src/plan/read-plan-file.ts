// The text of a saved plan, part by part -> FleetPlan. Laid out as plan-file.ts does it is read line by line and no text is kept; laid out
// otherwise (by a formatter) it is read as a whole. Any edit, cut or other kind of file is refused.
import { createHash } from 'node:crypto';
import { Failure } from '../model/failure.ts';
import type { FleetPlan, HostPlan } from '../model/plan.ts';
import { digestOfPlan, planFileFormat, planFileVersion } from './plan-file.ts';
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

/** `file`: what the plan is called in a Failure. */
export function createPlanReader(file: string): PlanReader {
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
    lines = createHostLines(head, digest);
    lines.take(text.slice(start.length));
    text = '';
  }

  const orDamaged = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      throw thrown instanceof SyntaxError ? damaged(file, 'it is cut short or not JSON') : thrown;
    }
  };
  return {
    take(part) {
      orDamaged(() => {
        takeText(part);
      });
    },
    end() {
      const { plan, digest, found } = orDamaged(() => lines?.end() ?? readWhole(text, file));
      if (digest === found) return { plan, digest };
      throw damaged(file, 'its content does not match its digest: it was edited after it was made');
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

/** Goes on after `head`, the text up to the first host. */
function createHostLines(head: string, digest: string): HostLines {
  const start = JSON.parse(`${head}]}`) as FleetPlan;
  const hash = createHash('sha256').update(head);
  const sharing = createSharing();
  const hosts: HostPlan[] = [];
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
      hosts.push(sharing.plan(JSON.parse(host) as HostPlan));
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

/** Throws SyntaxError, and Failure `plan/damaged`. */
function readWhole(text: string, file: string): Found {
  const parsed = JSON.parse(text) as unknown;
  if (typeof parsed !== 'object' || parsed === null || !('format' in parsed) || parsed.format !== planFileFormat) {
    throw damaged(file, 'it is not a plan written by fencepost plan --out');
  }
  if (!('version' in parsed) || parsed.version !== planFileVersion) {
    const found = 'version' in parsed ? String(parsed.version) : 'none';
    throw damaged(file, `it has format version ${found}; this Fencepost reads version ${planFileVersion}`);
  }
  if (!('plan' in parsed) || !('digest' in parsed)) throw damaged(file, 'parts of it are missing');
  if (!hasHosts(parsed.plan)) throw damaged(file, 'its hosts are missing');
  const { plan } = parsed;
  return { plan, digest: String(parsed.digest), found: digestOfPlan(plan) };
}

/** The digest vouches for the rest. */
function hasHosts(plan: unknown): plan is FleetPlan {
  return typeof plan === 'object' && plan !== null && 'hosts' in plan && Array.isArray(plan.hosts);
}

function damaged(file: string, problem: string): Failure {
  return new Failure('plan/damaged', `the plan can't be used: ${problem}`, {
    where: file,
    hint: 'nothing was changed. Make the plan anew: fencepost plan --out FILE',
  });
}

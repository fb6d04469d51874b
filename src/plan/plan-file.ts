// FleetPlan <-> text. The digest in the file covers everything else in it: an edited or shortened file is refused, and a plan is
// known by it when it comes to being applied once. The digest is no signature: it finds accidents and careless edits.
import { createHash } from 'node:crypto';
import { Failure } from '../model/failure.ts';
import type { FleetPlan } from '../model/plan.ts';

export const planFileFormat = 'fencepost-plan';
export const planFileVersion = 1;

/** The plan as JSON text with its digest; `digest` is what the journal and the state directory know it by. */
export function writePlanFile(plan: FleetPlan): { readonly text: string; readonly digest: string } {
  const digest = digestOfPlan(plan);
  return {
    text: `${JSON.stringify({ format: planFileFormat, version: planFileVersion, digest, plan }, null, 1)}\n`,
    digest,
  };
}

export function digestOfPlan(plan: FleetPlan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex');
}

/** Throws Failure `plan/damaged` when the text is cut short, edited, or of another kind or version. */
export function readPlanFile(text: string, file: string): { readonly plan: FleetPlan; readonly digest: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (thrown) {
    throw damaged(file, 'it is cut short or not JSON', thrown);
  }
  if (typeof parsed !== 'object' || parsed === null || !('format' in parsed) || parsed.format !== planFileFormat) {
    throw damaged(file, 'it is not a plan written by fencepost plan --out');
  }
  if (!('version' in parsed) || parsed.version !== planFileVersion) {
    const found = 'version' in parsed ? String(parsed.version) : 'none';
    throw damaged(file, `it has format version ${found}; this Fencepost reads version ${planFileVersion}`);
  }
  if (!('plan' in parsed) || !('digest' in parsed)) throw damaged(file, 'parts of it are missing');
  const plan = parsed.plan as FleetPlan;
  const digest = digestOfPlan(plan);
  if (digest !== parsed.digest)
    throw damaged(file, 'its content does not match its digest: it was edited after it was made');
  return { plan, digest };
}

function damaged(file: string, problem: string, cause?: unknown): Failure {
  return new Failure('plan/damaged', `the plan ${file} can't be used: ${problem}`, {
    where: file,
    hint: 'nothing was changed. Make the plan anew: fencepost plan --out FILE',
    cause,
  });
}

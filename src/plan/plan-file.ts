// FleetPlan -> text, one host a line. The digest in the file covers everything else in it: an edited or shortened file is refused, and a
// plan is known by it when it comes to being applied once. The digest is no signature: it finds accidents and careless edits.
// Text is made host by host: that of ten thousand hosts is far larger than their plans in memory. read-plan-file.ts reads it.
import { createHash } from 'node:crypto';
import type { FleetPlan, HostPlan, SavedHostPlan } from '../model/plan.ts';
import { separated } from '../model/lists/separated.ts';
import { stepData } from '../windows/steps.ts';

export const planFileFormat = 'fencepost-plan';
/** 1 had the commands in it. */
export const planFileVersion = 2;

/** A host's plan as it is saved: its steps are data, in whatever order of keys the rest is. */
export function savedHost(host: HostPlan): SavedHostPlan {
  return { ...host, steps: host.steps.map(stepData) };
}

/** The plan as JSON text with its digest; `digest` is what the journal and the state directory know it by. */
export function writePlanFile(plan: FleetPlan): { readonly text: Iterable<string>; readonly digest: string } {
  const digest = digestPlan(plan);
  return { text: writeText(plan, digest), digest };
}

function writeText(plan: FleetPlan, digest: string): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      const head = JSON.stringify({ format: planFileFormat, version: planFileVersion, digest });
      yield `${head.slice(0, -1)},"plan":\n${makeHead(plan)}\n`;
      yield* separated(hostTexts(plan), ',\n');
      yield '\n]}}\n';
    },
  };
}

/** Of a plan's JSON text without white space; its hosts are the last in it. */
export function digestPlan(plan: FleetPlan): string {
  const hash = createHash('sha256').update(makeHead(plan));
  for (const part of separated(hostTexts(plan), ',')) hash.update(part);
  return hash.update(']}').digest('hex');
}

function* hostTexts({ hosts }: FleetPlan): Iterable<string> {
  for (const host of hosts) yield JSON.stringify(savedHost(host));
}

/** Up to the first host. */
export function makeHead(plan: FleetPlan): string {
  return `${JSON.stringify({ ...plan, hosts: undefined }).slice(0, -1)},"hosts":[`;
}

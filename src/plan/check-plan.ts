// What stands in a plan file -> the plan, or why it is none: of the published form, to the last key, and exactly what planning makes of the
// facts and wishes in it. So a file can ask for nothing that planning would not, and shows nothing that is not so.
import type * as z from 'zod';
import { planHead, savedHostPlan } from '../forms/plan-forms.ts';
import { faultOf } from '../forms/fault.ts';
import type { HostFacts } from '../model/facts.ts';
import { Failure } from '../model/failure.ts';
import type { FleetPlan, HostPlan, SavedHostPlan } from '../model/plan.ts';
import type { Desired } from '../model/desired.ts';
import { deriveStep, findForeignStep } from '../windows/steps.ts';
import { resolveRequest } from '../model/backend/back-end-ports.ts';
import { guardPlan } from './guarded-plan.ts';
import { planHost, planUnreached, type HostAnswer, type PlannedHost } from './make-plan.ts';
import { savedHost } from './plan-file.ts';

/** How facts become what a plan rests on: cut down to what concerns it, with their fingerprint. */
export type AnswerOf = (facts: HostFacts, desired: Desired) => HostAnswer;

/** What of a plan its hosts are judged by. */
export type PlanOfHost = Pick<FleetPlan, 'policy' | 'request'>;

/** What is wrong with a plan. Its message is one for the operator. */
export class PlanFault extends Error {}

/** `value`: a plan without its hosts. Throws PlanFault. */
export function checkHead(value: unknown): FleetPlan {
  return conforming(planHead, value, '');
}

/** A host of a plan that is to be applied. Throws PlanFault. */
export function checkHost(value: unknown, answerOf: AnswerOf, { policy, request }: PlanOfHost): HostPlan {
  const { saved, name } = conformingHost(value);
  refuseOtherDesires(saved, request);
  const made = orFault(name, () => guardPlan(plan(saved, answerOf), policy));
  const found = savedHost(made);
  const differing = (Object.keys(found) as (keyof SavedHostPlan)[]).filter((key) => !isSame(found[key], saved[key]));
  if (differing.length === 0) return made;
  throw new PlanFault(`${name}: its ${differing.join(', ')} do not follow from its facts and its desired state`);
}

/** A host of a rollback's plan, which a run's history made: bounded by what is desired of the host. Throws PlanFault. */
export function checkRollbackHost(value: unknown): HostPlan {
  const { saved, name } = conformingHost(value);
  const foreign = findForeignStep(saved.steps, saved.desired);
  if (foreign !== null) throw new PlanFault(`${name}: ${foreign}`);
  return orFault(name, () => ({ ...saved, steps: saved.steps.map(deriveStep) }));
}

/** Of a host that was not reached no step shows what is desired, and a resume would act on it. */
function refuseOtherDesires({ target, desired, backEndPorts }: SavedHostPlan, request: PlanOfHost['request']): void {
  if (request === undefined && backEndPorts === undefined) return;
  if (request === undefined) throw new PlanFault(`${target}: it has back-end ports that the plan does not ask for`);
  if (backEndPorts === undefined) throw new PlanFault(`${target}: its back-end ports are missing`);
  if (isSame(resolveRequest(request, backEndPorts), desired)) return;
  throw new PlanFault(
    `${target}: what is desired of it does not follow from the plan's request and its back-end ports`,
  );
}

function conformingHost(value: unknown): { readonly saved: SavedHostPlan; readonly name: string } {
  const named = typeof value === 'object' && value !== null && 'target' in value ? value.target : null;
  const name = typeof named === 'string' ? named : 'a host';
  return { saved: conforming(savedHostPlan, value, `${name}: `), name };
}

function plan(saved: SavedHostPlan, answerOf: AnswerOf) {
  const { target, connection, exclusiveGroup, desired, backEndPorts, site, facts, failure } = saved;
  const ports = backEndPorts === undefined ? {} : { backEndPorts };
  const at = site === undefined ? {} : { site };
  const host: PlannedHost = { target, connection, exclusiveGroup, desired, ...ports, ...at };
  if (facts !== null) return planHost(host, answerOf(facts, desired));
  if (failure === null) throw new PlanFault(`${target}: it has neither facts nor a reason why there are none`);
  return planUnreached(host, failure);
}

/** The value itself, not the form's copy of it: the digest is over the order of keys in which it was written. */
function conforming<T>(form: z.ZodType<T>, value: unknown, where: string): T {
  const read = form.safeParse(value);
  if (!read.success) throw new PlanFault(`${where}${faultOf(read.error)}`);
  return value as T;
}

/** Facts of the right form that make no sense are no bug of ours. */
function orFault<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof PlanFault) throw thrown;
    const isKnown = thrown instanceof Failure || thrown instanceof RangeError;
    if (!isKnown) throw thrown;
    throw new PlanFault(`${name}: ${thrown.message}`);
  }
}

/** Whatever the order of keys. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length || Array.isArray(one) !== Array.isArray(other)) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(other, key) &&
      isSame((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]),
  );
}

// Intent -> facts of every host -> plan. A host that could not be asked is in the plan with its failure.
import { saveConnection } from '../inventory/saved-connection.ts';
import { pickAskedPorts } from '../model/backend/back-end-ports.ts';
import { failureRecord } from '../model/failure.ts';
import type { FleetPlan } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import { guardPlan } from '../plan/guarded-plan.ts';
import { planHost, planUnreached, type PlannedHost } from '../plan/make-plan.ts';
import { createSharing } from '../plan/share-alike.ts';
import { makeAnswer, makeRequest } from './host-jobs.ts';
import type { Intent } from './read-intent.ts';
import type { Seams } from './seams.ts';
import { surveyFleet, type SurveySeams } from './survey-fleet.ts';

/** Throws Failure `interrupted`. */
export async function planFleet(intent: Intent, seams: SurveySeams & Pick<Seams, 'operator'>): Promise<FleetPlan> {
  const sharing = createSharing();
  const request = {
    targets: intent.targets,
    concurrency: intent.policy.strategy.concurrency,
    requestOf: (target: Target) => makeRequest(intent.desiredOf(target)),
  };
  const hosts = await surveyFleet(request, seams, (one) => {
    const host = plannedHost(one.target, intent);
    return sharing.plan(
      'failure' in one
        ? planUnreached(host, failureRecord(one.failure))
        : guardPlan(planHost(host, makeAnswer(one.facts, host.desired)), intent.policy),
    );
  });
  return {
    ...signPlan(seams),
    playbook: intent.playbook,
    inventory: intent.inventory,
    policy: intent.policy,
    ...(intent.request === undefined ? {} : { request: intent.request }),
    hosts,
  };
}

/** Who made a plan, when, and with what. */
export function signPlan({
  clock,
  operator,
}: Pick<Seams, 'clock' | 'operator'>): Pick<FleetPlan, 'createdAt' | 'createdBy' | 'toolVersion'> {
  return {
    createdAt: clock.now(),
    createdBy: `${operator.user}@${operator.machine}`,
    toolVersion: operator.toolVersion,
  };
}

function plannedHost(target: Target, intent: Intent): PlannedHost {
  const { oneAtATimeBy } = intent.policy.strategy;
  const group = oneAtATimeBy === null ? undefined : target.variables[oneAtATimeBy];
  return {
    target: target.name,
    connection: saveConnection(target.connection),
    exclusiveGroup: typeof group === 'string' || typeof group === 'number' ? String(group) : null,
    desired: intent.desiredOf(target),
    ...(intent.request === undefined ? {} : { backEndPorts: pickAskedPorts(intent.request, target.backEndPorts) }),
    ...(target.site === undefined ? {} : { site: target.site }),
  };
}

// The walk that collect, plan, apply and verify share: files -> targets and desired -> facts -> plan. No stop on it knows the next one.
import { resolve } from 'node:path';
import type { FactsRequest } from '../facts/collect.ts';
import { readTextInput } from '../files/read-input.ts';
import { readPatternLines } from '../inventory/pattern.ts';
import { saveConnection } from '../inventory/saved-connection.ts';
import { selectTargets } from '../inventory/select.ts';
import { Failure, failureRecord, type Issue } from '../model/failure.ts';
import type { FleetPlan } from '../model/plan.ts';
import type { Policy } from '../model/strategy.ts';
import { describeReadError } from '../model/read-error.ts';
import type { Target } from '../model/target.ts';
import type { Desired } from '../model/desired.ts';
import { planHost, planUnreached, type PlannedHost } from '../plan/make-plan.ts';
import { createSharing } from '../plan/share-alike.ts';
import { loadPlaybook } from '../playbook/load.ts';
import { resolveDesired } from '../playbook/resolve.ts';
import { renderIssue } from '../report/text/failure-text.ts';
import { isolateListener } from '../run/isolated-listener.ts';
import { surveyHosts, type Surveyed } from '../run/survey.ts';
import type { World } from './compose.ts';
import { answerOf } from './host-answer.ts';
import { checkedConcurrency, type InventoryArguments, type PlaybookArguments } from './options.ts';
import { readInventory } from './read-inventory.ts';

export interface Intent {
  readonly targets: readonly Target[];
  readonly desiredOf: (target: Target) => Desired;
  readonly policy: Policy;
  readonly playbook: FleetPlan['playbook'];
  readonly inventory: FleetPlan['inventory'];
}

/** Reads inventory and playbook and says who is meant. Warnings go to stderr. Throws a Failure with all issues of the files. */
export async function readIntent(args: InventoryArguments & PlaybookArguments, world: World): Promise<Intent> {
  const [inventoryRead, playbookRead] = await Promise.allSettled([
    readInventory(args, world.vault),
    loadPlaybook(args.playbook),
  ]);
  if (inventoryRead.status === 'rejected' && playbookRead.status === 'rejected') {
    throw bothFailed(inventoryRead.reason, playbookRead.reason);
  }
  if (inventoryRead.status === 'rejected') throw inventoryRead.reason;
  if (playbookRead.status === 'rejected') throw playbookRead.reason;
  const inventory = inventoryRead.value;
  const { playbook, warnings, sha256 } = playbookRead.value;
  for (const issue of [...inventory.warnings, ...warnings]) world.say(`warning: ${renderIssue(issue)}\n`);
  const concurrency = checkedConcurrency(args.concurrency ?? playbook.strategy.concurrency);
  return {
    targets: selectTargets(inventory, playbook.hosts, await readLimit(args.limit)),
    desiredOf: (target) => resolveDesired(playbook, target),
    policy: {
      strategy: { ...playbook.strategy, concurrency },
      window: playbook.window,
      onFailure: playbook.onFailure,
    },
    playbook: { name: playbook.name, file: resolve(args.playbook), sha256 },
    inventory: { files: inventory.files.map((file) => resolve(file)), sha256: inventory.sha256 },
  };
}

/** `--limit @FILE` names a file with one part of the pattern a line. */
export async function readLimit(limit: string | undefined): Promise<string | null> {
  if (limit?.startsWith('@') !== true) return limit ?? null;
  const file = limit.slice(1);
  try {
    return readPatternLines(await readTextInput(file));
  } catch (thrown) {
    throw new Failure('usage/invalid', `--limit: the file can't be read: ${describeReadError(thrown)}`, {
      where: file,
      cause: thrown,
    });
  }
}

function bothFailed(inventory: unknown, playbook: unknown): unknown {
  if (!(inventory instanceof Failure) || !(playbook instanceof Failure)) return inventory;
  const issues: readonly Issue[] = [...inventory.issues, ...playbook.issues];
  return new Failure(inventory.code, `${inventory.message}; ${playbook.message}`, { hint: inventory.hint, issues });
}

/** One for all hosts of which the same is desired. */
const requests = new WeakMap<Desired['exclusions'], FactsRequest>();

/** What has to be asked of a host for what is desired of it. */
export function requestFor({ exclusions }: Desired): FactsRequest {
  const known = requests.get(exclusions);
  if (known !== undefined) return known;
  const request = {
    ranges: exclusions.map(({ range, protocol }) => ({ range, protocol })),
    services: [...new Set(exclusions.flatMap((one) => (one.service === null ? [] : [one.service])))],
    protocols: [...new Set(exclusions.map((one) => one.protocol))],
  };
  requests.set(exclusions, request);
  return request;
}

/** Asks every host of the intent and keeps of each what `keep` makes of it. */
export async function survey<R>(
  intent: Intent,
  world: World,
  keep: (surveyed: Surveyed) => R,
  { crossCheck = false }: { readonly crossCheck?: boolean } = {},
): Promise<readonly R[]> {
  const listener = isolateListener(world.listener);
  listener.progress({ host: '', doing: 'asking', total: intent.targets.length });
  const options = {
    connector: world.connector,
    clock: world.clock,
    listener,
    concurrency: intent.policy.strategy.concurrency,
    signal: world.interrupts.signal,
    requestOf: (target: Target) => requestFor(intent.desiredOf(target)),
    crossCheck,
  };
  const kept = await surveyHosts(intent.targets, options, keep);
  listener.progress({ host: '', doing: 'asking', over: true });
  if (world.interrupts.interrupted) {
    throw new Failure('interrupted', 'interrupted while hosts were asked; nothing was changed');
  }
  return kept;
}

/** Intent -> facts of every host -> plan. */
export async function preparePlan(intent: Intent, world: World): Promise<FleetPlan> {
  const sharing = createSharing();
  const hosts = await survey(intent, world, (one) => {
    const host = plannedHost(one.target, intent);
    return sharing.plan(
      'failure' in one
        ? planUnreached(host, failureRecord(one.failure))
        : planHost(host, answerOf(one.facts, host.desired)),
    );
  });
  return {
    createdAt: world.clock.now(),
    createdBy: `${world.operator.user}@${world.operator.machine}`,
    toolVersion: world.operator.toolVersion,
    playbook: intent.playbook,
    inventory: intent.inventory,
    policy: intent.policy,
    hosts,
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
  };
}

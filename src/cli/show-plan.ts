// A plan on stdout: for a person with signs in colour, or as one JSON document.
import type { PlanHeadline } from '../model/headline/plan-headline.ts';
import type { HostNews } from '../model/observations/news.ts';
import type { DiscoveredServer } from '../model/discovery/discovery.ts';
import type { FleetPlan } from '../model/plan.ts';
import { digestPlan } from '../plan/plan-file.ts';
import { renderMissing } from '../report/discovery/discovery-text.ts';
import { renderNews } from '../report/history/history-text.ts';
import { renderPlan } from '../report/text/plan-text.ts';
import type { NotReady } from '../workflows/check-plan.ts';
import { paintFor } from './io/colours.ts';
import type { World } from './compose.ts';
import { jsonDocumentByItem, jsonTexts } from './json.ts';

export interface ShowOptions {
  readonly json: boolean;
  readonly verbose: boolean;
  /** Left out: it is not shown what the whole comes to. */
  readonly headline?: PlanHeadline | undefined;
  /** In the JSON document only. Left out: no host was asked again. */
  readonly notReady?: readonly NotReady[];
  /** Of a verification: what its hosts' histories make of it; null: they could not be read. Left out: nobody looked. */
  readonly sinceLastTime?: readonly HostNews[] | null;
  /** Of a verification: servers of the directory that are in no inventory. Left out: it was not asked. */
  readonly notInInventory?: readonly DiscoveredServer[] | undefined;
  /** The plan is a rollback's. */
  readonly takesBack?: boolean;
}

/** `kind` names the JSON document. */
export async function showPlan(
  plan: FleetPlan,
  args: ShowOptions,
  world: World,
  kind: 'plan' | 'verify' = 'plan',
): Promise<void> {
  const { json, notReady, headline, sinceLastTime, notInInventory } = args;
  const asked = {
    ...(notReady === undefined ? {} : { notReady }),
    ...(sinceLastTime === undefined ? {} : { sinceLastTime }),
    ...(notInInventory === undefined ? {} : { notInInventory }),
  };
  if (json) {
    const { hosts, ...about } = plan;
    const body = { digest: digestPlan(plan), ...(headline === undefined ? {} : { headline }), ...about, ...asked };
    await world.outParts(jsonDocumentByItem(kind, body, 'hosts', jsonTexts(hosts)));
  } else {
    world.out(renderPlan(plan, { ...args, addresses: world.addresses, paint: paintFor(process.stdout) }));
    if (sinceLastTime !== undefined && sinceLastTime !== null) world.out(renderNews(sinceLastTime));
    if (notInInventory !== undefined) world.out(renderMissing(notInInventory));
  }
}

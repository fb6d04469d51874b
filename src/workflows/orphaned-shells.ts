// Ends the shells that a dead process of a run left on hosts which whoever goes on with the run asks nothing of: never started, or settled.
// On all others run/hosts/orphaned-shells.ts ends them along the way. It is a favour to the servers: where it does not come off, it is left.
import type { RunHistory } from '../model/history.ts';
import type { HostPlan } from '../model/plan.ts';
import { forEachHost } from '../run/fleet/pool.ts';
import { restoreTargets } from './saved-targets.ts';
import type { OwnInventory } from './seams.ts';
import { askFleet, type SurveySeams } from './survey-fleet.ts';

export interface ShellsLeft {
  readonly history: Pick<RunHistory, 'openShells' | 'started'>;
  /** Hosts that are connected to anyway. */
  readonly reached: readonly string[];
  /** What the run's plan says of its hosts. */
  readonly hosts: readonly Pick<HostPlan, 'target' | 'connection'>[];
  readonly inventory: OwnInventory;
  /** Hosts at once. */
  readonly concurrency: number;
}

/** Hosts with a shell that nobody else comes to. */
export function findShellsElsewhere({ openShells }: ShellsLeft['history'], reached: readonly string[]) {
  return Object.keys(openShells).filter((host) => !reached.includes(host));
}

/** `seams.connector` knows which shells they are. Throws Failure `interrupted` and nothing else. */
export async function endShellsElsewhere(left: ShellsLeft, seams: SurveySeams): Promise<void> {
  const { history, reached, hosts, inventory, concurrency } = left;
  const elsewhere = new Set(findShellsElsewhere(history, reached));
  const chosen = hosts.filter((one) => elsewhere.has(one.target));
  if (chosen.length === 0) return;
  const saved = chosen.map(({ target, connection }) => ({ target, connection, isReached: true }));
  const request = { kind: 'run', hosts: saved, inventory: history.started.inventory.files } as const;
  const targets = await restoreTargets(request, inventory).catch(() => []);
  const stage = { doing: 'closing shells left by the interrupted run', asked: 'asked', hosts: targets.length };
  await askFleet(stage, seams, ({ connector, signal }) =>
    forEachHost(targets, { concurrency }, async (target) => {
      try {
        const session = await connector.connect(target, { signal });
        await session.close();
      } catch {
        // The server ends it by itself in time.
      }
    }),
  );
}

// The histories of the hosts of a report, as its small chart needs them: up to when the report was made, by the report's own playbook. A history
// that can't be read is left out, with a warning: a report is about something else.
import { countDriftOverTime } from '../../model/observations/drift-over-time.ts';
import { groupBy } from '../../model/lists/group-by.ts';
import type { HostObservations } from '../../model/observations/observation.ts';
import type { FleetView } from '../../report/view/fleet-view.ts';
import type { World } from '../compose.ts';
import { readHistories } from './keep-history.ts';

export async function addDrift(view: FleetView, world: World): Promise<FleetView> {
  const until = view.finishedAt ?? view.at;
  const histories = groupBy((await readHistories(world)) ?? [], (one) => one.host);
  const chosen = view.hosts.flatMap(({ host }) => chooseHistory(view, histories.get(host) ?? []) ?? []);
  const drift = countDriftOverTime(chosen, until);
  return drift.length < 2 ? view : { ...view, drift };
}

/** The one that somebody added to last, of several endpoints or desires. A snapshot and a rollback go by no playbook's name: there any will do. */
function chooseHistory(
  { kind, title }: FleetView,
  histories: readonly HostObservations[],
): HostObservations | undefined {
  const lastOf = ({ spans }: HostObservations): string => spans.at(-1)?.lastAt ?? '';
  return histories
    .filter((one) => (kind !== 'plan' && kind !== 'apply') || one.playbook === title)
    .toSorted((a, b) => (lastOf(a) < lastOf(b) ? 1 : -1))[0];
}

// What `history` prints: one host's story, or one line for each. It writes nothing and asks no host.
import { Failure } from '../../../model/failure.ts';
import { findSinceWhen } from '../../../model/observations/since-when.ts';
import type { HostObservations } from '../../../model/observations/observation.ts';
import { renderFleetHistory, renderHostHistory } from '../../../report/history/history-text.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { openHistory } from '../../history/keep-history.ts';
import { findColumns } from '../../io/terminal.ts';
import { jsonDocument } from '../../json.ts';

export interface HistoryArguments {
  readonly host: string | undefined;
  readonly json: boolean;
}

/** Returns the exit code. Throws Failure `run/unknown` without a state directory, `usage/invalid` for a host nobody looked at. */
export async function showHistory({ host, json }: HistoryArguments, world: World): Promise<number> {
  await world.state.checkExists();
  const { histories, damaged } = await openHistory(world).read();
  const chosen = histories.filter((one) => host === undefined || one.host === host).toSorted(byHostNewestFirst);
  if (host !== undefined && chosen.length === 0) {
    throw new Failure('usage/invalid', 'no history is kept of a host of this name', {
      where: host,
      hint: 'fencepost history lists the hosts; verify, collect and runs add to it',
    });
  }
  const hosts = chosen.map((one) => ({ since: findSinceWhen(one), spans: one.spans }));
  for (const file of damaged) world.say(`warning: this history is damaged and is left out: ${file}\n`);
  const width = findColumns(process.stdout);
  if (json) world.out(jsonDocument('host-history', { hosts, damaged }));
  else if (host === undefined) {
    world.out(
      renderFleetHistory(
        hosts.map((one) => one.since),
        width,
      ),
    );
  } else world.out(hosts.map((one) => renderHostHistory(one, width)).join('\n'));
  return damaged.length === 0 ? exitCodes.done : exitCodes.someFailed;
}

function byHostNewestFirst(a: HostObservations, b: HostObservations): number {
  const lastOf = ({ spans }: HostObservations): string => spans.at(-1)?.lastAt ?? '';
  if (a.host !== b.host) return a.host < b.host ? -1 : 1;
  return lastOf(a) < lastOf(b) ? 1 : -1;
}

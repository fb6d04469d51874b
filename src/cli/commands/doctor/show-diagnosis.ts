// What `doctor` prints: a table for a person, or one JSON document.
import { listFixCommands, isInOrder, renderDoctor } from '../../../report/text/doctor-text.ts';
import type { ExaminedHost } from '../../../run/survey/examine-hosts.ts';
import type { World } from '../../compose.ts';
import { paintFor } from '../../io/colours.ts';
import { jsonDocumentByItem } from '../../json.ts';

export interface ShowDiagnosisOptions {
  readonly json: boolean;
  /** Every check of every host. */
  readonly verbose: boolean;
  /** As it was named, for the commands that are shown. */
  readonly inventory: readonly string[];
}

export function showDiagnosis(
  hosts: readonly ExaminedHost[],
  { json, verbose, inventory }: ShowDiagnosisOptions,
  { out, addresses }: Pick<World, 'out' | 'addresses'>,
): void {
  if (json) for (const part of jsonDocumentByItem('doctor', {}, 'hosts', jsonHosts(hosts, inventory))) out(part);
  else out(renderDoctor(hosts, { verbose, inventory, addresses, paint: paintFor(process.stdout) }));
}

function* jsonHosts(hosts: readonly ExaminedHost[], inventory: readonly string[]): Iterable<string> {
  for (const host of hosts) {
    const checks = host.checks.map((check) => ({ ...check, commands: listFixCommands(check, host.target, inventory) }));
    yield JSON.stringify({ host: host.target.name, inOrder: isInOrder(host), checks });
  }
}

// The words about servers of a directory that are in no inventory (verify --discover): the same in a terminal, in JUnit and in CI.
import type { DiscoveredServer } from '../../model/discovery/discovery.ts';
import { counted } from '../../model/text/counted.ts';

/** Its page is in explanations/directory.ts. */
export const missingCheck = 'not-in-inventory';
export const missingFix = 'fencepost discover --domain DOMAIN --out INVENTORY --update';
/** Of one server, behind its name. */
export const missingSentence = 'the directory has this Exchange server, and no inventory does: nobody checked it';

export function describeMissing(count: number): string {
  return `${counted(count, 'Exchange server')} of the directory ${count === 1 ? 'is' : 'are'} in no inventory`;
}

export function nameMissing(missing: readonly DiscoveredServer[]): readonly string[] {
  return missing.map(({ fqdn, name }) => fqdn ?? name);
}

// The one sentence for a site whose hosts wait while no runner of it takes part: progress and status say the same. Pure.
import type { SiteStanding } from '../joined-run.ts';
import { counted } from './counted.ts';

export function describeMissing({ site, waiting }: Pick<SiteStanding, 'site' | 'waiting'>): string {
  return `waiting for a runner of site ${site} (${counted(waiting, 'host')})`;
}

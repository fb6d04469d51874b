// What the runner of a site says of a run that it took part in: its own hosts, for it knows no others.
import type { HostVerdict } from '../../model/outcome.ts';
import { counted } from '../../model/text/counted.ts';
import { renderTable, wrapText } from '../text/table.ts';

export interface SiteRunShown {
  readonly run: string;
  /** Of the hosts that this runner had. */
  readonly hosts: readonly HostVerdict[];
  /** Why it took no part, or left early; null: neither. */
  readonly problem: string | null;
}

export function renderSiteOutcome({ run, hosts, problem }: SiteRunShown, site: string): string {
  const counts = new Map<string, number>();
  for (const { verdict } of hosts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const words = [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
  const had = `this runner had ${counted(hosts.length, 'host')} of site ${site}${words === '' ? '' : `: ${words}`}`;
  return `${wrapText(problem === null ? `Run ${run}: ${had}` : `warning: run ${run}: ${problem} (${had})`, '', '  ')}\n`;
}

/** What `runner --once` had, in the end. */
export function renderSiteRuns(runs: readonly SiteRunShown[]): string {
  if (runs.length === 0) return 'No run has hosts that wait for this site.\n';
  return runs
    .map(({ run, hosts, problem }) => {
      const lines = hosts.map(
        ({ host, verdict, detail }) => `${wrapText(`${host}: ${verdict}: ${detail}`, '  ', '    ')}\n`,
      );
      return `Run ${run}: ${problem ?? counted(hosts.length, 'host')}\n${lines.join('')}`;
    })
    .join('');
}

/** Which database role acts for which site. */
export function renderSiteRoles(sites: readonly { readonly site: string; readonly role: string }[]): string {
  if (sites.length === 0) return 'No role acts for a site.\n';
  return renderTable([['SITE', 'ROLE'], ...sites.map(({ site, role }) => [site, role])]);
}

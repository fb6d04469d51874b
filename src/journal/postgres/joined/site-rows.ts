// I/O: what a run with sites has in its rows beside what every shared run has: the part of the plan that a site may see, and who waits for
// whom. Asked by the runners that make and coordinate a run; what a site's own runner does is site-run.ts.
import type { SiteStanding } from '../../../model/joined-run.ts';
import type { Query } from '../database.ts';
import { inParts } from '../runs.ts';
import { nameRunner } from './runners.ts';

export async function writeSitePlan(
  { run, site }: { readonly run: string; readonly site: string },
  text: Iterable<string>,
  query: Query,
): Promise<void> {
  let part = 0;
  for await (const bytes of inParts(text)) {
    await query('INSERT INTO fencepost.site_part (run, site, part, bytes) VALUES ($1, $2, $3, $4)', [
      run,
      site,
      part++,
      bytes,
    ]);
  }
}

export function listSites(run: string, query: Query): Promise<readonly SiteStanding[]> {
  return query<SiteStanding>(
    `SELECT h.site, count(*) FILTER (WHERE h.state = 'waiting' AND h.batch = r.batch)::int AS waiting,
       (SELECT count(*) FROM fencepost.lease l JOIN fencepost.runner w ON w.id = l.runner
        WHERE l.holder->>'run' = $1 AND l.holder->>'label' = $2 AND l.holder->>'site' = h.site
          AND w.expires_at >= clock_timestamp())::int AS runners
     FROM fencepost.joined_host h JOIN fencepost.joined_run r ON r.run = h.run
     WHERE h.run = $1 AND h.site IS NOT NULL AND h.batch > 0 GROUP BY h.site ORDER BY h.site`,
    [run, nameRunner(run)],
  );
}

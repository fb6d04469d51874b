// I/O: what the runner of a site waits for: runs with hosts of it. A connection of its own listens; what it misses, for it went away or a
// proxy in between forwards no notifications, a look now and then finds.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SiteWork } from '../../../model/joined-run.ts';
import type { JoinOptions } from '../../state.ts';
import type { Database, Listening } from '../database.ts';
import { createSiteRun } from './site-run.ts';

const sitesChannel = 'fencepost_sites';

export function createSiteWork(
  options: Omit<JoinOptions, 'run'> & { readonly site: string },
  database: Database,
  elapsedMs: () => number,
): SiteWork {
  const { site } = options;
  let listening: Listening | null = null;
  let isNew = false;
  let wake = (): void => undefined;

  async function listen(): Promise<void> {
    if (listening?.isOpen === true) return;
    listening = await database
      .listen(sitesChannel, () => {
        isNew = true;
        wake();
      })
      .catch(() => null);
  }

  return {
    site,
    async listOpenRuns() {
      // Before the look: what comes in between is not missed.
      await listen();
      isNew = false;
      const rows = await database.transact((query) =>
        query<{ run: string }>(
          `SELECT r.run FROM fencepost.joined_run r WHERE NOT r.closed AND r.stopping IS NULL AND EXISTS (
             SELECT FROM fencepost.joined_host h
             WHERE h.run = r.run AND h.site = $1 AND h.batch > 0 AND h.state = 'waiting')
           ORDER BY r.run`,
          [site],
        ),
      );
      return rows.map((one) => one.run);
    },
    async wait(ms, signal) {
      if (isNew || signal.aborted) return;
      const over = new AbortController();
      const woken = new Promise<void>((resolve) => (wake = resolve));
      await Promise.race([
        woken,
        sleep(ms, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => undefined),
      ]);
      over.abort();
    },
    openRun: (run) => createSiteRun({ ...options, run }, database, elapsedMs),
    async close() {
      await listening?.close();
    },
  };
}

// I/O: what runs from which a host was taken may have left on it. The database notes each takeover (sql/0006-left-behind.ts); what there was on
// the host then, that run's own records of it say. For the runner of a site too, which may read those of its hosts and no others.
import type { LeftOnHost } from '../../model/history.ts';
import { followLeft, leftUnread } from '../left/left-behind.ts';
import { EventFault, readEvent } from '../read-event.ts';
import type { Database, Query } from './database.ts';

interface TakenHost {
  readonly key: string;
  /** That has it now. */
  readonly run: string;
}

interface LeftRow {
  readonly run: string;
  readonly host: string;
  readonly line: Buffer;
}

/** In the transaction that takes the host; of a lock that is of no host nothing is asked. */
export async function hasLeft({ key, run }: TakenHost, query: Query): Promise<boolean> {
  if (key.includes(' ')) return false;
  const rows = await query('SELECT FROM fencepost.list_left($1, $2) LIMIT 1', [run, key]);
  return rows.length > 0;
}

/** Throws Failure `run/left-behind` when it can't be known, `journal/unwritable` when the database stays away. */
export async function readLeft(
  { key, run }: TakenHost,
  database: Pick<Database, 'persist'>,
): Promise<readonly LeftOnHost[]> {
  const { noted, lines } = await database.persist(async (query) => ({
    noted: await query<Omit<LeftRow, 'line'>>('SELECT run, host FROM fencepost.list_left($1, $2)', [run, key]),
    lines: await query<LeftRow>('SELECT run, host, line FROM fencepost.read_left($1, $2)', [run, key]),
  }));
  return noted.map(({ run: of, host }) => {
    const follower = followLeft(host);
    for (const one of lines) {
      if (one.run === of && one.host === host) follower.event(readRecord(one));
    }
    return { run: of, ...follower.left() };
  });
}

/** Of that run nothing is left there. */
export async function settleLeft(
  { key, run }: TakenHost,
  of: string,
  database: Pick<Database, 'persist'>,
): Promise<void> {
  await database.persist((query) => query('SELECT fencepost.settle_left($1, $2, $3)', [run, key, of]));
}

function readRecord({ run, host, line }: LeftRow): ReturnType<typeof readEvent> {
  try {
    const { event } = JSON.parse(line.toString('utf8')) as { readonly event: unknown };
    return readEvent(event);
  } catch (thrown) {
    if (thrown instanceof EventFault || thrown instanceof SyntaxError) throw leftUnread(run, host, thrown.message);
    throw thrown;
  }
}

// I/O: which database role acts for which site. What such a role may see and do stands in sql/0003-sites.ts; here it is only given and taken.
import { Failure } from '../../model/failure.ts';
import { readErrnoCode } from '../../model/failures/errno-code.ts';
import type { Database, Query } from './database.ts';

export interface SiteRole {
  readonly site: string;
  readonly role: string;
}

/** No such role; it sees all by another way; whoever asks is not the owner. */
const refusals: readonly string[] = ['42704', '0L000', '42501'];

/** Throws Failure `usage/invalid` when the database refuses. */
export function addSite(database: Database, { site, role }: SiteRole): Promise<readonly SiteRole[]> {
  return change(database, role, (query) => query('CALL fencepost.add_site($1, $2)', [role, site]));
}

/** The same. */
export function removeSite(database: Database, role: string): Promise<readonly SiteRole[]> {
  return change(database, role, (query) => query('CALL fencepost.remove_site($1)', [role]));
}

export function listSiteRoles(database: Database): Promise<readonly SiteRole[]> {
  return database.transact(list);
}

function change(
  database: Database,
  role: string,
  work: (query: Query) => Promise<unknown>,
): Promise<readonly SiteRole[]> {
  return database.transact(async (query) => {
    try {
      await work(query);
    } catch (thrown) {
      if (!(thrown instanceof Error) || !refusals.includes(readErrnoCode(thrown) ?? '')) throw thrown;
      throw new Failure('usage/invalid', `the database refuses: ${thrown.message}`, {
        where: role,
        hint: 'CREATE ROLE makes it, for this site alone; call this as the owner of the schema',
        cause: thrown,
      });
    }
    return list(query);
  });
}

function list(query: Query): Promise<readonly SiteRole[]> {
  return query<SiteRole>('SELECT site, role::text FROM fencepost.site_role ORDER BY site, role');
}

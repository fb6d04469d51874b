// What `state site` does: lets a database role act for a site and for nothing else, takes that from it, and lists who acts for which.
import type { SiteRole } from '../../../journal/postgres/sites.ts';
import { Failure } from '../../../model/failure.ts';
import { isSiteName, siteNameWords } from '../../../model/text/site-name.ts';
import { renderSiteRoles } from '../../../report/sites/site-text.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { jsonDocument } from '../../json.ts';
import type { NamedState } from '../../state/name-state.ts';
import { withDatabase } from './keep-state.ts';

export interface SiteRequest {
  readonly action: string | undefined;
  readonly site: string | undefined;
  readonly role: string | undefined;
  readonly json: boolean;
}

/** Returns the exit code. Throws Failure `usage/invalid`, `state/unavailable`, `state/other-version`. */
export async function keepSites(request: SiteRequest, named: NamedState, world: World): Promise<number> {
  const change = readChange(request);
  const { addSite, listSiteRoles, removeSite } = await import('../../../journal/postgres/sites.ts');
  return withDatabase(named, world, async (database) => {
    const sites = await (change.kind === 'list'
      ? listSiteRoles(database)
      : change.kind === 'add'
        ? addSite(database, change)
        : removeSite(database, change.role));
    world.out(request.json ? jsonDocument('state-sites', { sites }) : renderSiteRoles(sites));
    return exitCodes.done;
  });
}

type Change =
  | ({ readonly kind: 'add' } & SiteRole)
  | { readonly kind: 'remove'; readonly role: string }
  | { readonly kind: 'list' };

function readChange({ action, site, role }: SiteRequest): Change {
  if (action === 'list' && site === undefined && role === undefined) return { kind: 'list' };
  if (action === 'remove' && site === undefined && role !== undefined) return { kind: 'remove', role };
  if (action === 'add' && site !== undefined && role !== undefined) {
    if (isSiteName(site)) return { kind: 'add', site, role };
    throw new Failure('usage/invalid', `state site add: expected ${siteNameWords}`);
  }
  throw new Failure('usage/invalid', 'state site goes with add SITE --role ROLE, remove --role ROLE, or list', {
    hint: 'fencepost state site add paris --role paris',
  });
}

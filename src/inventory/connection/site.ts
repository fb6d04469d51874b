// The variable of one host that says in which closed segment it stands -> the name of its site, or why it is none at file:line:column. It
// changes nothing of how the host is reached: it says whose runner changes it in a shared run. A variable of this name may have been there for
// something else, so what can't name a site is warned of, not refused. It evaluates no templates.
import type { Issue } from '../../model/failure.ts';
import { isSiteName, siteNameWords } from '../../model/text/site-name.ts';
import { chooseSecrecyPath, describeValue } from '../../yaml/words.ts';
import { issueAt, vaultedMark, type Variable } from '../variables.ts';
import { templateAdvice } from './template.ts';

export interface SiteRead {
  /** Null: it stands in none, or the variable is of something else. */
  readonly site: string | null;
  readonly warning: Issue | null;
}

const none: SiteRead = { site: null, warning: null };

/** Reads the merged variables of one host; `site: null` takes it out of its group's. Never throws. */
export function readSite(variables: ReadonlyMap<string, Variable>): SiteRead {
  const variable = variables.get('site');
  if (variable === undefined || variable.value === null) return none;
  const { value, place } = variable;
  const site = typeof value === 'number' ? String(value) : value;
  if (typeof site === 'string' && templateAdvice(site, 'site') === null && site !== vaultedMark && isSiteName(site)) {
    return { site, warning: null };
  }
  const shown = value === vaultedMark ? 'an encrypted value' : describeValue(value, chooseSecrecyPath(place));
  const advice = templateAdvice(value, 'site') ?? `expected ${siteNameWords}, got ${shown}`;
  return { site: null, warning: issueAt(place, `${advice}; the host stands in no site`) };
}

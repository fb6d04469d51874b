// What the account may do on a host, as a fact, and the one finding about it: plan, verify, collect and doctor all say it in these words.
// It concludes nothing from group names; windows/rights.ts reads SIDs. Source: facts windows.md 0.11; wsman.md, fault 5 (UAC).

/**
 * - `administrator`: of the host's Administrators, with all rights of it.
 * - `filtered`: of Administrators, but UAC has taken the rights away for this logon.
 * - `plain`: no administrator. Over WinRM it may read the port tables, but neither services (sc) nor processes (tasklist).
 */
export const accountRights = ['administrator', 'filtered', 'plain'] as const;
export type AccountRights = (typeof accountRights)[number];

/** How a gap names the question. */
export const rightsQuestion = 'rights';

/** Null: not read, and so not known. */
export function isKnownUnprivileged(rights: AccountRights | null): rights is Exclude<AccountRights, 'administrator'> {
  return rights === 'filtered' || rights === 'plain';
}

/** `this account is no administrator of the server` */
export function describeRights(rights: Exclude<AccountRights, 'administrator'>): string {
  return rights === 'filtered'
    ? 'UAC has taken the administrator rights of this account away for logons over the network'
    : 'this account is no administrator of the server';
}

export function adviceOnRights(rights: Exclude<AccountRights, 'administrator'>): string {
  return rights === 'filtered'
    ? 'use a domain account of Administrators, or set LocalAccountTokenFilterPolicy to 1 on the server'
    : 'use an account that is in Administrators on the server, or put this one there';
}

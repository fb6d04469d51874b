// What an Exchange server of the directory is marked with, and why it is left out of the group that playbooks name. It reads nothing.
// A name is called decommissioned only on its account's word, or where neither DNS nor a logon speaks for it. Source: issue 19.
import {
  nameGeneration,
  type ComputerAccount,
  type ExchangeServer,
  type NameResolution,
  type ServerMark,
} from './discovery.ts';

/** Windows renews lastLogonTimestamp every 9 to 14 days; three months are no holiday of a mail server. */
const mostQuietDays = 90;

const dayMs = 24 * 60 * 60 * 1000;

/** `now`: ISO 8601. */
export function markServer(
  server: ExchangeServer,
  account: ComputerAccount,
  dns: NameResolution,
  now: string,
): readonly ServerMark[] {
  const marks: ServerMark[] = [];
  if (server.roles.includes('edge')) marks.push('edge');
  const generation = nameGeneration(server.version);
  if (generation === '2007' || generation === '2010') marks.push('old');
  // An Edge server is no member of the domain, and often stands in a DNS of its own.
  if (!marks.includes('edge')) marks.push(...markAccount(account, dns, now));
  return marks;
}

/** True: it belongs into the group that playbooks name. */
export function isManaged({ marks }: { readonly marks: readonly ServerMark[] }): boolean {
  return !marks.some((mark) => mark === 'edge' || mark === 'old' || mark === 'decommissioned');
}

function markAccount(account: ComputerAccount, dns: NameResolution, now: string): readonly ServerMark[] {
  const marks: ServerMark[] = [];
  if (dns === 'missing') marks.push('no-dns');
  if (account.kind === 'missing') marks.push('no-account');
  if (account.kind === 'found' && account.isDisabled) marks.push('disabled');
  if (account.kind === 'found' && isQuiet(account.lastLogon, now)) marks.push('no-logon');
  const isGone = marks.some((mark) => mark !== 'no-dns') || (dns === 'missing' && account.kind === 'unknown');
  return isGone ? ['decommissioned', ...marks] : marks;
}

function isQuiet(lastLogon: string | null, now: string): boolean {
  return lastLogon === null || Date.parse(now) - Date.parse(lastLogon) > mostQuietDays * dayMs;
}

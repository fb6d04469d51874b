// What `discover` and `verify --discover` say of a directory's Exchange servers, for a person. Names are texts that others wrote: the
// streams make them visible. It decides nothing.
import {
  formatExchangeVersion,
  nameGeneration,
  type DiscoveredServer,
  type Discovery,
  type ServerMark,
} from '../../model/discovery/discovery.ts';
import { describeMissing, missingCheck, missingFix, nameMissing } from './missing-words.ts';
import { counted } from '../../model/text/counted.ts';
import { renderTable } from '../text/table.ts';

export interface DiscoveryResult {
  /** Null: the inventory went to stdout. */
  readonly file: string | null;
  readonly isUpdate: boolean;
  readonly added: readonly string[];
  readonly gone: readonly string[];
  readonly changed: readonly string[];
  readonly unnamed: readonly string[];
}

const markWords: Readonly<Record<ServerMark, string>> = {
  edge: 'Edge',
  old: 'too old',
  decommissioned: 'decommissioned',
  'no-dns': 'no DNS',
  'no-logon': 'no logon for months',
  disabled: 'account disabled',
  'no-account': 'no computer account',
};

export function renderDiscovery(discovery: Discovery, result: DiscoveryResult): string {
  const { organization, controller, servers, notes } = discovery;
  const rows = servers.map((one) => [
    one.fqdn ?? `${one.name} (no name to reach it by)`,
    one.version === null ? '?' : `${nameGeneration(one.version) ?? '?'} ${formatExchangeVersion(one.version)}`,
    one.site ?? '-',
    one.availabilityGroup ?? '-',
    describePorts(one),
    one.marks.map((mark) => markWords[mark]).join(', '),
  ]);
  return [
    `${counted(servers.length, 'Exchange server')} of ${organization}, from ${controller}\n\n`,
    renderTable([['server', 'version', 'site', 'DAG', 'IMAP4/POP3 back end', ''], ...rows]),
    '\n',
    ...notes.map((note) => `note: ${note}\n`),
    ...renderResult(result),
  ].join('');
}

/** `verify --discover`: empty when none is missing. */
export function renderMissing(missing: readonly DiscoveredServer[]): string {
  if (missing.length === 0) return '';
  return [
    `\n${describeMissing(missing.length)} [${missingCheck}]\n`,
    ...nameMissing(missing).map((name) => `  ${name}\n`),
    `  fix: ${missingFix}\n`,
  ].join('');
}

function describePorts({ backEndPorts: { imap4, pop3 } }: DiscoveredServer): string {
  return imap4 === null && pop3 === null ? '?' : `${imap4 ?? '?'}/${pop3 ?? '?'}`;
}

function renderResult({ file, isUpdate, added, gone, changed, unnamed }: DiscoveryResult): readonly string[] {
  const list = (head: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [`${head}\n`, ...lines.map((line) => `  ${line}\n`)];
  const isSame = added.length === 0 && changed.length === 0;
  return [
    ...(isUpdate ? list('came:', added) : []),
    ...list('gone from the directory; they stay in the inventory until you delete them:', gone),
    ...(isUpdate ? list('changed:', changed) : []),
    ...list('in no group, for the directory has no name to reach them by:', unnamed),
    ...(file === null ? [] : [isUpdate ? `${isSame ? 'unchanged' : 'updated'}: ${file}\n` : `written: ${file}\n`]),
  ];
}

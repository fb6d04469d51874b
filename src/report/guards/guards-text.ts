// Guards as text: what `confirm` came to for each host, and the guards that are on hosts now. Worst first; it decides nothing.
import type { FailureRecord } from '../../model/failure.ts';
import { counted } from '../../model/text/counted.ts';
import { wrapNames, wrapText } from '../text/table.ts';

export interface ConfirmedLine {
  readonly host: string;
  readonly result: keyof typeof resultWords;
  readonly detail: string;
  readonly failure: FailureRecord | null;
}

/** Worst first. */
const resultWords = {
  failed: 'NOT CONFIRMED, could not be asked',
  'not-as-desired': 'NOT CONFIRMED, not as desired',
  'undone-by-host': 'undone by the host itself',
  extended: 'extended',
  confirmed: 'confirmed',
} as const;

export function renderConfirmed(run: string, hosts: readonly ConfirmedLine[]): string {
  const groups = Object.entries(resultWords).flatMap(([result, words]) => {
    const alike = hosts.filter((one) => one.result === result);
    if (alike.length === 0) return [];
    const lines = alike.map(({ host, detail }) => `${wrapText(detail, `  ${host}: `, '    ')}\n`);
    return [`${counted(alike.length, 'host')}: ${words}\n${lines.join('')}`];
  });
  return `${groups.join('')}Run ${run}.\n`;
}

export interface GuardsLine {
  readonly host: string;
  /** Null: they could not be listed. */
  readonly guards: readonly string[] | null;
  /** Why they could not be listed, or not all be deleted. */
  readonly failure: FailureRecord | null;
}

export function renderGuards(hosts: readonly GuardsLine[]): string {
  const lines = hosts.flatMap(({ host, guards, failure }) => {
    if (guards === null) {
      const reason = failure?.message ?? 'the tasks could not be listed; this needs an administrator';
      return [`${wrapText(`NOT KNOWN: ${reason}`, `${host}: `, '  ')}\n`];
    }
    const why = failure === null ? '' : ` (${failure.message})`;
    return guards.length === 0 ? [] : [`${wrapText(`${guards.join(', ')}${why}`, `${host}: `, '  ')}\n`];
  });
  const free = hosts.filter((one) => one.guards?.length === 0).map((one) => one.host);
  const without =
    free.length === 0 ? '' : `${counted(free.length, 'host')} without a guard:\n${wrapNames(free, '  ')}\n`;
  return `${lines.join('')}${without}`;
}

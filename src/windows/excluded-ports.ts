// The exclusion tables: the question, its reader, and the commands that add and delete a range. A delete is the exact twin of
// its add, for netsh deletes only what matches in start and count (netsh-samples/help-delete-es-1).
// Arguments are named and words full: netsh silently ignores bare ones it doesn't understand (facts: windows.md section 1).
import type { Exclusion, Family, Protocol, Store } from '../model/host-state.ts';
import { lastPort, portRangeFromEnds } from '../model/port-range.ts';
import type { PortRange } from '../model/port-range.ts';
import { quoteWords, splitLines, valueWithNoise, refusal } from './cmd/lines.ts';
import type { Problem, Reading } from './cmd/lines.ts';
import { readTable } from './table.ts';

/** `netsh interface ipv4 show excludedportrange protocol=tcp store=active`. Needs no elevation. */
export function showExclusions(family: Family, protocol: Protocol, store: Store): string {
  return `netsh interface ${family} show excludedportrange protocol=${protocol} store=${store}`;
}

/** The same, but only the row of exactly this administered range: findstr ends with 1 when it is not there. */
export function findExclusion(family: Family, protocol: Protocol, range: PortRange, store: Store): string {
  const row = ` ${range.firstPort}  *${lastPort(range)}  *\\*`;
  return `${showExclusions(family, protocol, store)} | findstr /r /c:"${row}"`;
}

/** Adds one range to one store. Fails on the host while any socket has one of its ports open (facts: section 2). */
export function addExclusion(family: Family, protocol: Protocol, range: PortRange, store: Store): string {
  return changeExclusion('add', family, protocol, range, store);
}

/** Undoes exactly what `addExclusion` with the same arguments added. */
export function deleteExclusion(family: Family, protocol: Protocol, range: PortRange, store: Store): string {
  return changeExclusion('delete', family, protocol, range, store);
}

function changeExclusion(
  verb: 'add' | 'delete',
  family: Family,
  protocol: Protocol,
  range: PortRange,
  store: Store,
): string {
  const what = `protocol=${protocol} startport=${range.firstPort} numberofports=${range.portCount} store=${store}`;
  return `netsh interface ${family} ${verb} excludedportrange ${what}`;
}

/**
 * `unsupported`: netsh refused the question with words and no table. That alone proves nothing; only when every table is
 * refused, on a Windows before 6.2, does this netsh lack the command (`lacksExclusions`). `problem` is the sentence otherwise.
 */
export type ExclusionReading = Reading<readonly Exclusion[]> | (Problem & { readonly unsupported: true });

/**
 * Reads one exclusion table, rows in the order printed.
 *
 * A wholly blank answer with exit code 0 is an empty table for the persistent store only: what netsh prints for an empty store
 * is not known, and a persistent store may well be empty (facts: section 1, `store=` [U]). The active one never is on a host
 * that answers WinRM. `knownNoise`: the noise around this host's other tables, which makes a blank answer no less blank.
 */
export function readExclusions(
  text: string,
  exitCode: number,
  store: Store,
  knownNoise: ReadonlySet<string> = new Set(),
): ExclusionReading {
  if (exitCode !== 0) {
    if (/-{3,}/.test(text)) return { problem: `netsh ended with exit code ${exitCode}: ${quoteWords(text)}` };
    const refused = refusal('netsh', exitCode, text);
    return exitCode === 1 ? { unsupported: true, ...refused } : refused;
  }
  if (store === 'persistent') {
    const words = splitLines(text).filter((line) => line.text !== '');
    if (words.every((line) => knownNoise.has(line.text))) return valueWithNoise([], words);
  }
  const table = readTable(text);
  if ('problem' in table) return table;
  const exclusions = table.rows.map((row) => ({
    range: portRangeFromEnds(row.firstPort, row.lastPort),
    administered: row.starred,
  }));
  return valueWithNoise(exclusions, table.noise ?? []);
}

/**
 * True when these readings of all tables mean that netsh has no `excludedportrange`: Windows 2008 and 2008 R2 (6.0, 6.1) without
 * KB2665809; 2012 (6.2) and later have it built in (facts: section 3).
 */
export function lacksExclusions(
  windows: { readonly major: number; readonly minor: number },
  readings: readonly ExclusionReading[],
): boolean {
  const before2012 = windows.major === 6 && windows.minor < 2;
  return before2012 && readings.length > 0 && readings.every((reading) => 'unsupported' in reading);
}

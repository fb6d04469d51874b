// The registry as a second witness for the persistent exclusions: the question and its reader. netsh may print no row of the persistent
// store although the range is permanent (facts: windows.md 0.9). Never written to. Keys and names of the values: facts section 3
// (community, not Microsoft), so whatever is not exactly of that form makes the key no witness, never an answer.
import type { Protocol } from '../model/host-state.ts';
import { isPort, lastPort, type PortRange } from '../model/port-range.ts';
import { quoteWords, splitLines } from './cmd/lines.ts';
import type { Line, Reading } from './cmd/lines.ts';

const nsi = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nsi';

/** The key of the protocol's module. It knows no address family: an entry is about both. */
const keys: Readonly<Record<Protocol, string>> = {
  tcp: `${nsi}\\{eb004a03-9b1a-11d4-9123-0050047759bc}\\29`,
  udp: `${nsi}\\{eb004a02-9b1a-11d4-9123-0050047759bc}\\5`,
};

/** `reg query HKLM\SYSTEM\...\{eb004a03-...}\29`. Needs no elevation. */
export function showPersistentEntries(protocol: Protocol): string {
  return `reg query ${keys[protocol]}`;
}

/** Four hex digits of the first port, then four of the count with its bytes swapped: `cc570100` is 52311, one port. */
const entryName = /^([0-9a-f]{4})([0-9a-f]{2})([0-9a-f]{2})$/i;
const value = /^(.+) (REG_[A-Z_]+) ?(.*)$/;

/**
 * The ranges of the key, by port. A key that is missing, forbidden or of another form is a problem: then the registry is no witness.
 * The unnamed default value, whose name is localized in parentheses, and lines with keys say nothing about ranges.
 */
export function readPersistentEntries(text: string, exitCode: number): Reading<readonly PortRange[]> {
  if (exitCode !== 0) return { problem: `reg ended with exit code ${exitCode}: ${quoteWords(text)}` };
  const ranges: PortRange[] = [];
  for (const line of splitLines(text)) {
    if (line.text === '' || /^HKEY_/i.test(line.text)) continue;
    const [, name = '', type] = value.exec(line.text) ?? [];
    if (name.startsWith('(')) continue;
    const range = type === 'REG_BINARY' ? readName(name) : null;
    if (range === null) return findProblem(line);
    ranges.push(range);
  }
  return { value: ranges.sort((a, b) => a.firstPort - b.firstPort || a.portCount - b.portCount) };
}

function readName(name: string): PortRange | null {
  const [, first = '', low = '', high = ''] = entryName.exec(name) ?? [];
  const range = { firstPort: Number.parseInt(first, 16), portCount: Number.parseInt(`${high}${low}`, 16) };
  return isPort(range.firstPort) && range.portCount > 0 && isPort(lastPort(range)) ? range : null;
}

function findProblem(line: Line): { readonly problem: string } {
  return { problem: `line ${line.number}: expected a range as eight hex digits, got ${quoteWords(line.text)}` };
}

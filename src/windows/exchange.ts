// The Exchange version, from the registry: the question, its reader, and what a version is called. Value names and types are
// not localized. Exchange 2010 and before (other keys) count as no Exchange: they have no back-end services.
// A key that may not be read is not known, never "no Exchange".
// Key, values and names: facts windows.md section 4, "Version detection".
import type { ExchangeVersion } from '../model/facts.ts';
import { splitLines, valueWithNoise, refusal } from './cmd/lines.ts';
import type { Reading } from './cmd/lines.ts';

export const showExchange = 'reg query HKLM\\SOFTWARE\\Microsoft\\ExchangeServer\\v15\\Setup';

/**
 * reg ends with 1 for a key that is not there and for one that may not be read. The keys above tell which: they list their children, and
 * so whether this one is among them. `Windows` is there on every host, so its line proves that the list itself was read.
 */
export const showExchangeKeys = 'reg query HKLM\\SOFTWARE\\Microsoft\\ExchangeServer';
export const showMicrosoftKeys = 'reg query HKLM\\SOFTWARE\\Microsoft | findstr /i /e "ExchangeServer Windows"';

interface RegistryAnswer {
  readonly text: string;
  readonly exitCode: number;
}

/** Null: there is no Exchange 2013 or later, which only a list of keys without it proves. */
export function readExchange(
  { text, exitCode }: RegistryAnswer,
  exchangeKeys: RegistryAnswer,
  microsoftKeys: RegistryAnswer,
): Reading<ExchangeVersion | null> {
  if (exitCode !== 0) {
    const isAbsent =
      exchangeKeys.exitCode === 0
        ? listsNone(exchangeKeys.text, 'ExchangeServer\\v15')
        : lists(microsoftKeys.text, 'Windows') && listsNone(microsoftKeys.text, 'ExchangeServer');
    return exitCode === 1 && isAbsent ? { value: null } : refusal('reg', exitCode, text);
  }
  const names = ['MsiProductMajor', 'MsiProductMinor', 'MsiBuildMajor', 'MsiBuildMinor'] as const;
  const values = names.map((name) => readNumber(text, name));
  const missing = names.filter((_, index) => values[index] === null);
  const [major, minor, build, revision] = values.flatMap((value) => value ?? []);
  if (major === undefined || minor === undefined || build === undefined || revision === undefined) {
    return { problem: `expected each of the version's numbers once, not so: ${missing.join(', ')}` };
  }
  // A key and its values: `HKEY_...`, and indented lines.
  const noise = splitLines(text).filter((line) => line.text !== '' && !line.indented && !line.text.startsWith('HKEY_'));
  return valueWithNoise<ExchangeVersion | null>({ major, minor, build, revision }, noise);
}

/** Whether a key of that path under HKLM\SOFTWARE\Microsoft stands in a list of keys. */
function lists(text: string, path: string): boolean {
  const key = `hkey_local_machine\\software\\microsoft\\${path}`.toLowerCase();
  return splitLines(text).some((line) => line.text.toLowerCase() === key);
}

/** An answer without any key is no list. */
function listsNone(text: string, path: string): boolean {
  return /^\s*HKEY_LOCAL_MACHINE\\/im.test(text) && !lists(text, path);
}

function readNumber(text: string, name: string): number | null {
  const found = [...text.matchAll(new RegExp(`^[^\\S\\n]+${name}\\s+REG_DWORD\\s+0x([0-9a-f]{1,8})\\s*$`, 'gim'))];
  const hex = found.length === 1 ? found[0]?.[1] : undefined;
  return hex === undefined ? null : Number.parseInt(hex, 16);
}

/** First build of Subscription Edition; it kept 2019's 15.2. */
const firstBuildOfSe = 2562;

/** `Exchange Server 2019`; `Exchange 15.3.1` for a version after our time. */
export function exchangeName(version: ExchangeVersion): string {
  const { major, minor, build, revision } = version;
  if (major === 15 && minor === 0) return 'Exchange Server 2013';
  if (major === 15 && minor === 1) return 'Exchange Server 2016';
  if (major === 15 && minor === 2) return build < firstBuildOfSe ? 'Exchange Server 2019' : 'Exchange Server SE';
  return `Exchange ${major}.${minor}.${build}.${revision}`;
}

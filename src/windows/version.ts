// The Windows version: the question, its reader, and what a version is called. `ver` puts a localized word before the number
// (netsh-samples/ver-lines-1); only the digits are read.
import type { WindowsVersion } from '../model/facts.ts';
import { quoteWords, splitLines, valueWithNoise } from './cmd/lines.ts';
import type { Reading } from './cmd/lines.ts';

export const showVersion = 'ver';

const versionNumber = /(?<![\d.])(\d+)\.(\d+)\.(\d+)(?:\.(\d+))?(?![\d.])/g;

export function readVersion(text: string): Reading<WindowsVersion> {
  const found = [...text.matchAll(versionNumber)];
  const [match] = found;
  if (match === undefined || found.length > 1) {
    return { problem: `expected one version of three or four numbers, got ${quoteWords(text)}` };
  }
  const [, major, minor, build, revision] = match;
  const version = {
    major: Number(major),
    minor: Number(minor),
    build: Number(build),
    revision: revision === undefined ? null : Number(revision),
  };
  const noise = splitLines(text).filter((line) => line.text !== '' && !line.text.includes(match[0]));
  return valueWithNoise(version, noise);
}

/** Stands in the facts while the version is a gap. */
export const unknownWindows: WindowsVersion = { major: 0, minor: 0, build: 0, revision: null };

/** Version and build -> server release (facts: windows.md section 5). */
const releases: readonly (readonly [major: number, minor: number, build: number | null, name: string])[] = [
  [6, 0, null, 'Windows Server 2008'],
  [6, 1, null, 'Windows Server 2008 R2'],
  [6, 2, null, 'Windows Server 2012'],
  [6, 3, null, 'Windows Server 2012 R2'],
  [10, 0, 14393, 'Windows Server 2016'],
  [10, 0, 17763, 'Windows Server 2019'],
  [10, 0, 20348, 'Windows Server 2022'],
  [10, 0, 26100, 'Windows Server 2025'],
];

/** `Windows Server 2019`, or `Windows 10.0.19045` when no server release has that build. */
export function windowsName(version: WindowsVersion): string {
  if (version.major === 0) return 'unknown Windows';
  const release = releases.find(
    ([major, minor, build]) =>
      version.major === major && version.minor === minor && (build === null || version.build === build),
  );
  return release?.[3] ?? `Windows ${version.major}.${version.minor}.${version.build}`;
}

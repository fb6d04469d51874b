// The lab's netsh against recordings: given the same ranges it must print the same lines, in each language that was recorded.
import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../../src/model/host-state.ts';
import { portRangeFromEnds } from '../../../src/model/port-range.ts';
import type { Language, WindowsRelease } from '../../../src/lab/machine/releases.ts';
import type { ExclusionSpec } from '../../../src/lab/scenario/server-spec.ts';
import { bareMachine, runLine } from '../run-line.ts';
import { hasSamples, sampleText, trimmedLines } from '../sample-files.ts';

/** `end: cut` = the recording breaks off; `blankLines: lost` = its author dropped them. */
interface Recording {
  readonly file: string;
  readonly language: Language;
  readonly cut?: boolean;
  readonly blankLinesLost?: boolean;
  readonly protocol?: Protocol;
}

const recordings: readonly Recording[] = [
  ...['en-1', 'en-2', 'en-3', 'en-4', 'en-5-trailing-spaces', 'en-6-after-add', 'en-8-empty'].map((name) => ({
    file: `excl-tcp-${name}.txt`,
    language: 'en' as const,
  })),
  { file: 'excl-tcp-en-7.txt', language: 'en', blankLinesLost: true },
  { file: 'excl-udp-en-1.txt', language: 'en', blankLinesLost: true, protocol: 'udp' },
  { file: 'excl-tcp-de-1.txt', language: 'de' },
  { file: 'excl-tcp-de-2-cut.txt', language: 'de', cut: true },
  { file: 'excl-tcp-fr-1.txt', language: 'fr' },
  { file: 'excl-tcp-fr-2-cut.txt', language: 'fr', cut: true, blankLinesLost: true },
  { file: 'excl-tcp-es-1.txt', language: 'es' },
  { file: 'excl-tcp-es-2-many-stars.txt', language: 'es' },
  { file: 'excl-tcp-es-4.txt', language: 'es' },
  { file: 'excl-tcp-ru-1.txt', language: 'ru' },
  { file: 'excl-tcp-ru-2-trailing-spaces.txt', language: 'ru' },
  { file: 'excl-tcp-ja-1.txt', language: 'ja' },
  { file: 'excl-tcp-ko-1.txt', language: 'ko' },
  { file: 'excl-tcp-ko-2-after-winnat-restart.txt', language: 'ko' },
  { file: 'excl-tcp-ipv6-ko-1-trailing-spaces.txt', language: 'ko' },
  { file: 'excl-tcp-pt-BR-1.txt', language: 'pt-BR' },
  { file: 'excl-tcp-it-1.txt', language: 'it' },
  ...[1, 2, 3, 4].map((n) => ({ file: `excl-tcp-zh-CN-${n}.txt`, language: 'zh-CN' as const })),
  { file: 'excl-tcp-zh-TW-1.txt', language: 'zh-TW' },
  { file: 'excl-tcp-zh-TW-2-crlf.txt', language: 'zh-TW' },
];

function exclusionsIn(text: string, protocol: Protocol): ExclusionSpec[] {
  return [...text.matchAll(/^ *(\d+) +(\d+)( +\*)?\s*$/gm)].map(([, first, last, star]) => ({
    range: portRangeFromEnds(Number(first), Number(last)),
    protocol,
    administered: star !== undefined,
    stores: ['active'],
    families: ['ipv4', 'ipv6'],
  }));
}

/** Two releases, because hosts of one language differ in the title or the dashes and nobody recorded which prints which. */
const releases: readonly WindowsRelease[] = ['2022', '2016'];

function printedTables(recording: Recording): string[] {
  const protocol = recording.protocol ?? 'tcp';
  const exclusions = exclusionsIn(sampleText(recording.file), protocol);
  return releases.map((windows) => {
    const machine = bareMachine({ language: recording.language, windows, exclusions });
    return runLine(machine, `netsh interface ipv6 show excludedportrange protocol=${protocol}`).stdout;
  });
}

describe.skipIf(!hasSamples)('netsh against recordings (skipped: ../shared/facts is not there)', () => {
  it.each(recordings)('prints $file line for line', (recording) => {
    const recorded = trimmedLines(sampleText(recording.file)).filter(
      (line) => !recording.blankLinesLost || line !== '',
    );
    const printed = printedTables(recording).map((text) => {
      const lines = trimmedLines(text).filter((line) => !recording.blankLinesLost || line !== '');
      return recording.cut ? lines.slice(0, recorded.length) : lines;
    });
    expect(recorded.length).toBeGreaterThan(3);
    expect(printed).toContainEqual(recorded);
  });

  it.each([
    'excl-tcp-en-5-trailing-spaces.txt',
    'excl-tcp-ru-2-trailing-spaces.txt',
    'excl-tcp-ipv6-ko-1-trailing-spaces.txt',
    'excl-tcp-zh-TW-2-crlf.txt',
  ])('keeps the padding of %s, blank for blank', (file) => {
    const recording = recordings.find((one) => one.file === file);
    if (recording === undefined) throw new Error(`${file} is not in the list`);
    const bare = (text: string): string => text.replaceAll('\r', '').replace(/^\n+|\n+$/g, '');
    expect(printedTables(recording).map(bare)).toContain(bare(sampleText(file)));
  });

  it.each([
    ['dyn-tcp-en-1.txt', 'en'],
    ['dyn-tcp-en-4-container.txt', 'en'],
    ['dyn-tcp-de-1.txt', 'de'],
    ['dyn-tcp-fr-1.txt', 'fr'],
    ['dyn-tcp-ru-1.txt', 'ru'],
    ['dyn-tcp-ja-1.txt', 'ja'],
    ['dyn-tcp-zh-CN-1.txt', 'zh-CN'],
    ['dyn-tcp-zh-CN-2.txt', 'zh-CN'],
  ] as const)('prints %s line for line', (file, language) => {
    const recorded = sampleText(file);
    const [firstPort = 0, portCount = 0] = [...recorded.matchAll(/: (\d+)/g)].map(([, digits]) => Number(digits));
    const machine = bareMachine({
      language,
      dynamic: [{ family: 'ipv4', protocol: 'tcp', range: { firstPort, portCount } }],
    });
    const { stdout } = runLine(machine, 'netsh int ipv4 show dynamicport tcp');
    expect(trimmedLines(stdout)).toEqual(trimmedLines(recorded));
  });

  it('says what err-texts-en-1 and ok-zh-CN-1 say', () => {
    const texts = trimmedLines(sampleText('err-texts-en-1.txt'));
    const machine = bareMachine({ imap: 'running' });
    const add = 'netsh int ipv4 add excludedportrange tcp 9933 1';
    expect(trimmedLines(runLine(machine, add).stdout)).toEqual([texts[0]]);
    expect(trimmedLines(runLine(machine, 'netsh int ipv4 get dynamicport tcp').stdout)).toEqual([texts[1]]);
    expect(trimmedLines(runLine(machine, add, false).stdout)).toEqual([texts[2]]);
    const chinese = bareMachine({ language: 'zh-CN' });
    const set = 'netsh int ipv4 set dynamicport tcp start=49152 num=16383';
    expect(sampleText('ok-zh-CN-1.txt')).toContain(`${set}\n${runLine(chinese, set).stdout.replaceAll('\r', '')}`);
  });

  it('prints version lines in the recorded words', () => {
    const recorded = trimmedLines(sampleText('ver-lines-1.txt')).map((line) => line.replace(/[\d.]+\]/, ''));
    const printed = (['en', 'zh-CN', 'pt-BR'] as const).map((language) => {
      return trimmedLines(runLine(bareMachine({ language }), 'ver').stdout)[0]?.replace(/[\d.]+\]/, '');
    });
    expect(printed).toEqual(recorded.slice(0, 3));
  });

  it('prints netstat rows as netstat-ano-ko-1 has them', () => {
    const machine = bareMachine({
      language: 'ko',
      holders: [{ port: 9000, protocol: 'tcp', image: 'a.exe', services: [], families: ['ipv6'], state: 'LISTENING' }],
    });
    const recorded = sampleText('netstat-ano-ko-1.txt').split('\n')[1]?.trimEnd().replace('3488', '1004');
    expect(runLine(machine, 'netstat -ano').stdout.split('\r\n')).toContain(recorded);
  });
});

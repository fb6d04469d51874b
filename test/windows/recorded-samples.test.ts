// The collection of real recordings beside the repository, held against the truth that its INDEX.md tells for each file. The
// truth is read from that table, so a recording without a truth, or of a kind no test knows, fails.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Exclusion } from '../../src/model/host-state.ts';
import { lastPort, portRangeFromEnds } from '../../src/model/port-range.ts';
import { readDynamicRange } from '../../src/windows/dynamic-ports.ts';
import { readExclusions } from '../../src/windows/excluded-ports.ts';
import { readSockets } from '../../src/windows/listeners.ts';
import { readTable } from '../../src/windows/table.ts';
import { readVersion } from '../../src/windows/version.ts';

const folder = join(import.meta.dirname, '../../../shared/facts/netsh-samples');
const here = existsSync(folder);
const mayBeAbsent = process.env['CI'] === undefined;
const absent = `the recordings in ${folder} are not there; only the repository's own samples are tested`;

interface Recording {
  readonly file: string;
  readonly truth: string;
  readonly grade: string;
}

/** The rows of the table: file, source, truth, grade, remarks. */
const index: readonly Recording[] = !here
  ? []
  : readFileSync(join(folder, 'INDEX.md'), 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [, file, , truth, grade] = line.split('|').map((cell) => cell.trim());
        const name = /^`(.+\.txt)`$/.exec(file ?? '')?.[1];
        return name === undefined || truth === undefined || grade === undefined ? [] : [{ file: name, truth, grade }];
      });
const exclusionTables = index.filter(({ file }) => file.startsWith('excl-'));
const dynamicRanges = index.filter(({ file }) => file.startsWith('dyn-'));

function load(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

/** `80, 50000-50059 *, ...` as exclusions; `as en-1 plus ...` builds on another file's truth. Throws when it can't be read. */
function truthOf(file: string): readonly Exclusion[] {
  const truth = index.find((one) => one.file === file)?.truth ?? '';
  const list = truth
    .replace(/\([^)]*\)/g, '')
    .replace(/^[\w ]+: /, '')
    .replace(/; none \*$/, '')
    .trim();
  if (list === 'empty list') return [];
  const more = /^as (\S+) plus (.+)$/.exec(list);
  const base = more === null ? [] : truthOf(`excl-tcp-${more[1] ?? ''}.txt`);
  const rows = (more?.[2] ?? list).split(',').map((row) => {
    const match = /^\s*(\d+)(?:-(\d+))?( \*)?\s*$/.exec(row);
    if (match === null) throw new Error(`INDEX.md tells no truth for ${file} that can be read: ${JSON.stringify(row)}`);
    const first = Number(match[1]);
    const range = portRangeFromEnds(first, match[2] === undefined ? first : Number(match[2]));
    return { range, administered: match[3] !== undefined };
  });
  if (/none \*$/.test(truth) && rows.some((row) => row.administered)) throw new Error(`two truths for ${file}`);
  return [...base, ...rows].sort((a, b) => a.range.firstPort - b.range.firstPort);
}

test('the recordings are there, or this is no CI and they are skipped', (context) => {
  if (!here && mayBeAbsent) context.skip(absent);
  expect(here, absent).toBe(true);
  expect(index.length).toBeGreaterThan(50);
});

/** Files that are no single table: each has its own test below. */
const oneOffs: readonly string[] = [
  'transcript-add-en-1.txt',
  'transcript-set-dynamicport-en-1.txt',
  'err-elevation-en-1.txt',
  'err-texts-en-1.txt',
  'help-add-es-1.txt',
  'help-delete-es-1.txt',
  'usage-en-1.txt',
  'ok-zh-CN-1.txt',
  'mojibake-fr-cp437-as-1252.txt',
  'mojibake-fr-ipconfig-ping.txt',
  'netstat-an-de-1-mangled.txt',
  'netstat-ano-ko-1.txt',
  'ver-lines-1.txt',
];

describe.runIf(here)('recordings of real hosts', () => {
  test('every file stands in INDEX.md, every entry is a file, and each is of a kind tested here', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
    expect(index.map(({ file }) => file).sort()).toEqual(files.sort());
    const others = files.filter((name) => !/^(?:excl|dyn)-/.test(name) && !oneOffs.includes(name));
    expect(others).toEqual([]);
    expect([exclusionTables.length, dynamicRanges.length].every((count) => count > 10)).toBe(true);
  });

  test.each(exclusionTables)('$file ($grade)', ({ file, grade }) => {
    const truth = truthOf(file);
    const reading = readExclusions(load(file), 0, 'active');
    // Grade C is of unknown origin: whatever it is, it is read whole and rightly, or refused.
    if (grade === 'C' && 'problem' in reading) return;
    expect(reading).toEqual({ value: truth });
  });

  test.each(dynamicRanges)('$file ($grade)', ({ file, truth, grade }) => {
    const match = /^start (\d+), count (\d+)(?: \((\d+)-(\d+)\))?$/.exec(truth);
    if (match === null) throw new Error(`INDEX.md tells no truth for ${file}: ${truth}`);
    const reading = readDynamicRange(load(file), 0);
    if (grade === 'C' && 'problem' in reading) return;
    expect(reading).toEqual({ value: { firstPort: Number(match[1]), portCount: Number(match[2]) } });
    if (match[4] !== undefined && 'value' in reading) expect(lastPort(reading.value)).toBe(Number(match[4]));
  });

  test('a table cut off anywhere is a problem, or has lost only what was cut', () => {
    for (const { file } of exclusionTables) {
      const text = load(file);
      const truth = truthOf(file);
      for (let length = 0; length < text.length; length += 7) {
        const table = readTable(text.slice(0, length));
        if ('problem' in table) continue;
        // All rows but the last, which may have lost digits or its star at the cut.
        const whole = table.rows.slice(0, -1).map((row) => [row.firstPort, row.lastPort, row.starred]);
        const expected = truth
          .slice(0, whole.length)
          .map((one) => [one.range.firstPort, lastPort(one.range), one.administered]);
        expect(whole).toEqual(expected);
      }
    }
  });

  test('two tables in one text are a problem; cut apart they are the tables before and after the add', () => {
    const text = load('transcript-add-en-1.txt');
    expect(readTable(text)).toHaveProperty('problem');
    const [before = '', after = ''] = text.split(/^Ok\.$/m);
    expect(readExclusions(before, 0, 'active')).toEqual({ value: truthOf('excl-tcp-en-5-trailing-spaces.txt') });
    expect(readExclusions(after, 0, 'active')).toEqual({ value: truthOf('excl-tcp-en-6-after-add.txt') });
  });

  test('a console log of several commands is a problem; its answers apart are the ranges before and after the set', () => {
    const text = load('transcript-set-dynamicport-en-1.txt');
    expect(readDynamicRange(text, 0)).toHaveProperty('problem');
    const answers = text
      .split(/^PS C:\\>.*show dynamicport tcp$/m)
      .slice(1)
      .map((one) => one.replace(/^PS C:[^]*/m, ''));
    expect(answers.map((one) => readDynamicRange(one, 0))).toEqual([
      { value: { firstPort: 49152, portCount: 16384 } },
      { value: { firstPort: 50000, portCount: 1000 } },
    ]);
  });

  test.each(oneOffs.filter((name) => /^(?:err|help|usage|ok|moji)/.test(name)))(
    '%s is neither table nor range',
    (file) => {
      const text = load(file);
      for (const exitCode of [0, 1]) {
        for (const store of ['active', 'persistent'] as const) {
          const reading = readExclusions(text, exitCode, store);
          expect(reading).toHaveProperty('problem');
          expect('unsupported' in reading).toBe(exitCode === 1);
        }
        expect(readDynamicRange(text, exitCode)).toHaveProperty('problem');
      }
      expect(readSockets(text)).toHaveProperty('problem');
    },
  );

  test('netstat in Korean: the listener and the connection', () => {
    expect(readSockets(load('netstat-ano-ko-1.txt'))).toEqual({
      value: [
        {
          family: 'ipv4',
          protocol: 'tcp',
          localAddress: '127.0.0.1',
          localPort: 9000,
          listening: false,
          processId: 3488,
        },
        { family: 'ipv6', protocol: 'tcp', localAddress: '::', localPort: 9000, listening: true, processId: 3488 },
      ],
    });
  });

  test('netstat in German with a mangled state word: no process id is a problem; with one it listens', () => {
    const text = load('netstat-an-de-1-mangled.txt');
    expect(readSockets(text)).toHaveProperty('problem', expect.stringContaining('line 4: expected a process id'));
    expect(readSockets(`${text.trimEnd()}     908\n`)).toMatchObject({
      value: [{ localPort: 135, listening: true, processId: 908 }],
    });
  });

  test('ver in three languages', () => {
    const versions = load('ver-lines-1.txt')
      .trim()
      .split('\n')
      .map((line) => readVersion(line));
    expect(versions).toEqual(
      [
        [19041, 329],
        [18363, 752],
        [26100, 9457],
        [18363, 1198],
      ].map(([build, revision]) => ({
        value: { major: 10, minor: 0, build, revision },
      })),
    );
  });
});

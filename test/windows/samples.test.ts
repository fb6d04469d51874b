// Every sample in samples/ against its twin. A new sample needs no code; one without a twin, or a reader without a sample, fails.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import * as z from 'zod';
import { readDynamicRange } from '../../src/windows/dynamic-ports.ts';
import { readExchange } from '../../src/windows/exchange.ts';
import { readExclusions } from '../../src/windows/excluded-ports.ts';
import type { Reading } from '../../src/windows/cmd/lines.ts';
import { readSockets } from '../../src/windows/listeners.ts';
import { readProcesses } from '../../src/windows/processes.ts';
import { readServiceState, readStartType } from '../../src/windows/services.ts';
import { readVersion } from '../../src/windows/version.ts';

const folder = join(import.meta.dirname, 'samples');
const names = readdirSync(folder);
const samples = names.filter((name) => name.endsWith('.txt'));

const twinSchema = z.strictObject({
  exitCode: z.int().default(0),
  store: z.enum(['active', 'persistent']).default('active'),
  name: z.string().default(''),
  value: z.unknown().optional(),
  problem: z.string().optional(),
});
type Twin = z.infer<typeof twinSchema>;

const noKey = { text: '', exitCode: 1 };
const keysOfMicrosoft = { text: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\r\n', exitCode: 0 };

const readers: Readonly<Record<string, (text: string, twin: Twin) => Reading<unknown>>> = {
  'excl-tcp': (text, { exitCode, store }) => readExclusions(text, exitCode, store),
  'excl-udp': (text, { exitCode, store }) => readExclusions(text, exitCode, store),
  'dyn-tcp': (text, { exitCode }) => readDynamicRange(text, exitCode),
  netstat: (text) => readSockets(text),
  tasklist: (text, { exitCode }) => readProcesses(text, exitCode),
  queryex: (text, { name, exitCode }) => readServiceState(name, text, exitCode),
  qc: (text, { name, exitCode }) => readStartType(name, text, exitCode),
  ver: (text) => readVersion(text),
  exchange: (text, { exitCode }) => readExchange({ text, exitCode }, noKey, keysOfMicrosoft),
};

function questionOf(name: string): string | undefined {
  return Object.keys(readers).find((question) => name.startsWith(`${question}-`));
}

describe('samples', () => {
  test('every sample has a twin and a reader, every twin a sample, every reader a sample', () => {
    expect(names.filter((name) => !/\.(?:txt|json)$/.test(name))).toEqual(['INDEX.md']);
    expect(names.filter((name) => name.endsWith('.json')).map((name) => name.replace('.json', '.txt'))).toEqual(
      samples,
    );
    expect(samples.filter((name) => questionOf(name) === undefined)).toEqual([]);
    expect(new Set(samples.map(questionOf))).toEqual(new Set(Object.keys(readers)));
  });

  test('exclusion tables in all eleven languages of which a recording is known', () => {
    const languages = samples.map((name) => /^excl-tcp-([a-z]{2}(?:-[A-Z]{2})?)-/.exec(name)?.[1]);
    expect([...new Set(languages)].filter((one) => one !== undefined).sort()).toEqual([
      'de',
      'en',
      'es',
      'fr',
      'it',
      'ja',
      'ko',
      'pt-BR',
      'ru',
      'zh-CN',
      'zh-TW',
    ]);
  });

  test.each(samples)('%s', (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const twin = twinSchema.parse(JSON.parse(readFileSync(join(folder, name.replace('.txt', '.json')), 'utf8')));
    const reading = readers[questionOf(name) ?? '']?.(text, twin);
    if (twin.problem === undefined) expect(reading).toEqual({ value: twin.value });
    else expect(reading).toMatchObject({ problem: expect.stringContaining(twin.problem) as string });
  });

  const someNoise = fc.constantFrom(
    'The following helper DLL cannot be loaded: WCNNETSH.DLL.',
    'Initialization Function InitHelperDll in NSHHTTP.DLL failed to start with error code 10107',
    'Error 126 in module 9933 9955',
    'Visit http://go.microsoft.com/fwlink/?LinkId=217627 for additional information',
    'warning at 12:30: scanner busy',
  );

  const goodOnes = samples.filter((name) => {
    return !readFileSync(join(folder, name.replace('.txt', '.json')), 'utf8').includes('"problem"');
  });
  // A wholly blank answer with a line in it is none.
  const withRows = goodOnes.filter((name) => readFileSync(join(folder, name), 'utf8').trim() !== '');
  test.each(withRows)('%s reads the same with lines that are no part of it', (name) => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n');
    const twin = twinSchema.parse(JSON.parse(readFileSync(join(folder, name.replace('.txt', '.json')), 'utf8')));
    const read = readers[questionOf(name) ?? ''];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), someNoise), { minLength: 1, maxLength: 5 }), (noisy) => {
        const text = [...lines];
        for (const [at, noise] of noisy) text.splice(at % (text.length + 1), 0, noise);
        const reading = read?.(text.join('\n'), twin);
        expect(reading).toMatchObject({ value: twin.value });
        // Up to two lines above the rows may pass for the titles of a list that has none.
        if (twin.exitCode === 0 && noisy.length > 2) expect(reading).toHaveProperty('noise');
      }),
      { numRuns: 50 },
    );
  });

  test.each(goodOnes)('%s reads the same with other line ends, a byte order mark and NBSP for blanks', (name) => {
    const text = readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n');
    const twin = twinSchema.parse(JSON.parse(readFileSync(join(folder, name.replace('.txt', '.json')), 'utf8')));
    const read = readers[questionOf(name) ?? ''];
    const disguises = [
      text,
      text.replaceAll('\n', '\r\n'),
      text.replaceAll('\n', '\r\r\n'),
      text.replaceAll('\n', '\r'),
      `\uFEFF${text}`,
    ];
    // Blanks inside tasklist's fields belong to names.
    if (!name.startsWith('tasklist')) disguises.push(text.replaceAll(' ', '\u00A0'));
    for (const disguise of disguises) expect(read?.(disguise, twin)).toEqual({ value: twin.value });
  });
});

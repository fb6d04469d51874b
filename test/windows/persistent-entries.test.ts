// The registry's permanent ranges: the form as facts windows.md section 3 tells it, and nothing else taken for it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { portRange } from '../../src/model/port-range.ts';
import { readPersistentEntries, showPersistentEntries } from '../../src/windows/persistent-entries.ts';
import { prepareScript } from '../../src/windows/cmd/script.ts';

const key = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Nsi\\{eb004a03-9b1a-11d4-9123-0050047759bc}\\29';

function answer(...values: readonly string[]): string {
  return ['', key, ...values, '', ''].join('\r\n');
}

function entry(name: string, type = 'REG_BINARY', data = '1200FFFF00000000'): string {
  return `    ${name}    ${type}    ${data}`;
}

describe('the permanent ranges of the registry', () => {
  test.each([
    ['of the published example', answer(entry('cc570100')), [portRange(52311)]],
    ['of this product', answer(entry('26e30100'), entry('26cd0100')), [portRange(9933), portRange(9955)]],
    ['with more than one port, in capitals', answer(entry('26AC6400')), [portRange(9900, 100)]],
    ['with more than 255 ports', answer(entry('75300001')), [portRange(30_000, 256)]],
    [
      'beside an unnamed default value, in any language',
      answer('    (Standard)    REG_SZ    (Wert)', entry('26cd0100')),
      [portRange(9933)],
    ],
    ['of a key without values', answer(), []],
    ['of an answer without a word', '\r\n', []],
    ['beside other keys', answer(entry('26cd0100'), '', `${key}\\0`), [portRange(9933)]],
  ])('%s', (_, text, ranges) => {
    expect(readPersistentEntries(text, 0)).toEqual({ value: ranges });
  });

  test.each([
    ['a name of another form', answer(entry('9933-1'))],
    ['one such name among good ones', answer(entry('26cd0100'), entry('26cd010000'))],
    ['another type', answer(entry('26cd0100', 'REG_DWORD', '0x1'))],
    ['no port', answer(entry('00000100'))],
    ['no count', answer(entry('26cd0000'))],
    ['an end above 65535', answer(entry('fff0ff00'))],
    ['words', 'something else\r\n'],
  ])('%s makes the key no witness', (_, text) => {
    expect(readPersistentEntries(text, 0)).toEqual({ problem: expect.stringMatching(/^line \d+: /) as string });
  });

  test.each([1, 5])('a refusal (exit code %d) makes it no witness', (exitCode) => {
    expect(readPersistentEntries('ERREUR : Accès refusé.\r\n', exitCode)).toHaveProperty('problem');
  });

  test('any list of ranges is read back, and no garbage throws', () => {
    const range = fc
      .record({ firstPort: fc.integer({ min: 1, max: 65_535 }), portCount: fc.integer({ min: 1, max: 65_535 }) })
      .filter(({ firstPort, portCount }) => firstPort + portCount - 1 <= 65_535);
    const hex = (number: number): string => number.toString(16).padStart(4, '0');
    fc.assert(
      fc.property(
        fc.uniqueArray(range, { selector: ({ firstPort, portCount }) => `${firstPort}+${portCount}` }),
        (all) => {
          const names = all.map(({ firstPort, portCount }) => {
            const count = hex(portCount);
            return entry(`${hex(firstPort)}${count.slice(2)}${count.slice(0, 2)}`);
          });
          const sorted = all.toSorted((a, b) => a.firstPort - b.firstPort || a.portCount - b.portCount);
          expect(readPersistentEntries(answer(...names), 0)).toEqual({ value: sorted });
        },
      ),
    );
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 1 }), (text, exitCode) => {
        expect(() => readPersistentEntries(text, exitCode)).not.toThrow();
      }),
    );
  });

  test('are asked for in a line that can stand in a script', () => {
    expect(() => prepareScript([showPersistentEntries('tcp'), showPersistentEntries('udp')])).not.toThrow();
  });
});

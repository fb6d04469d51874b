import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { readPatternLines } from '../../src/inventory/pattern.ts';
import { resolveInventory } from '../../src/inventory/resolve.ts';
import { selectTargets } from '../../src/inventory/select.ts';
import { Failure } from '../../src/model/failure.ts';
import { readYaml } from '../../src/yaml/document.ts';

const text = `
all:
  vars: { winrm: { username: u } }
  hosts: { lone: , '2001:db8::7': }
  children:
    exchange:
      children:
        dag1: { hosts: { 'ex[01:05].corp': } }
        dag2: { hosts: { 'ex[11:13].corp': , ex05.corp: } }
    paris: { hosts: { ex01.corp: , ex03.corp: , ex11.corp: } }
    linux: { vars: { ansible_connection: ssh }, hosts: { jump1: , jump2: } }
    empty:
`;

function inventoryOf(written: string): Inventory {
  const { value, issues } = resolveInventory([readYaml(written, 'i.yml')]);
  if (value === null) throw new Error(JSON.stringify(issues));
  return { ...value, warnings: [], files: [], sha256: '' };
}

let inventory: Inventory;
beforeAll(() => {
  inventory = inventoryOf(text);
});

function names(pattern: string | null, limit: string | null = null): string {
  const short = selectTargets(inventory, pattern, limit).map((target) => target.name.replace(/^ex(\d+)\.corp$/, '$1'));
  return short.join(' ');
}

function failureOf(pattern: string, limit: string | null = null): Failure {
  try {
    selectTargets(inventory, pattern, limit);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
  }
  return expect.fail('expected a Failure');
}

describe('selectTargets', () => {
  test.each([
    ['all:!linux', 'lone 2001:db8::7 01 02 03 04 05 11 12 13'],
    ['*:!linux', 'lone 2001:db8::7 01 02 03 04 05 11 12 13'],
    ['!linux', 'lone 2001:db8::7 01 02 03 04 05 11 12 13'],
    ['exchange', '01 02 03 04 05 11 12 13'],
    ['dag2:dag1', '01 02 03 04 05 11 12 13'],
    ['dag2, lone', 'lone 05 11 12 13'],
    ['dag1:&paris', '01 03'],
    ['&paris', '01 03 11'],
    ['dag1:&paris:!ex03*', '01'],
    ['!ex01.corp:dag1', '02 03 04 05'],
    ['ex0?.corp', '01 02 03 04 05'],
    ['ex0[!1-3].corp', '04 05'],
    ['ex*1.corp', '01 11'],
    ['dag*', '01 02 03 04 05 11 12 13'],
    ['~ex(01|12)', '01 12'],
    ['~.*3', '03 13'],
    ['~ex\\d{1,2}\\.corp:&paris', '01 03 11'],
    ['dag1[0]', '01'],
    ['dag1[-1]', '05'],
    ['dag1[-5]', '01'],
    ['dag1[1:2]', '02 03'],
    ['dag1[3:]', '04 05'],
    ['dag1[2:99]', '03 04 05'],
    ['dag1[0]:dag2[0]', '01 11'],
    ['dag*[5]', '11'],
    ['2001:db8::7', '2001:db8::7'],
    ['ungrouped', 'lone 2001:db8::7'],
    ['dag1:!dag1[0]', '02 03 04 05'],
    [' lone , ', 'lone'],
    ['dag1,dag2:&paris', '01 03 11'],
  ])('%s', (pattern, expected) => {
    expect(names(pattern)).toBe(expected);
  });

  test('pattern and limit must both match', () => {
    expect(names('exchange', 'paris')).toBe('01 03 11');
    expect(names(null, 'dag2')).toBe('05 11 12 13');
  });

  test.each([
    ['dga1', '"dga1" matches no host of the inventory', 'did you mean dag1?'],
    [
      'dag1:!ex99.corp',
      '"!ex99.corp" matches no host of the inventory',
      'did you mean ex01.corp, ex02.corp, ex03.corp?',
    ],
    [
      'dag1:&zurich:ex0l.corp',
      '"&zurich" and "ex0l.corp" match no host of the inventory',
      'did you mean ex01.corp, ex02.corp, ex03.corp?',
    ],
    ['dag1[9]', '"dag1[9]" matches no host of the inventory', 'did you mean dag2?'],
    ['dag1[-6]', '"dag1[-6]" matches no host of the inventory', 'did you mean dag2?'],
    ['zzz*', '"zzz*" matches no host of the inventory', 'fencepost inventory lists hosts and groups'],
    ['empty', '"empty" matches no host of the inventory', 'fencepost inventory lists hosts and groups'],
    ['EXCHANGE', '"EXCHANGE" matches no host of the inventory', 'did you mean exchange?'],
    ['dag1:!exchange', 'no host matches "dag1:!exchange"', 'each part matches some hosts, but no host is left of them'],
  ])('%s: %s', (pattern, message, hint) => {
    const failure = failureOf(pattern);
    expect([failure.code, failure.message, failure.hint]).toEqual(['inventory/no-match', message, hint]);
  });

  test('a pattern and a limit that have nothing in common', () => {
    expect(failureOf('dag2', 'lone').message).toBe('no host matches "dag2 and lone"');
  });

  test.each([
    ['', 'host pattern "": empty pattern'],
    [' , :', 'host pattern " , :": empty pattern'],
    ['~(', 'host pattern "~(": "(" is not a regular expression'],
    ['dag1:!', 'host pattern "dag1:!": "!" names nothing'],
  ])('%j cannot be read', (pattern, message) => {
    const failure = failureOf(pattern);
    expect([failure.code, failure.message]).toEqual(['usage/invalid', message]);
  });

  test('a selected host that is not reached by WinRM is an error, never left out in silence', () => {
    const failure = failureOf('all');
    expect([failure.code, failure.message]).toEqual([
      'inventory/invalid',
      "jump1 and 1 more of the selected hosts can't be reached by WinRM",
    ]);
    expect(failure.issues.map((one) => one.message)).toEqual([
      'all.children.linux.vars.ansible_connection: expected winrm or psrp, got "ssh"',
    ]);
    expect(failureOf('jump1').code).toBe('inventory/invalid');
  });

  test('an inventory without hosts', () => {
    expect(() => selectTargets(inventoryOf('all: { hosts: }'), null)).toThrow('"all" matches no host of the inventory');
  });

  test('never a host twice, always in inventory order, and never outside the inventory', () => {
    const name = fc.constantFrom(
      'all',
      'exchange',
      'dag1',
      'dag2',
      'paris',
      'ex0*',
      'ex03.corp',
      '~ex1',
      'lone',
      'dag1[0]',
      'dag2[1:2]',
    );
    const sign = fc.constantFrom('', '', '&', '!');
    const part = fc.tuple(sign, name).map(([mark, one]) => `${mark}${one}`);
    const order = inventory.targets.map((target) => target.name);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), fc.constantFrom(':', ',', ' , '), (parts, join) => {
        let selected: readonly string[];
        try {
          selected = selectTargets(inventory, [...parts, '!linux'].join(join)).map((target) => target.name);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure);
          return;
        }
        expect(selected).toEqual(order.filter((one) => selected.includes(one)));
        expect(new Set(selected).size).toBe(selected.length);
      }),
    );
  });

  test('any text selects, or fails with a Failure', () => {
    const sign = fc.constantFrom(
      '*',
      '?',
      '[',
      ']',
      '!',
      '&',
      '~',
      ':',
      ',',
      'a',
      '0',
      '-',
      '(',
      ')',
      '\\',
      '{',
      '}',
      '.',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 12 }), (signs) => {
        try {
          expect(selectTargets(inventory, signs.join('')).length).toBeGreaterThan(0);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test('patternFromLines: one part a line, without blank lines and comments', () => {
  expect(readPatternLines('# tonight\nex01.corp\r\n\n  dag1:&paris # only paris\n!ex03.corp\n')).toBe(
    'ex01.corp,dag1:&paris,!ex03.corp',
  );
  expect(names(readPatternLines('dag1\n!ex01.corp\n'))).toBe('02 03 04 05');
});

describe('a short name, where nothing has that name', () => {
  const select = (limit: string): readonly [string, readonly string[]] => {
    const notes: string[] = [];
    const listed = selectTargets(inventory, 'all:!linux', limit, (note) => notes.push(`${note.file}: ${note.message}`));
    return [listed.map((one) => one.name).join(' '), notes];
  };

  test.each([
    ['ex01', 'ex01.corp', ['--limit: ex01 is taken for ex01.corp']],
    ['EX01.Corp', 'ex01.corp', ['--limit: EX01.Corp is taken for ex01.corp']],
    [
      'ex01,ex02',
      'ex01.corp ex02.corp',
      ['--limit: ex01 is taken for ex01.corp', '--limit: ex02 is taken for ex02.corp'],
    ],
    ['dag1:!ex02:!ex0[3-5]*', 'ex01.corp', ['--limit: ex02 is taken for ex02.corp']],
    ['ex01.corp', 'ex01.corp', []],
    ['lone', 'lone', []],
  ])('%s', (limit, hosts, notes) => {
    expect(select(limit)).toEqual([hosts, notes]);
  });

  test('of two hosts is refused, and of none too', () => {
    const two = inventoryOf('all: { vars: { winrm: { username: u } }, hosts: { ex01.a: , ex01.b: , 10.0.0.1: } }');
    const limited = (limit: string) => (): unknown => selectTargets(two, null, limit, () => undefined);
    expect(limited('ex01')).toThrow('"ex01" is short for 2 hosts');
    expect(limited('ex0')).toThrow('matches no host');
    expect(limited('10.0.0')).toThrow('matches no host');
    expect(limited('ex01[0]')).toThrow('matches no host');
  });

  test('is never taken where a playbook or a run names hosts', () => {
    expect(() => selectTargets(inventory, 'ex01', 'all', () => undefined)).toThrow('matches no host');
    expect(() => selectTargets(inventory, null, 'ex01')).toThrow('matches no host');
  });
});

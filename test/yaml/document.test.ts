import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readYaml } from '../../src/yaml/document.ts';
import { anyCharacter } from '../support/any-character.ts';

function said(text: string): readonly string[] {
  return readYaml(text, 'f.yml').issues.map((one) => `${one.file}:${one.line}:${one.column} ${one.message}`);
}

describe('readYaml', () => {
  test.each<[string, unknown]>([
    ['', null],
    ['# only a comment\n', null],
    ['a: 1\nb: [x, "2"]\n', { a: 1, b: ['x', '2'] }],
    ['base: &b { x: 1, y: 2 }\nhere: { <<: *b, y: 3 }\n', { base: { x: 1, y: 2 }, here: { x: 1, y: 3 } }],
    ['hosts:\n  ex[01:20].corp:\n  10.0.0.1:\n', { hosts: { 'ex[01:20].corp': null, '10.0.0.1': null } }],
    ['0x10: a\n012: b\ntrue: c\n1e3: d\n~: e\n', { '0x10': 'a', '012': 'b', true: 'c', '1e3': 'd', '~': 'e' }],
    ['opens: 2026-12-05T22:00:00+01:00\n', { opens: '2026-12-05T22:00:00+01:00' }],
    ['a: yes\n', { a: 'yes' }],
    ['__proto__: { x: 1 }\n', JSON.parse('{"__proto__": {"x": 1}}')],
  ])('%j', (text, value) => {
    const document = readYaml(text, 'f.yml');
    expect(document.issues).toEqual([]);
    expect(document.value).toEqual(value);
  });

  test.each<[string, readonly string[]]>([
    ['a: 1\nb: 2\na: 3\n', ['f.yml:3:1 duplicate key: this mapping already has it above']],
    ['1: x\n"1": y\n', ['f.yml:2:1 duplicate key: this mapping already has it above']],
    ['a:\n\t- 1\n', ['f.yml:2:1 a tab is used as indentation; use spaces']],
    ['a: "x\n', ['f.yml:2:1 the closing quote is missing']],
    ['a: { b: 1\nc: 2\n', ['f.yml:2:1 the closing } or ] is missing, or not indented enough']],
    [
      'a: {{ name }}\n',
      ['f.yml:1:5 a key must be plain text, found a mapping or a list; a value that starts with { or [ must be quoted'],
    ],
    ['a: 1\n---\nb: 2\n', ['f.yml:2:1 a second document starts here (---); a file may contain only one']],
    [': 1\n', ['f.yml:1:1 a key is missing before the colon']],
    ['a: x: y\n', ['f.yml:1:4 second colon on this line; a value that contains ": " must be quoted']],
    ['a: !vault x\n', ['f.yml:1:4 values encrypted by ansible-vault are supported in inventories only']],
    ['<<: 5\n', ['f.yml:1:1 the merge key << takes a mapping or a list of mappings, found something else']],
    [
      'a: *nobody\nb: !odd x\nc: @at\n',
      [
        'f.yml:1:4 this alias has no anchor before it; a value that starts with * must be quoted',
        'f.yml:2:4 unknown tag; a value that starts with ! must be quoted',
        'f.yml:3:4 a value that starts with @, ` or another reserved character must be quoted',
      ],
    ],
  ])('%j is refused', (text, issues) => {
    expect(said(text)).toEqual(issues);
    expect(readYaml(text, 'f.yml').value).toBeNull();
  });

  test('a fault never repeats what stands in the file, for it may be a password', () => {
    for (const sign of [
      '*',
      '!',
      '&',
      '@',
      '`',
      '%',
      '"\\q',
      "'",
      '{',
      '[',
      '|',
      '>',
      ',',
      ']',
      '}',
      '? ',
      '- ',
      '#',
    ]) {
      for (const issue of said(`password: ${sign}hunter2: x\nother: 1\n`)) expect(issue).not.toContain('hunter2');
    }
  });

  test('aliases that expand beyond bounds are refused', () => {
    const levels = Array.from({ length: 12 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}*l${n}]`);
    const text = `l0: &l0 [x]\n${levels.join('\n')}\n`;
    expect(said(text)).toEqual(['f.yml:1:1 aliases (*name) would expand this file to more than 100 times its size']);
  });

  test('an alias within itself is refused', () => {
    expect(said('a: &a { b: *a }\n')).toHaveLength(1);
  });

  test('says where a value and its key stand', () => {
    const document = readYaml('list:\n  - port: 9933\n    for: X\n  - { port: 9955 }\nempty:\n', 'f.yml');
    expect(document.at(['list', 0, 'port'])).toEqual({ line: 2, column: 11 });
    expect(document.keyAt(['list', 0, 'port'])).toEqual({ line: 2, column: 5 });
    expect(document.at(['list', 1])).toEqual({ line: 4, column: 5 });
    expect(document.at(['list', 1, 'port'])).toEqual({ line: 4, column: 13 });
    expect(document.at(['empty'])).toEqual({ line: 5, column: 1 });
    expect(document.at(['list', 0, 'nowhere', 'deep'])).toEqual({ line: 2, column: 5 });
    expect(document.at([])).toEqual({ line: 1, column: 1 });
  });

  test('follows aliases and merge keys to where a value is written', () => {
    const document = readYaml('base: &b\n  x: 1\none: *b\ntwo:\n  <<: *b\n  y: 2\n', 'f.yml');
    expect(document.at(['one', 'x'])).toEqual({ line: 2, column: 6 });
    expect(document.at(['two', 'x'])).toEqual({ line: 2, column: 6 });
    expect(document.at(['two', 'y'])).toEqual({ line: 6, column: 6 });
  });

  test('never throws, and gives a value or issues', () => {
    const yamlLike = fc.array(
      fc.oneof(
        fc.constantFrom(
          'a',
          ': ',
          '- ',
          '\n',
          '  ',
          '[',
          ']',
          '{',
          '}',
          '&a ',
          '*a',
          '!x ',
          '"',
          "'",
          '|',
          '>',
          '#',
          '<<',
          '? ',
          '%',
          '---',
          '\t',
        ),
        fc.string({ maxLength: 5 }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: anyCharacter }),
          yamlLike.map((parts) => parts.join('')),
        ),
        (text) => {
          const document = readYaml(text, 'f.yml');
          if (document.issues.length > 0) expect(document.value).toBeNull();
          for (const { line, column } of document.issues) expect(Math.min(line, column)).toBeGreaterThan(0);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('is not brought down by depth', () => {
    for (const text of ['['.repeat(20_000), '- '.repeat(20_000), 'a: {b: '.repeat(20_000), '? '.repeat(20_000)]) {
      expect(said(`x: 1\n${text}`)).toHaveLength(1);
    }
    const stairs = Array.from({ length: 2000 }, (_, level) => `${' '.repeat(level)}a:\n`).join('');
    expect(said(stairs)).toHaveLength(1);
    expect(said(stairs)[0]).toMatch(/^f\.yml:302:\d+ nested too deeply/);
  });

  test('takes what a person nests', () => {
    const stairs = Array.from({ length: 100 }, (_, level) => `${' '.repeat(level)}a:\n`).join('');
    expect(said(stairs)).toEqual([]);
    expect(said(`a: ${'['.repeat(100)}${']'.repeat(100)}`)).toEqual([]);
  });

  test('gives back what JSON says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(readYaml(text, 'f.json').value).toEqual(JSON.parse(text));
      }),
    );
  });
});

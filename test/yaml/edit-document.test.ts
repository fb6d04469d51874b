// What a person wrote into a YAML text is there after an edit: every value, and numbers as they were typed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { editYaml } from '../../src/yaml/edit-document.ts';

const asStrings = (text: string): unknown => parseDocument(text, { schema: 'failsafe' }).toJS();

describe('an edit elsewhere', () => {
  test.each(['010', '0x1F', '1e3', '12345678901234567890', '1.50', '+7', '.inf', '0o17', '-0'])(
    'keeps %s as it was typed',
    (number) => {
      const edit = editYaml(`password: ${number}\nlist: [${number}]\n`);
      edit.set(['new', 'port'], 9933);
      expect(edit.text()).toBe(`password: ${number}\nlist: [${number}]\nnew:\n  port: 9933\n`);
    },
  );

  test('keeps tags, quotes, anchors, comments, and the ends of lines', () => {
    const lines = [
      '# top',
      'all:',
      '    vars:',
      '        pw: !vault |',
      '            $ANSIBLE_VAULT;1.1;AES256',
      '            6162',
      `        a: &a "yes" # why`,
      `        b: *a`,
      `        c: !unsafe '{{ x }}'`,
      '        d: Yes',
      '        e: ~',
      '',
    ];
    for (const end of ['\n', '\r\n']) {
      const edit = editYaml(lines.join(end));
      edit.set(['all', 'hosts', 'ex01'], null);
      expect(edit.text()).toBe([...lines.slice(0, -1), '    hosts:', '        ex01:', ''].join(end));
    }
  });

  test('keeps every value, whatever it is', () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
    );
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('node')), fc.dictionary(fc.string(), tie('node'))),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), tree), fc.string(), (written, name) => {
        const text = stringify({ ...written, all: {} });
        const edit = editYaml(text);
        edit.set(['all', 'hosts', name], null);
        const before = asStrings(text) as Record<string, unknown>;
        expect(asStrings(edit.text())).toEqual({ ...before, all: { hosts: { [name]: '' } } });
      }),
      { numRuns: 60 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import { child, children, descend, element, escapeXml, readXml, textOf } from '../../../src/winrm/wire/xml.ts';

const limits = { maxCharacters: 100_000 };
const invalid: unknown = expect.objectContaining({ code: 'wire/invalid' });

describe('reading', () => {
  const root = readXml(
    '<?xml version="1.0"?><s:E xmlns:s="urn:s" xmlns="urn:d" xml:lang="en" a="1" s:a="2"> x<![CDATA[<y>]]>' +
      '<b>1</b><s:b>2</s:b><b>3<c/></b> &amp;&#x41;</s:E>',
    limits,
  );

  test('resolves namespaces of elements and attributes', () => {
    expect([root.namespace, root.name]).toEqual(['urn:s', 'E']);
    expect([...root.attributes]).toEqual([
      ['{http://www.w3.org/XML/1998/namespace}lang', 'en'],
      ['a', '1'],
      ['{urn:s}a', '2'],
    ]);
    expect(root.children.map((one) => `${one.namespace} ${one.name}`)).toEqual(['urn:d b', 'urn:s b', 'urn:d b']);
  });

  test('joins text, CDATA and references', () => {
    expect(root.text).toBe(' x<y> &A');
  });

  test('finds children by namespace and name', () => {
    expect(child(root, 'urn:s', 'b')?.text).toBe('2');
    expect(child(root, 'urn:x', 'b')).toBeNull();
    expect(children(root, 'urn:d', 'b').map((one) => one.text)).toEqual(['1', '3']);
    expect(textOf(root, 'urn:d', 'b')).toBe('1');
    expect(textOf(root, 'urn:d', 'c')).toBeNull();
    expect(descend(root, 'urn:d', 'c')?.name).toBe('c');
    expect(descend(root, 'urn:s', 'c')).toBeNull();
  });

  test('the same document under other prefixes is the same', () => {
    expect(readXml('<a:x xmlns:a="urn:1"><a:y>t</a:y></a:x>', limits)).toEqual(
      readXml('<x xmlns="urn:1"><y>t</y></x>', limits),
    );
  });
});

describe('long runs of base64', () => {
  const run = 'QUJD'.repeat(1500);

  test.each([
    ['stand where they stood', `<a><b>${run}</b><c>x</c><b>${run}=</b></a>`, ['', run, 'x', `${run}=`]],
    ['beside other text', `<a>${run}<b/>${run}</a>`, [run + run, '']],
    ['in a section of characters', `<a><![CDATA[>${run}<]]></a>`, [`>${run}<`]],
    ['not in a comment', `<a><!-->${run}<-->x</a>`, ['x']],
    ['beside the mark itself', `<a>\uE0000\uE000<b>${run}</b></a>`, ['\uE0000\uE000', run]],
    ['beside the mark as a number', `<a>&#xE000;0&#xE000;<b>${run}</b></a>`, ['\uE0000\uE000', run]],
    ['before a tag that is none', `<a>${run}<b>${run}</b></a>`, [run, run]],
  ])('%s', (_, xml, texts) => {
    const root = readXml(xml, { maxCharacters: 100_000 });
    expect([root, ...root.children].map((one) => one.text)).toEqual(texts);
  });

  test('between broken tags are refused all the same', () => {
    expect(() => readXml(`<a>${run}</b>`, { maxCharacters: 100_000 })).toThrow(Failure);
    expect(() => readXml(`<a>${run}`, { maxCharacters: 100_000 })).toThrow(Failure);
  });
});

describe('refuses', () => {
  test.each([
    ['nothing', ''],
    ['text alone', 'hello'],
    ['an open element', '<a><b></b>'],
    ['crossed elements', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['an unbound prefix', '<a:b/>'],
    ['an attribute given twice', '<a b="1" b="2"/>'],
    ['a document type', '<!DOCTYPE a><a/>'],
    ['an entity of its own', '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'],
    ['an unknown entity', '<a>&nbsp;</a>'],
    ['a forbidden character', '<a>\u0001</a>'],
    ['a reference to a forbidden character', '<a>&#1;</a>'],
    ['an HTML page', '<html><body><br></body></html>'],
  ])('%s', (_, text) => {
    expect(() => readXml(text, limits)).toThrow(invalid);
  });

  test('more than 64 levels, and takes 64', () => {
    const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
    expect(readXml(nested(64), limits).name).toBe('a');
    expect(() => readXml(nested(65), limits)).toThrow(invalid);
    expect(() => readXml('<a>'.repeat(30_000), limits)).toThrow(invalid);
  });

  test('more characters than allowed, and takes as many', () => {
    expect(readXml('<a>12</a>', { maxCharacters: 9 }).text).toBe('12');
    expect(() => readXml('<a>123</a>', { maxCharacters: 9 })).toThrow(invalid);
  });
});

test('whatever it is given, the reader throws nothing but a Failure', () => {
  const sample = '<s:E xmlns:s="urn:s" a="1"><s:b>t&amp;</s:b><![CDATA[x]]><!-- c --></s:E>';
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('<', '>', '/', '&', ';', '"', '=', 'a', ':', ' ', '!', '[', ']', '-', '?', '#', 'x'),
    }),
    fc
      .tuple(fc.nat(sample.length), fc.nat(sample.length), fc.string({ maxLength: 3 }))
      .map(([from, to, between]) => sample.slice(0, from) + between + sample.slice(to)),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('utf8')),
  );
  fc.assert(
    fc.property(text, (given) => {
      try {
        expect(readXml(given, limits).name).not.toBe('');
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }),
    { numRuns: 3000 },
  );
});

describe('writing', () => {
  test('what is escaped is read back as it was, as text and as an attribute; what XML cannot carry is refused', () => {
    // Written without a regular expression, so that it doesn't repeat the code it checks (XML 1.0 section 2.2).
    const legal = (text: string): boolean =>
      Array.from(text).every((one) => {
        const code = one.codePointAt(0) ?? 0;
        if (code < 0x20) return code === 9 || code === 10 || code === 13;
        return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
      });
    const special = fc.string({
      unit: fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        '\r',
        '\n',
        '\t',
        ' ',
        ']',
        'a',
        '\u0000',
        '\u001f',
        '\ud800',
        '\udc00',
        '\uffff',
        'é',
        '😀',
      ),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), special), (text) => {
        if (!legal(text)) {
          expect(() => escapeXml(text)).toThrow(invalid);
          return;
        }
        const read = readXml(element('a', { b: text }, escapeXml(text)), limits);
        expect([read.text, read.attributes.get('b')]).toEqual([text, text]);
      }),
      { numRuns: 2000 },
    );
  });

  test('an element without content closes itself', () => {
    expect(element('s:a', {})).toBe('<s:a/>');
    expect(element('s:a', { b: '1"' }, 'x')).toBe('<s:a b="1&quot;">x</s:a>');
  });
});

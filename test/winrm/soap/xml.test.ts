import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import {
  child,
  children,
  descend,
  element,
  escapeXml,
  readXml,
  textOf,
  type XmlElement,
} from '../../../src/winrm/soap/xml.ts';
import { anyCharacter } from '../../support/any-character.ts';
import { amount } from '../../support/amount.ts';

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

test('a run of base64 as long as an answer stands where it stood', () => {
  const run = 'QUJD'.repeat(20_000);
  const root = readXml(`<a><b>${run}</b><c>x</c><b>${run}=</b></a>`, { maxCharacters: 200_000 });
  expect(root.children.map((one) => one.text)).toEqual([run, 'x', `${run}=`]);
});

test('what another reader takes is read alike, what it refuses is refused', () => {
  const [prefix, name] = [fc.constantFrom('', 'p:', 'q:', 'xml:', 'xmlns:'), fc.constantFrom('a', 'b', 'xmlns', 'é')];
  const qualified = fc.tuple(prefix, name).map((parts) => parts.join(''));
  const value = fc.constantFrom('', 'urn:1', 'urn:2', ' &lt;\t&#10;"', '\r\nx', '<', '&x;', 'default');
  const declaration = fc
    .tuple(fc.constantFrom('xmlns', 'xmlns:p', 'xmlns:q', 'xmlns:xml'), fc.constantFrom('', 'urn:1', 'urn:2'))
    .map(([key, uri]) => ` ${key}="${uri}"`);
  const attribute = fc
    .tuple(qualified, value)
    // Either reader has a view of its own of white space around a namespace, and of xml:space.
    .filter(([key, text]) => key !== 'xml:space' && !(key.startsWith('xmlns') && text.trim() !== text))
    .map(([key, text]) => ` ${key}='${text}'`);
  const { node } = fc.letrec<{ node: string; content: string }>((tie) => ({
    node: fc
      .tuple(qualified, fc.array(declaration, { maxLength: 2 }), fc.array(attribute, { maxLength: 2 }), tie('content'))
      .map(([key, declared, given, content]) => `<${key}${declared.join('')}${given.join('')}>${content}</${key}>`),
    content: fc
      .array(
        fc.oneof(
          { maxDepth: 3 },
          fc.constantFrom('t', ' \r\n', '&amp;', '<![CDATA[<]]>', '<!-- - -->', '<?p i?>', ']]>'),
          tie('node'),
        ),
        {
          maxLength: 3,
        },
      )
      .map((parts) => parts.join('')),
  }));
  let taken = 0;
  fc.assert(
    fc.property(node, (xml) => {
      const other = readBySaxes(xml);
      if (other === null) {
        expect(() => readXml(xml, limits)).toThrow(invalid);
        return;
      }
      taken += 1;
      expect(readXml(xml, limits)).toEqual(other);
    }),
    { numRuns: amount({ share: 600, ci: 3000 }) },
  );
  expect(taken).toBeGreaterThan(amount({ share: 20, ci: 100 }));
});

describe('refuses', () => {
  test.each([
    ['nothing', ''],
    ['text alone', 'hello'],
    ['an open element', '<a><b></b>'],
    ['crossed elements', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['an unbound prefix', '<a:b/>'],
    ['an unbound prefix of an attribute', '<a b:c="1"/>'],
    ['a prefix bound to nothing', '<a xmlns:b=""/>'],
    ['the prefix xml bound anew', '<a xmlns:xml="urn:1"/>'],
    ['the prefix xmlns bound', '<a xmlns:xmlns="urn:1"/>'],
    ['a name with two colons', '<a:b:c xmlns:a="urn:1"/>'],
    ['one attribute under two prefixes', '<a xmlns:b="urn:1" xmlns:c="urn:1" b:d="1" c:d="2"/>'],
    ['300 attributes', `<a ${Array.from({ length: 300 }, (_, index) => `b${index}=""`).join(' ')}/>`],
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
    fc.string({ unit: anyCharacter }),
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
    { numRuns: amount({ share: 600, ci: 3000 }) },
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
      fc.property(fc.oneof(fc.string({ unit: anyCharacter }), special), (text) => {
        if (!legal(text)) {
          expect(() => escapeXml(text)).toThrow(invalid);
          return;
        }
        const read = readXml(element('a', { b: text }, escapeXml(text)), limits);
        expect([read.text, read.attributes.get('b')]).toEqual([text, text]);
      }),
      { numRuns: amount({ share: 400, ci: 2000 }) },
    );
  });

  test('an element without content closes itself', () => {
    expect(element('s:a', {})).toBe('<s:a/>');
    expect(element('s:a', { b: '1"' }, 'x')).toBe('<s:a b="1&quot;">x</s:a>');
  });
});

/** The same element by a parser that isn't the product's; null when it refuses. */
function readBySaxes(xml: string): XmlElement | null {
  interface Growing {
    namespace: string;
    name: string;
    attributes: Map<string, string>;
    children: Growing[];
    text: string;
  }
  const top: Growing = { namespace: '', name: '', attributes: new Map(), children: [], text: '' };
  const open = [top];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    const attributes = Object.values(tag.attributes)
      .filter((one) => one.uri !== 'http://www.w3.org/2000/xmlns/')
      .map((one): [string, string] => [one.uri === '' ? one.local : `{${one.uri}}${one.local}`, one.value]);
    const element = { namespace: tag.uri, name: tag.local, attributes: new Map(attributes), children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => open.pop());
  const addText = (text: string): void => {
    const parent = open.at(-1);
    if (parent !== undefined) parent.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  try {
    parser.write(xml).close();
  } catch {
    return null;
  }
  return top.children[0] ?? null;
}

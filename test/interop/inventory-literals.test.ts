// How Ansible types the values of an INI inventory and cuts its host lines, held against ours: a table of every kind, and thousands of
// texts made of the signs that mean something to either.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { readPythonLiteral } from '../../src/inventory/forms/python-literal.ts';
import { cutShellWords } from '../../src/inventory/forms/shell-words.ts';
import { missingPeer, pythonVenv } from './support/python-venv.ts';

const run = promisify(execFile);
const missing = await missingPeer(['ansible']);

/** Both asked once for all. */
const ansibleReads = String.raw`
import json, shlex, sys
from ansible.plugins.inventory.ini import InventoryModule
from ansible._internal._datatag._tags import Origin
module = InventoryModule()
module._origin = Origin(path='/x', line_num=1)
def words(line):
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return None
def value(text):
    try:
        read = module._parse_value(text)
        json.dumps(read, allow_nan=False)
        return {'value': read}
    except Exception as thrown:
        return {'fault': str(thrown)}
asked = json.load(sys.stdin)
print(json.dumps({'values': [value(text) for text in asked['values']], 'words': [words(line) for line in asked['lines']]}))
`;

interface Answers {
  readonly values: readonly { readonly value?: unknown; readonly fault?: string }[];
  readonly words: readonly (readonly string[] | null)[];
}

/** One a line; between lines nothing is cut. */
const literals = String.raw`
1|-1|+1|--1|- 1|00|01|007|0x1f|0X1F|0x|0o17|0b11|0b2|1_000|1__0|_1|1_|1.|.5|1.5e-3|1e5|1_0.0_1|1.2.3|1a|1e|٣
True|true|False|None|none|Yes|foo|foo bar|| | 1|1 |1 # c|a # c|#|'a' # c|[1, # c
'a'|"a"|'a|a'|'a''b'|'a' "b"|'a'b|r'\n'|R'\\'|u'a'|b'a'|b'ä'|rb'\x'|br'\x'|bu'a'|f'a'|'a' b'b'|'''a'b'''|"""a"""|''|''''''
'\n'|'\x41'|'\x4'|'\u00e4'|'\u00e'|'\U0001F600'|'\U99999999'|'\101'|'\777'|'\8'|'\s'|'\'|b'\u0041'|b'\x41'|"CORP\svc"|"CORP\new"|CORP\svc
[]|[1]|[1,]|[,]|[1 2]|['a', 2, None, [True]]|[a]|[1|[1]]|(1)|(1,)|()|(,)|(1, 2)|((1))|1,|1, 2|1, 2,|,1|'a', 'b'|a,b
{}|{'a': 1}|{'a': 1,}|{'a': {'b': [1]}}|{'a': 1, 'a': 2}|{1}|{1, 2, 2}|{'a', 'b',}|{1: 2, 3}|{a: 1}|{'a' 1}|{{ x }}|{{ 'x' }}|{% if %}|set()|set([])|dict()
10.0.0.1|::1|2001:db8::1|50%|a=b|2026-11-27|12:30|http://a/b?c=d#e|-|1 if 1 else 2|not 1|~1|1;|$x|"a"\|\|!vault
`
  .trim()
  .split('\n')
  .flatMap((line) => line.split('|'));

const lines = String.raw`
a|a b=c|a b='c d'|a b="c d"|a b=c\ d|a "b=c d"|a b="c\"d"|a b='c\'|a b="c\d"|a b="c\\d"|a#b c|a # b|a b=#c|a b='#c'|a'#'b
"a"b|'a|"a\"|a\|""|a ""|''a''|# a|ä b=ö|a  b|a\#b|a b="c"#d|a b=c'd e'f"g h"|\"a\"
`
  .trim()
  .split('\n')
  .flatMap((line) => line.split('|'));

/** The same each time. */
const signs = [
  ...Array.from(String.raw`'"\#=,:.[]{}() 01eExjrbu_-+aN`),
  'True',
  'None',
  "'a'",
  '"b"',
  String.raw`\n`,
  '0x',
  ', ',
];
const generated = fc.sample(
  fc.array(fc.constantFrom(...signs), { maxLength: 7 }).map((parts) => parts.join('')),
  { seed: 19, numRuns: 6000 },
);

/** What we leave as text, with what it is in Python: our numbers do not hold it, or nobody means it. */
const differs: Readonly<Record<string, string>> = {
  '12345678901234567890': 'a whole number beyond 2^53',
  '1e999': 'infinity',
  '3j': 'an imaginary number, which Ansible turns back into text',
  '1+2j': 'a complex number, which Ansible turns back into text, with brackets',
  [String.raw`'\N{BULLET}'`]: 'a letter by its name',
  '{[1]: 2}': 'a key that is a list, on which Ansible gives up the whole file',
};

describe.skipIf(missing !== null)('an INI inventory is read as Ansible reads it', () => {
  let theirs: Answers;
  beforeAll(async () => {
    const { python } = await pythonVenv();
    // A set of Python has no order of its own; with this seed it is the same each time.
    const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', PYTHONHASHSEED: '0' };
    const options = { env, maxBuffer: 64 * 1024 * 1024 };
    const running = run(python, ['-W', 'ignore', '-c', ansibleReads], options);
    running.child.stdin?.end(JSON.stringify({ values: [...literals, ...generated], lines: [...lines, ...generated] }));
    theirs = JSON.parse((await running).stdout) as Answers;
  });

  test('values have the same types', () => {
    const all = [...literals, ...generated].map((text, at) => ({ text, ...theirs.values[at] }));
    const isPeculiar = (text: string): boolean => /[0-9_.]j|\\N|\.\.\.|\d{17}/i.test(text);
    const compared = all.filter((one) => one.fault === undefined && !isPeculiar(one.text));
    const ours = compared.map(({ text }) => {
      const read = readPythonLiteral(text);
      return [text, read.isLiteral ? read.value : text];
    });
    expect(ours).toEqual(compared.map(({ text, value }) => [text, value]));
    // Not text like everything else.
    expect(ours.filter(([text, value]) => text !== value).length).toBeGreaterThan(200);
    expect(compared.length).toBeGreaterThan(all.length * 0.9);
  });

  test('host lines are cut into the same words', () => {
    const all = [...lines, ...generated];
    const ours = all.map((line) => {
      const cut = cutShellWords(line);
      return [line, cut.fault === null ? cut.words.map((one) => one.text) : null];
    });
    expect(ours).toEqual(all.map((line, at) => [line, theirs.words[at]]));
  });

  test.each(Object.entries(differs))('but %s stays text: %s', (text) => {
    expect(readPythonLiteral(text)).toEqual({ isLiteral: false });
  });
});

import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { readYaml } from '../../src/yaml/document.ts';
import { checkShape } from '../../src/yaml/shape.ts';

const port = z
  .int('expected a port from 1 to 65535')
  .min(1, 'expected a port from 1 to 65535')
  .max(65535, 'expected a port from 1 to 65535');
const secret = z.union([z.string(), z.strictObject({ env: z.string().optional(), file: z.string().optional() })]);
const schema = z.strictObject({
  name: z.string().min(1),
  hosts: z.record(
    z.string(),
    z.strictObject({ port: port.optional(), transport: z.enum(['http', 'https']).default('http') }),
  ),
  list: z
    .array(z.strictObject({ protocol: z.enum(['tcp', 'udp']), families: z.array(z.string()).min(1).optional() }))
    .optional(),
  password: secret.optional(),
  password_hash: z.int().optional(),
  either: z.union([z.int(), z.enum(['none', 'all'])]).optional(),
  ratio: z.number().gt(0).lt(1).optional(),
});

function said(text: string): readonly string[] {
  return checkShape(schema, readYaml(text, 'f.yml')).issues.map((one) => `${one.line}:${one.column} ${one.message}`);
}

describe('checkShape', () => {
  test('gives the value with its defaults', () => {
    const checked = checkShape(schema, readYaml('name: a\nhosts: { x: { port: 1 } }\n', 'f.yml'));
    expect(checked).toEqual({ value: { name: 'a', hosts: { x: { port: 1, transport: 'http' } } }, issues: [] });
  });

  test('finds everything at once, in the order of the file', () => {
    expect(
      said(
        'hosts:\n  ex01:\n    port: 70000\n    transport: htps\n    tmeout: 5\nlist:\n  - protocl: tcp\n    families: []\nzzz: 1\n',
      ),
    ).toEqual([
      '1:1 name: missing; expected text',
      '3:11 hosts.ex01.port: expected a port from 1 to 65535, got 70000',
      '4:16 hosts.ex01.transport: expected http or https, got "htps" (did you mean "https"?)',
      '5:5 hosts.ex01.tmeout: unknown key; allowed here: port, transport',
      '7:5 list[0].protocol: missing; expected tcp or udp',
      '7:5 list[0].protocl: unknown key (did you mean "protocol"?)',
      '8:15 list[0].families: expected at least 1 in the list, got an empty list',
      '9:1 zzz: unknown key; allowed here: name, hosts, list, password, password_hash, either, ratio',
    ]);
  });

  test.each([
    ['', ['1:1 expected a mapping, got nothing']],
    ['- a\n', ['1:1 expected a mapping, got a list of 1']],
    ['name:\nhosts: {}\n', ['1:1 name: expected text, got nothing']],
    ['name: ""\nhosts: {}\n', ['1:7 name: expected non-empty text, got ""']],
    ['name: a\nhosts: [x]\n', ['2:8 hosts: expected a mapping, got a list of 1']],
    ['name: a\nhosts: { x: { port: "5985" } }\n', ['2:21 hosts.x.port: expected a port from 1 to 65535, got "5985"']],
    ['name: a\nhosts: {}\npassword: { evn: X }\n', ['3:13 password.evn: unknown key (did you mean "env"?)']],
    ['name: a\nhosts: {}\npassword: 12345\n', ['3:11 password: expected text or a mapping, got a number (not shown)']],
    ['name: a\nhosts: {}\npassword_hash: hunter2\n', ['3:16 password_hash: expected a number, got a text (not shown)']],
    ['name: a\nhosts: {}\neither: some\n', ['3:9 either: expected a number, none or all, got "some"']],
    ['name: a\nhosts: {}\nratio: 1\n', ['3:8 ratio: expected less than 1, got 1']],
    ['name: a\nhosts: {}\nratio: 0\n', ['3:8 ratio: expected more than 0, got 0']],
  ])('%j', (text, issues) => {
    expect(said(text)).toEqual(issues);
  });

  test('leaves a text with syntax faults to them', () => {
    expect(said('name: a\nname: 5\n')).toEqual(['2:1 duplicate key: this mapping already has it above']);
  });

  test('checks a part of a document and names its whole path', () => {
    const document = readYaml('a:\n  b: { port: 0 }\n', 'f.yml');
    const { issues } = checkShape(z.strictObject({ port }), document, ['a', 'b']);
    expect(issues).toEqual([
      { file: 'f.yml', line: 2, column: 14, message: 'a.b.port: expected a port from 1 to 65535, got 0' },
    ]);
  });

  test('a merged-in fault is reported where it is written', () => {
    expect(said('name: a\nhosts:\n  x: &x\n    port: 0\n  y:\n    <<: *x\n')).toEqual([
      '4:11 hosts.x.port: expected a port from 1 to 65535, got 0',
      '4:11 hosts.y.port: expected a port from 1 to 65535, got 0',
    ]);
  });
});

// No message, hint or explanation names a command, flag or setting that does not exist: read from the sources, held against the real
// options and the schemas of the files.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { buildJsonSchema } from '../src/cli/documents/json-schemas.ts';

const src = join(import.meta.dirname, '../src');
const read = (file: string): string => readFileSync(join(src, file), 'utf8');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((one) => one.replaceAll('\\', '/'))
  .filter((one) => one.endsWith('.ts'));

/** Flags of other programs that a text tells to run, and names that are no setting of ours. */
const foreignFlags = new Map([
  ['label', 'secret-tool'],
  ['list', 'ansible-inventory'],
  ['omit', 'npm'],
  ['yaml', 'ansible-inventory'],
  ['get-yargs-completions', 'yargs'],
  ['heap-growing-percent', 'V8'],
  ['semi-space-growth-factor', 'V8'],
]);
const foreignNames = new Map([
  ['encrypt_string', 'ansible-vault'],
  ['s_client', 'openssl'],
  ['allow_sasl_over_tls', 'smb.conf'],
  ['permitted_enctypes', 'krb5.conf'],
  ['inventory_hostname', 'Ansible'],
  ['host_vars', 'Ansible'],
  ['group_vars', 'Ansible'],
  ['exchange_edge', 'a group that discover writes'],
  ['availability_group', 'a variable that discover writes'],
  ['allow_sasl_over_tls', 'Samba'],
]);

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('source.ts', text, ts.ScriptTarget.ES2023, true);
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => {
    walk(child, visit);
  });
}

/** `.option('out', ...)`, and each property whose value has a `describe`, wherever a command declares it. */
function findOptions(text: string): readonly string[] {
  const found: string[] = [];
  walk(parse(text), (node) => {
    if (ts.isCallExpression(node) && /\.option$/.test(node.expression.getText())) {
      const [name] = node.arguments;
      if (name !== undefined && ts.isStringLiteral(name)) found.push(name.text);
    }
    if (!ts.isPropertyAssignment(node) || !ts.isObjectLiteralExpression(node.initializer)) return;
    const keys = node.initializer.properties.map((one) => one.name?.getText());
    if (!keys.includes('describe')) return;
    found.push(node.name.getText().replaceAll(/['"]/g, ''));
  });
  return found;
}

/** The text of every string and template, with its line; the inserts of a template are left out. */
function findTexts(text: string): readonly { readonly line: number; readonly text: string }[] {
  const source = parse(text);
  const found: { line: number; text: string }[] = [];
  walk(source, (node) => {
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    if (isText) found.push({ line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1, text: node.text });
  });
  return found;
}

/** Every key of every object in a JSON schema, and the values that are words. */
function keysOfSchema(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema ? Object.keys(schema.properties ?? {}) : [];
  const values = 'enum' in schema && Array.isArray(schema.enum) ? schema.enum.map(String) : [];
  return [...own, ...values, ...Object.values(schema).flatMap(keysOfSchema)];
}

const commands = files
  .filter((one) => one.startsWith('cli/commands/'))
  .map((one) => one.replace(/^.*\/|\.ts$/g, ''))
  // yargs' own words are no commands: `fencepost COMMAND`.
  .concat('COMMAND');
const optionFiles = files.filter((one) => one.startsWith('cli/commands/') || one === 'cli/options.ts');
const options = new Set([...optionFiles.flatMap((one) => findOptions(read(one))), 'help', 'version']);
const settings = new Set(
  (['inventory', 'playbook', 'policy', 'scenario'] as const).flatMap((one) => keysOfSchema(buildJsonSchema(one))),
);
/** Left out: simulated Windows speaks of its own; completion scripts are shell; a style sheet has variables. */
const spoken = files.filter((one) => !one.startsWith('lab/') && !/(?:completion-scripts|page-style)\.ts$/.test(one));
/** Ansible's own names and those of values, not of settings. */
const isOther = (name: string): boolean => name.startsWith('ansible_') || foreignNames.has(name);

interface Named {
  readonly text: string;
  readonly at: string;
  readonly name: string;
}

/** Parsed once: that takes longer than all that is looked for in them. */
const texts = spoken.flatMap((file) =>
  findTexts(read(file)).map(({ line, text }) => ({ at: `src/${file}:${line}`, text })),
);

function findNamed(pattern: RegExp): readonly Named[] {
  return texts.flatMap(({ at, text }) =>
    [...text.matchAll(pattern)].map((match) => ({ at, text, name: match[1] ?? '' })),
  );
}

test('the options and settings are found', () => {
  expect([...options]).toEqual(expect.arrayContaining(['limit', 'state-dir', 'yes', 'force', 'vault-password-file']));
  expect([...settings]).toEqual(expect.arrayContaining(['request_timeout_s', 'by_own_service', 'max_failed']));
  expect(commands).toEqual(expect.arrayContaining(['apply', 'explain']));
});

test('every flag that a text names is an option', () => {
  const named = findNamed(/(?<![\w-])--([a-z][a-z-]*[a-z])(?![\w-]*=?\/)/g);
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ name }) => !isFlag(name)).map(({ at, name }) => `${at}: --${name}`)).toEqual([]);
});

function isFlag(name: string): boolean {
  return options.has(name) || foreignFlags.has(name) || (name.startsWith('no-') && options.has(name.slice(3)));
}

test('every command that a text tells to run exists', () => {
  const named = findNamed(/(?:^|[`:,(] ?|\b(?:or|and|then|with|run) )fencepost ([a-zA-Z]+)(?= |$|[`,.;:)])/g);
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ name }) => !commands.includes(name)).map(({ at, name }) => `${at}: ${name}`)).toEqual([]);
});

test('every setting that a text names is a key of the inventory, the playbook or a scenario', () => {
  const prose = findNamed(/(?<![\w.\\/$-])([a-z]+(?:_[a-z]+)+)(?![\w(-])/g).filter(isProse);
  expect(prose.length).toBeGreaterThan(30);
  const unknown = prose.filter(({ name }) => !settings.has(name) && !isOther(name));
  expect(unknown.map(({ at, name }) => `${at}: ${name}`)).toEqual([]);
});

test('no text names a setting by a path that does not exist', () => {
  const named = findNamed(/\b((?:timeouts|winrm|strategy|window|when_held)\.[a-z]\w*)(?![\w(])/g).filter(isProse);
  const wrong = named.filter(({ name }) => !isPath(name));
  expect(wrong.map(({ at, name }) => `${at}: ${name}`)).toEqual([]);
});

/** `winrm.host_timeout_s`: every part is a key. */
function isPath(name: string): boolean {
  return name.split('.').every((part) => settings.has(part));
}

/** Words with blanks between them, in the rooms whose texts a person reads; the others' are WMI names, XML and the journal's own words. */
function isProse({ at, text }: Named): boolean {
  const isRead = /^src\/(?:inventory|playbook|plan|run|report|winrm|model\/connection)/.test(at);
  return isRead && /[a-z] [a-z]/.test(text) && !/gss-calls|\/schema/.test(at);
}

test.each([
  ['raise `timeouts.request`', 'timeouts.request'],
  ["hint: 'use --nowhere'", '--nowhere'],
])('finds what is wrong: %s', (text, wrong) => {
  const flags = [...text.matchAll(/--([a-z][a-z-]*)/g)].filter(([, name = '']) => !isFlag(name));
  const paths = [...text.matchAll(/timeouts\.[a-z]+/g)].filter(([name]) => !isPath(name));
  expect([...flags, ...paths].map(([all]) => all)).toEqual([wrong]);
});

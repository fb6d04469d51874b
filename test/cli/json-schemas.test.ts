// The JSON Schemas against the tool: over every file of the corpora they refuse nothing that the tool takes, and take only those faults
// that no schema can say, each of which is named here. Over random values of each key both judge alike.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { describe, expect, test } from 'vitest';
import { demoScenario } from '../../src/cli/demo/scenario.ts';
import { buildJsonSchema, jsonSchemaText } from '../../src/cli/documents/json-schemas.ts';
import { inputKinds, type InputKind } from '../../src/cli/documents/kinds.ts';
import { resolveInventory } from '../../src/inventory/resolve.ts';
import { inventorySchema, winrmSchema } from '../../src/inventory/schema.ts';
import { readScenario } from '../../src/lab/scenario/scenario.ts';
import type { Issue } from '../../src/model/failure.ts';
import { resolvePlaybook } from '../../src/playbook/resolve.ts';
import { resolvePolicy } from '../../src/policy/resolve.ts';
import { readYaml, type YamlDocument } from '../../src/yaml/document.ts';
import { amount } from '../support/amount.ts';
import { repository } from '../support/cli.ts';

const validators = Object.fromEntries(
  inputKinds.map((kind) => [kind, new Ajv({ allowUnionTypes: true }).compile(buildJsonSchema(kind))]),
) as Record<InputKind, ValidateFunction>;

const issuesOf: Readonly<Record<InputKind, (document: YamlDocument) => readonly Issue[]>> = {
  inventory: (document) => resolveInventory([document]).issues,
  playbook: (document) => resolvePlaybook(document).issues,
  policy: (document) => resolvePolicy(document, (path) => path).issues,
  scenario: (document) => readScenario(document).issues,
};

/** Whether the schema and the tool take the text; null when it is no YAML, which is for the editor to say. */
function judged(kind: InputKind, text: string): { readonly schema: boolean; readonly tool: boolean } | null {
  const document = readYaml(text, 'case.yml');
  if (document.issues.length > 0) return null;
  return { schema: validators[kind](document.value), tool: issuesOf[kind](document).length === 0 };
}

function filesIn(folder: string): readonly { readonly name: string; readonly text: string }[] {
  const path = join(repository, folder);
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yml') && !entry.name.endsWith('.expected.yml'))
    .map((entry) => ({ name: entry.name, text: readFileSync(join(path, entry.name), 'utf8') }));
}

/** Files that the tool refuses and no schema can: why. */
const beyondSchemas: Readonly<Record<InputKind, Readonly<Record<string, string>>>> = {
  inventory: {
    'ansible-faults.yml': 'values of ansible_* variables are free to a schema',
    'backend-ports-faults.yml': 'values of variables are free to a schema, and so are their names',
    'bad-ranges.yml': 'host ranges go backwards or have no end',
    'bad-references.yml': 'what a name means stands elsewhere',
    'basic-over-http.yml': 'auth and scheme contradict each other, perhaps across groups',
    'idle-settings.yml': 'which settings count the others say, perhaps across groups',
    'no-username.yml': 'a key may come from any group above',
  },
  playbook: {},
  policy: {},
  scenario: {},
};

describe('over the corpora', () => {
  const corpus: readonly { readonly kind: InputKind; readonly name: string; readonly text: string }[] = [
    ...['inventory', 'test/inventory/cases'].flatMap(filesIn).map((one) => ({ kind: 'inventory' as const, ...one })),
    ...['playbooks', 'test/playbook/cases'].flatMap(filesIn).map((one) => ({ kind: 'playbook' as const, ...one })),
    { kind: 'scenario', name: 'demo', text: demoScenario },
  ];

  test('there are good and bad ones of inventory and playbook', () => {
    for (const kind of ['inventory', 'playbook'] as const) {
      const verdicts = corpus.filter((one) => one.kind === kind).map((one) => judged(kind, one.text)?.tool);
      expect([kind, verdicts.includes(true), verdicts.includes(false)]).toEqual([kind, true, true]);
    }
  });

  test.each(corpus)('$kind $name', ({ kind, name, text }) => {
    const verdict = judged(kind, text);
    if (verdict === null) return;
    const beyond = beyondSchemas[kind][name];
    expect(verdict).toEqual(
      beyond === undefined ? { schema: verdict.tool, tool: verdict.tool } : { schema: true, tool: false },
    );
  });
});

describe('the port of a back end', () => {
  test.each([
    { entry: '{ port: backend, for: MSExchangeIMAP4BE }', good: true },
    { entry: '{ port: backend, for: msexchangepop3be, protocol: tcp }', good: true },
    { entry: '{ port: backend }', good: false },
    { entry: '{ port: backend, for: MSExchangeIMAP4BE, protocol: udp }', good: false },
    { entry: '{ port: 9933, protocol: udp }', good: true },
  ])('$entry', ({ entry, good }) => {
    expect(judged('playbook', `name: n\nhosts: all\nexclusions: [${entry}]`)).toEqual({ schema: good, tool: good });
  });
});

describe('a scenario', () => {
  test.each([
    { text: 'servers: [{ name: ex01 }]', good: true },
    { text: 'servers: [{ name: ex01, windows: 2019, exchange: se, imap_port: 1993 }]', good: true },
    { text: 'servers: [{ name: ex01, windows: "2012r2", exchange: none }]', good: true },
    { text: 'servers: [{ name: ex01, mishaps: [{ on: { operation: create }, do: hang }] }]', good: true },
    { text: 'servers: [{ name: ex01, mishaps: [{ on: { nth: 0 }, do: hang }] }]', good: false },
    { text: 'servers: [{ name: ex01, mishaps: [{ on: {}, do: { status: 99 } }] }]', good: false },
    { text: 'servers: [{ name: ex01, windows: 2020 }]', good: false },
    { text: 'servers: [{ name: ex01, imap_port: 70000 }]', good: false },
    { text: 'servers: [{ name: ex01, imap_port: 1.5 }]', good: false },
    { text: 'servers: [{ name: ex01, exclusions: [{ count: 1 }] }]', good: false },
    { text: 'servers: []', good: false },
    { text: 'servers: [{ windows: 2019 }]', good: false },
    { text: 'servers: [{ name: ex01 }]\nmore: 1', good: false },
  ])('$text', ({ text, good }) => {
    expect(judged('scenario', text)).toEqual({ schema: good, tool: good });
  });
});

/** What people and their slips put behind a key. */
const anything = fc.oneof(
  fc.constantFrom(
    ...'http https ntlm basic kerberos HTTP 1.2 ignore /wsman wsman ex01.corp.example [fe80::1] CORP\\user two|words'.split(
      ' ',
    ),
  ),
  fc.constantFrom(
    'http://proxy:3128',
    'HTTP://[::1]:1/',
    'http://proxy:65536',
    'https://proxy:1',
    'http://a:b@proxy:1',
  ),
  fc.constantFrom(
    'ab'.repeat(32),
    'AB:'.repeat(32),
    `SHA256 Fingerprint=${'0 '.repeat(64)}`,
    'ab'.repeat(20),
    'sha256:',
  ),
  fc.constantFrom('{{ password }}', 'a {% if %}', '', ' ', 'two words'),
  fc.constantFrom(0, 1, 1.5, 443, 65_535, 65_536, 86_400, 86_401, -1),
  fc.constantFrom<unknown>(null, true, false, [], ['ipv4'], ['ipv4', 'ipv4'], ['100%'], {}),
  fc.constantFrom({ env: 'NAME' }, { env: 'NA ME' }, { file: 'x', env: 'NAME' }, { prompt: true }, { prompt: false }),
  fc.integer({ min: -10, max: 70_000 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 8 }),
);

function someOf(keys: readonly string[]): fc.Arbitrary<Record<string, unknown>> {
  return fc.dictionary(fc.constantFrom(...keys), anything, { maxKeys: 3 });
}

test('any value of any key of a winrm block is judged alike', () => {
  fc.assert(
    fc.property(someOf([...Object.keys(winrmSchema.shape), 'adress']), (winrm) => {
      const written = { all: { vars: { winrm }, hosts: { ex01: null } } };
      expect([validators.inventory(written), written]).toEqual([inventorySchema.safeParse(written).success, written]);
    }),
    { numRuns: amount({ share: 400, ci: 2000 }) },
  );
});

test('any value of any key of a playbook is judged alike, but for what two keys say together', () => {
  const strategy = [
    'canary',
    'batches',
    'concurrency',
    'max_failed',
    'max_failed_total',
    'one_at_a_time_by',
    'pause_s',
    'confirm_between_batches',
  ];
  const percent = fc
    .tuple(fc.integer({ min: 0, max: 120 }), fc.constantFrom('', '.5', '.0', '.'))
    .map(([whole, rest]) => `${whole}${rest}%`);
  const playbooks = fc.record(
    {
      name: anything,
      hosts: anything,
      exclusions: fc.array(
        fc.oneof(
          someOf(['port', 'range', 'first', 'protocol', 'families', 'for', 'state']),
          fc.constant({ port: 9933 }),
        ),
        {
          maxLength: 1,
        },
      ),
      when_held: someOf(['by_own_service', 'by_other', 'by_whom']),
      strategy: fc.oneof(
        someOf(strategy),
        fc.dictionary(fc.constantFrom('max_failed', 'max_failed_total'), percent),
        percent.map((one) => ({ batches: [one] })),
      ),
      on_failure: fc.constantFrom<unknown>('stop', 'rollback_run', 'rollback', null),
    },
    { requiredKeys: ['name', 'hosts', 'exclusions'] },
  );
  fc.assert(
    fc.property(playbooks, (playbook) => {
      const verdict = judged('playbook', stringify(playbook));
      expect([verdict?.schema, playbook]).toEqual([verdict?.tool, playbook]);
    }),
    { numRuns: amount({ share: 400, ci: 2000 }) },
  );
});

test.each([
  { moment: '2026-12-05T22:00:00+01:00', good: true },
  { moment: '2026-12-05 22:00Z', good: true },
  { moment: '2026-12-05T22:00:00', good: false },
  { moment: 'tonight', good: false },
])('a window that opens $moment', ({ moment, good }) => {
  const text = stringify({
    name: 'x',
    hosts: 'all',
    exclusions: [{ port: 9933 }],
    window: { opens: moment, closes: '2027-01-01T00:00:00Z' },
  });
  expect(judged('playbook', text)).toEqual({ schema: good, tool: good });
});

describe.each(inputKinds)('%s', (kind) => {
  test('is draft 7, which the YAML language server reads, with a title', () => {
    expect(buildJsonSchema(kind)).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: expect.stringContaining('Fencepost') as string,
    });
    expect(JSON.parse(jsonSchemaText(kind))).toEqual(buildJsonSchema(kind));
  });
});

test.each([
  {
    what: 'a group below itself',
    kind: 'inventory',
    text: 'all: { children: { a: { children: { b: { children: { a: } } } } } }',
  },
  { what: 'a host range without an end', kind: 'inventory', text: 'all: { hosts: { "ex[01:": } }' },
  {
    what: 'two entries that overlap',
    kind: 'playbook',
    text: '{ name: x, hosts: all, exclusions: [{ port: 9933 }, { range: 9930-9940 }] }',
  },
  {
    what: 'a range that runs backwards',
    kind: 'playbook',
    text: '{ name: x, hosts: all, exclusions: [{ range: 9940-9930 }] }',
  },
  {
    what: 'a date there is not',
    kind: 'playbook',
    text: '{ name: x, hosts: all, exclusions: [{ port: 1 }], window: { opens: 2026-02-30T00:00:00Z, closes: 2026-03-01T00:00:00Z } }',
  },
  { what: 'ports that run backwards', kind: 'policy', text: 'ports: [9940-9930]' },
  { what: 'two servers of one name', kind: 'scenario', text: 'servers: [{ name: ex01 }, { name: ex01 }]' },
] as const)('beyond a schema: $what', ({ kind, text }) => {
  expect(judged(kind, text)).toEqual({ schema: true, tool: false });
});

test('every key of an inventory, a playbook and a policy has help', () => {
  expect(keysWithoutHelp(buildJsonSchema('policy'))).toEqual([]);
  expect(keysWithoutHelp(buildJsonSchema('inventory'))).toEqual([]);
  expect(keysWithoutHelp(buildJsonSchema('playbook'))).toEqual([]);
});

/** Names of properties that have no description, of all objects, once each. */
function keysWithoutHelp(schema: unknown): readonly string[] {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { properties } = value as { properties?: Record<string, object> };
    for (const [key, one] of Object.entries(properties ?? {})) {
      if (!('description' in one) && !('anyOf' in one && JSON.stringify(one).includes('"description"'))) found.add(key);
    }
    // What holds under a condition is described where it is defined.
    for (const [key, one] of Object.entries(value)) if (key !== 'if' && key !== 'then') walk(one);
  };
  walk(schema);
  return [...found];
}

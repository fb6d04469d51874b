// Every document of --json, and every file and line the tool leaves behind, against its published schema in the closed form: a field that
// no schema tells of fails as one that is missing does. Real commands against a lab with hosts in every state, in success and failure.
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildJsonSchema } from '../../src/cli/documents/json-schemas.ts';
import { jsonDocument } from '../../src/cli/json.ts';
import { discover } from '../../src/workflows/discovery/discover.ts';
import { makeOrganization, memoryDirectory } from '../support/exchange-directory.ts';
import { documentKinds, inputKinds, schemaNames, type SchemaName } from '../../src/cli/documents/kinds.ts';
import { runCli, type CliResult } from '../support/cli.ts';
import { openEndpoint } from '../support/http-endpoint.ts';
import { openLab, reserved, type Differences, type TestLab, withLab } from '../support/lab.ts';
import { memoryListener } from '../support/memory-seams.ts';
import { findSchemaFaults as faultsOf } from '../support/schema-faults.ts';
import { makePerson } from '../support/ssh-keys.ts';

const seen = new Set<string>();

/** The one document on stdout, which says of itself what it is; it must be as its schema says. */
function documentIn({ stdout, stderr }: Pick<CliResult, 'stdout' | 'stderr'>): { readonly schema: string } {
  expect(stdout, stderr).toMatch(/^\{[^]*\}\n$/);
  const document = JSON.parse(stdout) as { schema: string; version: number };
  const kind = document.schema.replace(/^fencepost\//, '');
  expect(documentKinds).toContain(kind);
  expect(faultsOf(`output-${kind}` as SchemaName, document)).toEqual([]);
  seen.add(kind);
  return document;
}

const servers: readonly Differences[] = [
  { name: 'ex01', imap: 'running', language: 'de' },
  { name: 'ex02', listener: 'https', auth: ['basic'], groups: ['exchange', 'paris'] },
  { name: 'asis', exclusions: [reserved(9933), reserved(9955)] },
  { name: 'half', exclusions: [reserved(9933, { stores: ['active'] })] },
  {
    name: 'held',
    holders: [
      { port: 9933, protocol: 'tcp', families: ['ipv4'], image: 'lsass.exe', services: [], state: 'LISTENING' },
    ],
  },
  { name: 'taken', exclusions: [reserved(9933, { administered: false, range: { firstPort: 9930, portCount: 9 } })] },
  { name: 'old', windows: '2008r2', hotfix: false },
  { name: 'wrong', password: 'wrong' },
  { name: 'down', reachable: false },
  {
    name: 'lossy',
    mishaps: [
      {
        on: { operation: 'command', nth: null, line: 'add excludedportrange', request: null },
        act: { kind: 'drop-after' },
        times: 1,
      },
    ],
  },
];

let lab: TestLab;
let inventory: readonly string[];
let run = '';

const exec = async (...args: readonly string[]): Promise<CliResult> => lab.run([...args, '--json']);

beforeAll(async () => {
  lab = await openLab(servers);
  inventory = ['-i', lab.inventoryFile];
});

afterAll(async () => {
  await lab.close();
});

describe('the main job, in this order', () => {
  const kindOf = async (...args: readonly string[]): Promise<readonly [string, number | null]> => {
    const result = await exec(...args);
    return [documentIn(result).schema, result.exitCode];
  };

  test('looking', async () => {
    expect(await kindOf('inventory', ...inventory)).toEqual(['fencepost/inventory', 0]);
    expect(await kindOf('inventory', ...inventory, '--host', 'ex02')).toEqual(['fencepost/inventory-host', 0]);
    expect(await kindOf('doctor', ...inventory)).toEqual(['fencepost/doctor', 3]);
    const snapshot = lab.path('facts.json');
    expect(await kindOf('collect', ...inventory, '--out', snapshot)).toEqual(['fencepost/facts', 3]);
    expect(faultsOf('snapshot-file', JSON.parse(await readFile(snapshot, 'utf8')))).toEqual([]);
    expect(await kindOf('verify', ...inventory)).toEqual(['fencepost/verify', 3]);
    expect(await kindOf('history')).toEqual(['fencepost/host-history', 0]);
    // What was seen is kept already, and nothing was run.
    expect(await kindOf('runs')).toEqual(['fencepost/runs', 0]);
    expect(await kindOf('runs', '--state-dir', lab.path('none'))).toEqual(['fencepost/error', 1]);
  });

  test('planning', async () => {
    const plan = lab.path('tonight.plan');
    expect(await kindOf('plan', ...inventory, '--out', plan)).toEqual(['fencepost/plan', 3]);
    expect(faultsOf('plan-file', JSON.parse(await readFile(plan, 'utf8')))).toEqual([]);
    expect(await kindOf('apply', plan, '-i', lab.inventoryFile, '--dry-run')).toEqual(['fencepost/plan', 3]);
    expect(await kindOf('show', plan)).toEqual(['fencepost/sign-off', 0]);
    expect(await kindOf('rehearse', plan, '--mishaps', 'none')).toEqual(['fencepost/rehearsal', 3]);
    expect(await kindOf('report', plan)).toEqual(['fencepost/report', 0]);
    expect(await kindOf('report', lab.path('facts.json'))).toEqual(['fencepost/report', 0]);
  });

  test('changing, with its events and its journal', async () => {
    const plan = lab.path('tonight.plan');
    const events = lab.path('events.ndjson');
    expect(await kindOf('apply', plan, '-i', lab.inventoryFile, '--yes', '--events', events)).toEqual([
      'fencepost/run',
      3,
    ]);
    expect(await kindOf('apply', plan, '-i', lab.inventoryFile, '--yes')).toEqual(['fencepost/error', 1]);
    [run = ''] = await lab.runs();
    const lines = async (file: string): Promise<readonly unknown[]> =>
      (await readFile(file, 'utf8'))
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
    const told = await lines(events);
    expect(told.length).toBeGreaterThan(20);
    expect(told.flatMap((line) => faultsOf('event-line', line))).toEqual([]);
    const kept = await lines(`${lab.stateDirectory}/runs/${run}/journal.ndjson`);
    expect(kept.flatMap((line) => faultsOf('journal-line', line))).toEqual([]);
    const types = new Set(kept.map((line) => (line as { event: { type: string } }).event.type));
    expect([...types]).toEqual(expect.arrayContaining(['command-finished', 'command-lost', 'batch-finished']));
    expect(await kindOf('runs', 'show', run)).toEqual(['fencepost/run-history', 0]);
    expect(await kindOf('runs', 'verify', run)).toEqual(['fencepost/run-proof', 0]);
    expect(await kindOf('status', run)).toEqual(['fencepost/run-status', 0]);
    expect(await kindOf('report', run)).toEqual(['fencepost/report', 0]);
    expect(await kindOf('unlock', run, '--yes')).toEqual(['fencepost/unlock', 0]);
    expect(await kindOf('resume', run, '--yes', '-i', lab.inventoryFile)).toEqual(['fencepost/run', 3]);
    expect(await kindOf('apply', ...inventory, '-l', 'asis', '--yes')).toEqual(['fencepost/plan', 0]);
  });

  test('taking back', async () => {
    expect(await kindOf('rollback', run, '-i', lab.inventoryFile, '--dry-run')).toEqual(['fencepost/plan', 0]);
    expect(await kindOf('rollback', run, '-i', lab.inventoryFile, '--yes')).toEqual(['fencepost/run', 0]);
    expect(await kindOf('rollback', run, '-i', lab.inventoryFile, '--yes')).toEqual(['fencepost/plan', 0]);
    const rollback = (await lab.runs()).at(-1) ?? '';
    expect(await kindOf('resume', rollback, '-i', lab.inventoryFile, '--yes')).toEqual(['fencepost/error', 1]);
    expect(await kindOf('runs', 'show', rollback)).toEqual(['fencepost/run-history', 0]);
    expect(await kindOf('runs')).toEqual(['fencepost/runs', 0]);
  });

  test('a run in which nothing was started has nothing to take back, and says so as a plan', async () => {
    const held = await exec('apply', ...inventory, '-l', 'ex01', '--deadline', '1s', '--yes');
    documentIn(held);
    const last = (await lab.runs()).at(-1) ?? '';
    expect((await exec('runs', 'show', last)).stdout).toContain('"skipped"');
    expect(await kindOf('rollback', last, '-i', lab.inventoryFile, '--yes')).toEqual(['fencepost/plan', 0]);
  });

  test('watching, and what a webhook gets', async () => {
    const endpoint = await openEndpoint(200);
    try {
      await lab.write('channels.yml', `notify: { noc: { webhook: "${endpoint.url}" } }\n`);
      const policy = ['--policy', lab.path('channels.yml')];
      expect(await kindOf('watch', '--test', ...policy)).toEqual(['fencepost/channel-test', 0]);
      expect(await kindOf('watch', '--once', ...policy)).toEqual(['fencepost/watch', 0]);
      expect(endpoint.taken.flatMap((one) => faultsOf('notification', one))).toEqual([]);
      expect(endpoint.taken).toHaveLength(1);
    } finally {
      await endpoint.close();
    }
  });

  test('an approval, and its file', async () => {
    const plan = lab.path('approved.plan');
    expect(await kindOf('plan', ...inventory, '-l', 'asis', '--out', plan)).toEqual(['fencepost/plan', 0]);
    const { keyFile } = await makePerson(lab.folder, 'alice');
    expect(await kindOf('approve', plan, '--sign-key', keyFile, '--yes')).toEqual(['fencepost/approval', 0]);
    const [name = ''] = await readdir(`${plan}.approvals`);
    const file = JSON.parse(await readFile(`${plan}.approvals/${name}`, 'utf8')) as unknown;
    expect(faultsOf('approval-file', file)).toEqual([]);
  });

  test('what needs no server', async () => {
    expect(await kindOf('explain')).toEqual(['fencepost/explanations', 0]);
    expect(await kindOf('explain', 'auth/refused')).toEqual(['fencepost/explanation', 0]);
    expect(await kindOf('init', lab.path('new'))).toEqual(['fencepost/init', 0]);
    expect(await kindOf('schema')).toEqual(['fencepost/schemas', 0]);
    expect(await kindOf('completion', 'zsh')).toEqual(['fencepost/completion', 0]);
    expect(await kindOf('completion', 'bash', '--install')).toEqual(['fencepost/completion', 0]);
  });
});

describe('failure', () => {
  test.each(
    [
      ['inventory', '-i', 'nowhere.yml'],
      ['inventory', '-i', 'inventory/example.yml', '--host', 'nobody'],
      ['doctor', '-i', 'nowhere.yml'],
      ['collect', '-i', 'nowhere.yml'],
      ['plan', '-p', 'nowhere.yml'],
      ['plan', '-i', 'inventory/example.yml', '-l', 'nobody'],
      ['apply', 'nowhere.plan', '--yes'],
      ['apply', '--concurrency', 'many'],
      ['verify', '-i', 'nowhere.yml', '-p', 'nowhere.yml'],
      ['rollback', 'nobody', '--yes'],
      ['resume', 'nobody', '--yes'],
      ['runs', 'show'],
      ['runs', 'verify', 'nobody'],
      ['report', 'nobody'],
      ['explain', 'nothing/such'],
      ['init', 'package.json'],
      ['schema', 'inventry'],
      ['completion', 'tcsh'],
      ['lab', 'nowhere.yml'],
      ['demo', '--kep'],
      ['pln'],
      [],
    ].map((args) => ({ args })),
  )('fencepost $args: one error document, exit code 1', async ({ args }) => {
    const result = await runCli([...args, '--json'], { env: { FENCEPOST_STATE_DIR: '/nonexistent' } });
    expect([documentIn(result).schema, result.exitCode]).toEqual(['fencepost/error', 1]);
  });

  test('faults in files come as data', async () => {
    const file = await lab.write('bad.yml', 'all:\n  hosts:\n    ex01: { winrm: { prot: 1 } }\n');
    const result = await exec('plan', '-i', file);
    const { error } = documentIn(result) as unknown as { error: { issues: readonly unknown[] } };
    expect(error.issues).toContainEqual(expect.objectContaining({ file, line: 3, column: 22 }));
  });

  test('guarding', async () => {
    await withLab([{ name: 'ex01' }], async (own) => {
      const shipped = await readFile(new URL('../../playbooks/exchange-backend-ports.yml', import.meta.url), 'utf8');
      const playbook = await own.write('playbook.yml', `${shipped}\nconfirm: { within: 15m, by: person }\n`);
      const hosts = ['-i', own.inventoryFile];
      const kind = async (...args: readonly string[]) => documentIn(await own.run([...args, '--json'])).schema;
      expect(await kind('plan', ...hosts, '-p', playbook, '--out', own.path('a.plan'))).toBe('fencepost/plan');
      expect(await kind('show', own.path('a.plan'))).toBe('fencepost/sign-off');
      expect(await kind('apply', own.path('a.plan'), ...hosts, '--yes')).toBe('fencepost/run');
      const [guarded = ''] = await own.runs();
      expect(await kind('status', guarded)).toBe('fencepost/run-status');
      expect(await kind('guards', ...hosts)).toBe('fencepost/guards');
      expect(await kind('confirm', guarded, ...hosts)).toBe('fencepost/confirm');
      expect(await kind('runs', 'show', guarded)).toBe('fencepost/run-history');
    });
  });

  test('discovering', async () => {
    const domain = 'DC=corp,DC=example';
    const servers = [
      { name: 'EX01', site: 'Paris', dag: 'DAG1', imap4: 9933 },
      { name: 'EX02', fqdn: null, serial: '', lastLogon: null },
    ];
    const directory = memoryDirectory(domain, makeOrganization({ domain, computers: 'CN=Computers', servers }));
    const found = await discover('corp.example', {
      directory,
      resolveName: null,
      listener: memoryListener(),
      now: '2026-11-27T00:00:00.000Z',
    });
    const came = { file: null, added: ['ex01.corp.example'], gone: [], changed: [], unnamed: ['EX02'] };
    expect(documentIn({ stdout: jsonDocument('discovery', { ...found, ...came }), stderr: '' }).schema).toBe(
      'fencepost/discovery',
    );
  });

  test('with the events on stdout the document is on stderr', async () => {
    const result = await exec('apply', 'nowhere.plan', '--yes', '--events', '-');
    expect([result.stdout, result.exitCode]).toEqual(['', 1]);
    expect(result.stderr).toContain('"schema": "fencepost/error"');
  });
});

/** Those that are held against their schema elsewhere: lab.test.ts and, with a database, test/interop/postgres/commands.test.ts. */
const seenElsewhere: readonly string[] = ['lab', 'demo', 'state', 'state-copy', 'state-sites', 'state-prune', 'runner'];

test('every document has been seen', () => {
  expect([...seen].sort()).toEqual(documentKinds.filter((kind) => !seenElsewhere.includes(kind)).sort());
});

describe('a schema', () => {
  test.each(schemaNames.filter((name) => !inputKinds.some((input) => input === name)))(
    '%s has a title, says what it is of, and which version',
    (name) => {
      const schema = buildJsonSchema(name);
      expect(schema).toMatchObject({ title: `Fencepost: ${name}`, description: expect.any(String) as string });
      expect(JSON.stringify(schema)).toMatch(/"(?:version|v)":\{"type":"number","const":\d+\}/);
    },
  );

  const error = {
    schema: 'fencepost/error',
    version: 1,
    error: { code: 'usage/invalid', message: 'm', where: null, hint: null, issues: [] },
  };
  test.each([
    { what: 'as it is', document: error, open: true, closed: true },
    { what: 'with a key more', document: { ...error, more: 1 }, open: true, closed: false },
    {
      what: 'with a code that came later',
      document: { ...error, error: { ...error.error, code: 'later/code' } },
      open: true,
      closed: false,
    },
    { what: 'of another version', document: { ...error, version: 2 }, open: false, closed: false },
    { what: 'of another kind', document: { ...error, schema: 'fencepost/plan' }, open: false, closed: false },
    { what: 'without its body', document: { schema: error.schema, version: 1 }, open: false, closed: false },
  ])('as it is published and as it is tested: a document $what', ({ document, open, closed }) => {
    expect([
      faultsOf('output-error', document, false).length === 0,
      faultsOf('output-error', document, true).length === 0,
    ]).toEqual([open, closed]);
  });
});

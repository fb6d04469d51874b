// `schema` as a whole command: one schema by name, all as a document or as files, and what each is for.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildJsonSchema } from '../../src/cli/documents/json-schemas.ts';
import { schemaNames } from '../../src/cli/documents/kinds.ts';
import { runCli } from '../support/cli.ts';

test.each(['inventory', 'scenario', 'output-plan', 'event-line'] as const)(
  'schema %s prints the schema alone',
  async (kind) => {
    const { exitCode, stdout, stderr } = await runCli(['schema', kind]);
    expect([exitCode, stderr, JSON.parse(stdout)]).toEqual([0, '', buildJsonSchema(kind)]);
  },
);

test('without a kind it tells how to use them; with --json it prints all', async () => {
  const told = await runCli(['schema']);
  expect([told.exitCode, told.stdout]).toEqual([0, expect.stringMatching(/yaml-language-server: \$schema=/)]);
  const { stdout } = await runCli(['schema', '--json']);
  const { schema, schemas } = JSON.parse(stdout) as { schema: string; schemas: object };
  expect([schema, Object.keys(schemas)]).toEqual(['fencepost/schemas', [...schemaNames]]);
});

test('an unknown kind is refused', async () => {
  const { exitCode, stderr } = await runCli(['schema', 'inventry']);
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/inventry[^]*inventory/)]);
});

test('--dir writes every schema as a file, over older ones, and names what can not be written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-test-'));
  try {
    const dir = join(folder, 'schemas');
    for (let time = 1; time <= 2; time += 1) {
      const { exitCode, stdout, stderr } = await runCli(['schema', '--dir', dir]);
      expect([exitCode, stdout, stderr]).toEqual([0, '', `${String(schemaNames.length)} schemas written to ${dir}\n`]);
    }
    expect(await readdir(dir)).toEqual(schemaNames.map((name) => `${name}.schema.json`).sort());
    const text = await readFile(join(dir, 'output-verify.schema.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(buildJsonSchema('output-verify'));
    const refused = await runCli(['schema', '--dir', join(dir, 'plan-file.schema.json', 'below')]);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("can't be created")]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

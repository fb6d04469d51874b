// `schema` as a whole command: one JSON document per kind, and what to do with them without one.
import { expect, test } from 'vitest';
import { jsonSchemaOf, schemaKinds } from '../../src/cli/json-schemas.ts';
import { runCli } from '../support/cli.ts';

test.each(schemaKinds)('schema %s prints the schema alone', async (kind) => {
  const { exitCode, stdout, stderr } = await runCli(['schema', kind]);
  expect([exitCode, stderr, JSON.parse(stdout)]).toEqual([0, '', jsonSchemaOf(kind)]);
});

test('without a kind it tells how to use them; with --json it prints all', async () => {
  const told = await runCli(['schema']);
  expect([told.exitCode, told.stdout]).toEqual([0, expect.stringMatching(/yaml-language-server: \$schema=/)]);
  const { stdout } = await runCli(['schema', '--json']);
  const { schema, schemas } = JSON.parse(stdout) as { schema: string; schemas: object };
  expect([schema, Object.keys(schemas)]).toEqual(['fencepost/schemas', [...schemaKinds]]);
});

test('an unknown kind is refused', async () => {
  const { exitCode, stderr } = await runCli(['schema', 'inventry']);
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/inventry[^]*inventory/)]);
});

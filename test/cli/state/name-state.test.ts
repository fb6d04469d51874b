// Which state is meant: a flag before the environment, a database before a directory, and never two at once.
import { describe, expect, test } from 'vitest';
import { nameState } from '../../../src/cli/state/name-state.ts';
import { Failure } from '../../../src/model/failure.ts';

const url = 'postgres://fence@db.corp.example/fleet';

test.each([
  { args: {}, env: { FENCEPOST_STATE: url }, kind: 'database' },
  { args: {}, env: { FENCEPOST_STATE: '' }, kind: 'files' },
  { args: { 'state-dir': 'here' }, env: { FENCEPOST_STATE: url }, kind: 'files' },
  { args: { state: url }, env: { FENCEPOST_STATE_DIR: 'here' }, kind: 'database' },
])('$args with $env: $kind', ({ args, env, kind }) => {
  expect(nameState(args, env).kind).toBe(kind);
});

test.each([{ state: url, 'state-dir': 'here' }, { state: '' }, { state: 'here' }])('%j is refused', (args) => {
  expect(() => nameState(args, {})).toThrow(Failure);
});

test('where the password is comes from the environment alone, and never beside one in the address', () => {
  const reference = { FENCEPOST_STATE_PASSWORD: '{ file: /run/secrets/db }' };
  expect(nameState({ state: url }, reference)).toMatchObject({ password: '{ file: /run/secrets/db }' });
  expect(nameState({ state: url }, {})).toMatchObject({ password: null });
  expect(() => nameState({ state: 'postgres://fence:Geheim@db.corp.example/fleet' }, reference)).toThrow(Failure);
});

describe('warnings', () => {
  const warningsOf = (args: object, env: Record<string, string>) => {
    const named = nameState(args, env);
    return named.kind === 'database' ? named.warnings : null;
  };
  const withPassword = 'postgres://fence:Geheim@db.corp.example/fleet';

  test('a password that everybody can read, and a way on which everybody can listen', () => {
    expect(warningsOf({ state: withPassword }, {})).toEqual([expect.stringContaining('PGPASSFILE')]);
    expect(warningsOf({}, { FENCEPOST_STATE: withPassword })).toEqual([]);
    expect(warningsOf({ state: `${url}?sslmode=disable` }, {})).toEqual([expect.stringContaining('sslmode=disable')]);
    expect(warningsOf({ state: 'postgres://fence@127.0.0.1/fleet?sslmode=disable' }, {})).toEqual([]);
    expect(warningsOf({ state: withPassword }, {})?.join()).not.toContain('Geheim');
  });
});

// Opens the state that is named. The database's parts, and its driver, are loaded only where one is named; nothing is asked of it before
// a command has something to read or to write.
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { SecretReader } from '../../inventory/secrets/secrets.ts';
import type { DatabaseAddress } from '../../journal/postgres/address.ts';
import type { Database } from '../../journal/postgres/database.ts';
import type { State } from '../../journal/state.ts';
import { systemClock } from '../io/clock.ts';
import { createFileState } from './file-state.ts';
import type { NamedState } from './name-state.ts';

/** `warn`: one sentence. */
export async function openState(
  named: NamedState,
  warn: (text: string) => void,
  readSecret: SecretReader,
): Promise<State> {
  if (named.kind === 'files') return createFileState(named.directory);
  const { createDatabaseState } = await import('../../journal/postgres/database-state.ts');
  return createDatabaseState(await openDatabase(named, warn, readSecret), () => systemClock.elapsedMs());
}

export async function openDatabase(
  { address, password, warnings }: Extract<NamedState, { kind: 'database' }>,
  warn: (text: string) => void,
  readSecret: SecretReader,
): Promise<Database> {
  const { createDatabase } = await import('../../journal/postgres/database.ts');
  for (const warning of warnings) warn(warning);
  const readPassword = password === null ? null : await readReference(password, address, readSecret);
  return createDatabase(address, {
    readPassword,
    readFile: (path) => readFile(path, 'utf8'),
    elapsedMs: () => systemClock.elapsedMs(),
    warn,
  });
}

/** Of the account at the database, as of a host's: what it refers to is read when the first connection is made. */
async function readReference(
  written: string,
  { host, port, user, place }: DatabaseAddress,
  readSecret: SecretReader,
): Promise<() => Promise<string>> {
  const { readSecretSetting } = await import('../../inventory/secrets/read-reference.ts');
  const ref = readSecretSetting(written, 'FENCEPOST_STATE_PASSWORD');
  const username = user ?? userInfo().username;
  return () => readSecret(ref, { name: place, connection: { username, scheme: 'https', address: host, port } });
}

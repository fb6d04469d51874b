// Opens the state that is named. The database's parts, and its driver, are loaded only where one is named; nothing is asked of it before
// a command has something to read or to write.
import { readFile } from 'node:fs/promises';
import type { Database } from '../../journal/postgres/database.ts';
import type { State } from '../../journal/state.ts';
import { systemClock } from '../io/clock.ts';
import { createFileState } from './file-state.ts';
import type { NamedState } from './name-state.ts';

/** `warn`: one sentence. */
export async function openState(named: NamedState, warn: (text: string) => void): Promise<State> {
  if (named.kind === 'files') return createFileState(named.directory);
  const { createDatabaseState } = await import('../../journal/postgres/database-state.ts');
  return createDatabaseState(await openDatabase(named, warn), () => systemClock.elapsedMs());
}

export async function openDatabase(
  { address, warnings }: Extract<NamedState, { kind: 'database' }>,
  warn: (text: string) => void,
): Promise<Database> {
  const { createDatabase } = await import('../../journal/postgres/database.ts');
  for (const warning of warnings) warn(warning);
  return createDatabase(address, {
    readFile: (path) => readFile(path, 'utf8'),
    elapsedMs: () => systemClock.elapsedMs(),
    warn,
  });
}

// A PostgreSQL server for one file of tests: started before the first, ended after the last, over a copy of databases that are initialized
// once for all files. Where none is installed its suites are skipped; in CI that is an error.
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { initDatabases, missingPostgres, startPostgres, type TestPostgres } from './postgres.ts';
import { makeOnce } from './shared/made-once.ts';

export interface UsedPostgres {
  /** Like `describe`. */
  readonly suite: ReturnType<typeof describe.skipIf>;
  readonly isMissing: boolean;
  readonly postgres: Omit<TestPostgres, 'dispose'>;
}

/** To be called at the top of a file; its own hooks come after the start and before the end. */
export async function usePostgres(): Promise<UsedPostgres> {
  const isMissing = (await missingPostgres()) !== null;
  let server: TestPostgres | null = null;
  const get = (): TestPostgres => {
    if (server === null) throw new Error('the server of these tests is not started');
    return server;
  };
  beforeAll(async () => {
    if (!isMissing) server = await startPostgres({ template: await newDatabases() });
  });
  afterAll(async () => {
    await server?.dispose();
  });
  return {
    suite: describe.skipIf(isMissing),
    isMissing,
    postgres: {
      get folder() {
        return get().folder;
      },
      get port() {
        return get().port;
      },
      createDatabase: () => get().createDatabase(),
      query: (address, text, values) => get().query(address, text, values),
      stopAtOnce: () => get().stopAtOnce(),
      start: () => get().start(),
    },
  };
}

async function newDatabases(): Promise<string> {
  return join(await makeOnce('postgres', (folder) => initDatabases(join(folder, 'data'))), 'data');
}

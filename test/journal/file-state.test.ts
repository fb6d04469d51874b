// The state in a directory holds the contract of every state (store-contract.ts). What only files can suffer is in store.test.ts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe } from 'vitest';
import { createFileState } from '../../src/cli/state/file-state.ts';
import { describeState } from './store-contract.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fencepost-state-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe('a state directory', () => {
  describeState({
    open: () => Promise.resolve(createFileState(join(directory, 'state'))),
    openNowhere: () => Promise.resolve(createFileState(join(directory, 'nowhere'))),
  });
});

// The state in a directory: the default, which needs nothing. It puts the parts of journal/ together and adds nothing to them.
import { resolve } from 'node:path';
import { createLocks } from '../../journal/lock.ts';
import { createObservationStore } from '../../journal/observations/observation-store.ts';
import { listRunLocks } from '../../journal/run-locks.ts';
import type { State } from '../../journal/state.ts';
import { checkExists, checkWritable, createRunStore } from '../../journal/store.ts';
import { readJournal, takeRun } from '../../journal/take-run.ts';
import { listLocks, removeLocks } from '../../journal/unlock.ts';
import { readHeadSignature, saveHeadSignature } from '../io/approvals/head-signature-file.ts';

export function createFileState(directory: string): State {
  const runs = createRunStore(directory);
  return {
    place: runs.place,
    runs,
    checkExists: () => checkExists(directory),
    checkWritable: () => checkWritable(directory),
    openJoined: () => null,
    listSites: () => Promise.resolve([]),
    openSite: () => null,
    createLocks: (options) => createLocks({ ...options, directory, readRun: (run, visit) => runs.readRun(run, visit) }),
    locateRun: (run) => resolve(directory, 'runs', run),
    listRunLocks: () => listRunLocks(directory),
    listLocks: (run, nowMs) => listLocks(directory, run, nowMs),
    removeLocks,
    openHistories: (locks, wait) => createObservationStore(directory, locks, wait),
    async openOutbox(options) {
      const { createOutbox } = await import('../../journal/outbox/outbox.ts');
      const { createOutboxFiles } = await import('../../journal/outbox/outbox-files.ts');
      // Whoever died while sending left its letters where they are.
      const locks = createLocks({ ...options, directory, run: 'notify', onTakeover: () => undefined });
      return createOutbox(createOutboxFiles(directory), locks);
    },
    readHeadSignature: (run) => readHeadSignature(directory, run),
    saveHeadSignature: (run, text) => saveHeadSignature(directory, run, text),
    approvals: null,
    readJournal: (run) => readJournal(directory, run),
    takeRun: (run, copy) => takeRun(directory, run, copy),
    retention: null,
    close: () => Promise.resolve(),
  };
}

// What the simulator takes for true: its own bookkeeping of whose a row is, without any night.
import { describe, expect, test } from 'vitest';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import { buildMachine } from '../../src/lab/scenario/build-machine.ts';
import { doAsStranger } from '../../src/lab/stranger.ts';
import { serverSpec, type StrangerDeed } from '../../src/lab/scenario/server-spec.ts';
import { families } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import {
  beginServer,
  dropChangedAgain,
  findOverriddenConflicts,
  noteConflicts,
  valuesOf,
  workAsOther,
  type Server,
} from './truth.ts';

const ours = { protocol: 'tcp', store: 'persistent', families, range: portRange(9933) } as const;
const inEmptyTable = { ...ours, protocol: 'udp' } as const;

/** The run reserved 9933, and somebody else released it since. */
function conflictingServer(): Server {
  const server = beginServer(buildMachine(serverSpec({ name: 'ex01' })));
  work(server, { ...ours, does: 'reserve' });
  server.untouched = valuesOf(server.machine);
  const before = new Map(server.untouched);
  const rows = [...before.keys()].filter((one) => one.includes(' 9933-'));
  expect(rows).toHaveLength(4);
  workAsOther(server, (machine) => {
    doAsStranger(machine, { ...ours, does: 'release' });
  });
  noteConflicts(server, before, rows);
  expect(server.conflicts.size).toBe(2);
  return server;
}

/** As the run does it. */
function work(server: Server, deed: StrangerDeed): void {
  doAsStranger(server.machine, deed);
}

describe('a range that somebody else has changed since', () => {
  test('is the run’s again once a resume has changed it again', () => {
    const server = conflictingServer();
    work(server, { ...ours, does: 'reserve' });
    dropChangedAgain(server);
    server.untouched = valuesOf(server.machine);
    work(server, { ...ours, does: 'release' });
    expect(findOverriddenConflicts(server)).toEqual([]);
  });

  test.each(['kept', 'missing'] as const)(
    'in the permanent store alone: nobody sees it in an empty table where the registry is %s',
    (persistentRegistry) => {
      const quirks = { ...usualQuirks, persistentRegistry, deletePersistentKeepsActive: true };
      const server = beginServer(buildMachine(serverSpec({ name: 'ex01', quirks })));
      work(server, { ...inEmptyTable, does: 'reserve' });
      const before = valuesOf(server.machine);
      work(server, { ...inEmptyTable, does: 'release' });
      noteConflicts(server, before, [...before.keys()]);
      expect(server.conflicts.size).toBe(persistentRegistry === 'kept' ? 2 : 0);
    },
  );

  test('stays a conflict behind a resume that left it alone', () => {
    const server = conflictingServer();
    work(server, { ...ours, does: 'reserve', range: portRange(9955) });
    dropChangedAgain(server);
    server.untouched = valuesOf(server.machine);
    work(server, { ...ours, does: 'reserve' });
    expect(findOverriddenConflicts(server)).toHaveLength(4);
  });
});

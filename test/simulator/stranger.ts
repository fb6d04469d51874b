// Somebody else who works on a server of a night: anything, or exactly what the run is about. What came of it is expected from then on.
// When he comes says mishap.ts.
import type { StrangerDeed } from '../../src/lab/scenario/server-spec.ts';
import { doAsStranger } from '../../src/lab/stranger.ts';
import { families, stores } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { rangeSubject } from './judging/subject.ts';
import { differs, noteConflicts, workAsOther, type Server } from './truth.ts';

const permanent = { protocol: 'tcp', store: 'persistent', families } as const;
const deeds: readonly StrangerDeed[] = [
  { ...permanent, does: 'reserve', range: portRange(9933) },
  { ...permanent, does: 'reserve', range: portRange(9955) },
  { ...permanent, does: 'reserve', range: portRange(9955), store: 'active' },
  { ...permanent, does: 'reserve', range: portRange(9933), store: 'active' },
  { ...permanent, does: 'release', range: portRange(9955), store: 'active' },
  { ...permanent, does: 'release', range: portRange(9933) },
  { ...permanent, does: 'release', range: portRange(7000, 10) },
  { does: 'stop', service: 'MSExchangeIMAP4BE' },
  { does: 'start', service: 'MSExchangeIMAP4BE' },
];

/**
 * Some of what strangers do has nothing to do with the plan. What has, happens once a night on a server: two such deeds can undo each
 * other unseen, and then nobody could tell whose the outcome is. Returns it when it came to something.
 */
export function meddle(server: Server, detail: number): StrangerDeed | null {
  const deed = detail < 0.3 ? null : pick(deeds, (detail - 0.3) / 0.7);
  if (deed !== null) return meddleOnce(server, deed);
  workAsOther(server, (machine) => {
    const range = portRange(20_000 + Math.floor(detail * 200));
    for (const family of families) doAsStranger(machine, { ...permanent, does: 'reserve', range, families: [family] });
  });
  return null;
}

/** With a range that the run is about: in one store or in both, by whatever the run is doing with it. */
export function meddleWithPlan(server: Server, detail: number): StrangerDeed | null {
  const aims = (server.plan?.desired.exclusions ?? []).flatMap(({ range, protocol }) =>
    stores.flatMap((store) =>
      (['reserve', 'release'] as const).map((does): StrangerDeed => ({ does, protocol, range, store, families })),
    ),
  );
  const deed = pick(aims, detail);
  return deed === null ? null : meddleOnce(server, deed);
}

/** The opposite of the last thing that a line of ours has done with a range, behind it. */
export function revert(server: Server, line: string): StrangerDeed | null {
  const last = [
    ...line.matchAll(/ (add|delete) excludedportrange protocol=(tcp|udp) startport=(\d+) numberofports=(\d+)/g),
  ].at(-1);
  if (last === undefined) return null;
  const [, verb, protocol, first, count] = last;
  return meddleOnce(server, {
    does: verb === 'add' ? 'release' : 'reserve',
    protocol: protocol === 'udp' ? 'udp' : 'tcp',
    range: portRange(Number(first), Number(count)),
    store: 'persistent',
    families,
  });
}

/** Between two lives: a rollback has to leave alone what the run had changed and somebody else has changed since. */
export function changeSince(server: Server, detail: number): void {
  const ours = differs(server.expected, server.machine).map((one) => one.slice(1));
  const before = new Map(server.untouched);
  meddleWithPlan(server, detail);
  noteConflicts(server, before, ours);
}

function meddleOnce(server: Server, deed: StrangerDeed): StrangerDeed | null {
  if (server.isMeddledWith && !(server.mayMeddleAgain && isOfOtherRange(server, deed))) return null;
  const isChanged = workAsOther(server, (machine) => {
    doAsStranger(machine, deed);
  });
  if (isChanged) server.isMeddledWith = true;
  return isChanged ? deed : null;
}

/** Two deeds with two ranges cannot undo each other. */
function isOfOtherRange({ meddled }: Server, deed: StrangerDeed): boolean {
  return 'range' in deed && !meddled.has(rangeSubject(deed.protocol, deed.range));
}

function pick<T>(choices: readonly T[], share: number): T | null {
  return choices[Math.floor(share * choices.length)] ?? null;
}

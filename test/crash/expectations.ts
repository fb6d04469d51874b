// What every crash has to come to, whatever it was: taken back, or gone on with.
import { expect } from 'vitest';
import { servers, type Scene } from './scene.ts';

type State = ReturnType<Scene['state']>;

/** One rollback is enough: every server is as it was. */
export async function expectTakenBack(scene: Scene, run: string, before: State, where: string): Promise<void> {
  const { exitCode, stdout, stderr } = await scene.rollBack(run, null);
  // What it printed is told too when it did not come to what it should.
  const told = `${where}\n${stdout}\n${stderr}`;
  expect(scene.state(), told).toEqual(before);
  expect(exitCode, told).toBe(0);
}

/** Everything desired is reserved once, and what ran runs. */
export async function expectGoneOn(scene: Scene, run: string, before: State, where: string): Promise<void> {
  const { exitCode, stdout, stderr } = await scene.resume(run);
  expect({ where, exitCode, stdout, stderr }).toEqual({ where, exitCode: 0, stdout, stderr });
  const verified = await scene.verify();
  expect({ where, exitCode: verified.exitCode, stdout: verified.stdout }).toEqual({
    where,
    exitCode: 0,
    stdout: verified.stdout,
  });
  const now = scene.state();
  for (const server of servers) {
    expect({ where, server, others: othersOf(now[server]) }).toEqual({
      where,
      server,
      others: othersOf(before[server]),
    });
    for (const table of (now[server] ?? []).filter(isTable)) {
      const times = [9933, 9955].map((port) => table.split(' ').filter((word) => word === `${port}-${port}*`).length);
      expect({ where, server, table, times }).toEqual({ where, server, table, times: [1, 1] });
    }
  }
}

/** Everything but the exclusion tables that the run is about: services, sockets, dynamic ranges. */
function othersOf(lines: readonly string[] | undefined): readonly string[] {
  return (lines ?? []).filter((line) => !isTable(line));
}

function isTable(line: string): boolean {
  return /^tcp ipv[46] (?:active|persistent):/.test(line);
}

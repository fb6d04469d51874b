// Promise 1 (product): kill the process at any moment, and `rollback` or `resume` brings every server to where it was, or on to where it
// should be. The command line is killed at its n-th request to each server, before the server carries it out or before it answers. Here
// a stride of the matrix; all of it with FENCEPOST_CRASH=full.
import { describe, expect, test } from 'vitest';
import { isFull, strideOf } from './matrix.ts';
import { servers, withScene, type RequestDeath, type Scene } from './scene.ts';

type Way = 'rollback' | 'resume' | 'killed rollback';

/** Far beyond the last request of any stage: the loop ends when a process lives. */
const most = 80;

async function crash(oneList: boolean, death: RequestDeath, way: Way): Promise<{ readonly died: boolean }> {
  let died = false;
  await withScene(oneList, async (scene) => {
    const before = scene.state();
    const where = `${death.side} request ${death.n} to ${death.server}, one list: ${String(oneList)}, ${way}`;
    if (way === 'killed rollback') {
      const whole = await scene.apply(null);
      expect([where, whole.exitCode, whole.stderr]).toEqual([where, 0, expect.anything()]);
      const run = (await scene.run()) ?? '';
      died = (await scene.rollBack(run, death)).signal === 'SIGKILL';
      await expectTakenBack(scene, run, before, where);
      return;
    }
    died = (await scene.apply(death)).signal === 'SIGKILL';
    const run = await scene.run();
    if (run === null) expect([where, scene.state()]).toEqual([where, before]);
    else if (way === 'rollback') await expectTakenBack(scene, run, before, where);
    else await expectGoneOn(scene, run, before, where);
  });
  return { died };
}

/** One rollback is enough, and a second one finds nothing to do. */
async function expectTakenBack(
  scene: Scene,
  run: string,
  before: ReturnType<Scene['state']>,
  where: string,
): Promise<void> {
  const { exitCode, stdout, stderr } = await scene.rollBack(run, null);
  expect([where, scene.state(), stdout, stderr]).toEqual([where, before, expect.anything(), expect.anything()]);
  expect([where, exitCode, stdout, stderr]).toEqual([where, 0, stdout, stderr]);
}

/** Everything wanted is reserved once, and what ran runs. */
async function expectGoneOn(
  scene: Scene,
  run: string,
  before: ReturnType<Scene['state']>,
  where: string,
): Promise<void> {
  const { exitCode, stdout, stderr } = await scene.resume(run);
  expect([where, exitCode, stdout, stderr]).toEqual([where, 0, stdout, stderr]);
  const verified = await scene.verify();
  expect([where, verified.exitCode, verified.stdout]).toEqual([where, 0, verified.stdout]);
  const now = scene.state();
  for (const server of servers) {
    const others = (lines: readonly string[] | undefined): readonly string[] =>
      (lines ?? []).filter((line) => !/^tcp ipv[46] (?:active|persistent):/.test(line));
    expect([where, server, others(now[server])]).toEqual([where, server, others(before[server])]);
    for (const line of now[server] ?? []) {
      if (!/^tcp /.test(line)) continue;
      for (const port of [9933, 9955]) {
        const times = line.split(' ').filter((word) => word === `${port}-${port}*`).length;
        expect([where, server, line, times]).toEqual([where, server, line, 1]);
      }
    }
  }
}

describe.each([true, false])('one list: %s', (oneList) => {
  test.each(['rollback', 'resume', 'killed rollback'] as const)(
    'killed at the n-th request, then %s',
    async (way) => {
      let deaths = 0;
      for (const server of servers) {
        for (const side of ['before', 'after'] as const) {
          for (const n of strideOf(`${way} ${server} ${side} ${String(oneList)}`, most)) {
            const { died } = await crash(oneList, { server, n, side }, way);
            if (!died) break;
            deaths += 1;
          }
        }
      }
      if (isFull) console.log(`${way}, one list ${String(oneList)}: ${deaths} deaths`);
      expect(deaths).toBeGreaterThan(isFull ? 50 : 0);
    },
    isFull ? 7_200_000 : 60_000,
  );
});

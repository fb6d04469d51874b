// Promise 1 (product): kill the process at any moment, and `rollback` or `resume` brings every server to where it was, or on to where it
// should be. The command line is killed at its n-th request to each server, before the server carries it out or before it answers. Here
// a few points of the matrix; all of it by hand with FENCEPOST_TESTS=all.
import { describe, expect, test } from 'vitest';
import { expectGoneOn, expectTakenBack } from './expectations.ts';
import { isFull, patienceMs, pointsOf } from './matrix.ts';
import { servers, withScene, type RequestDeath } from './scene.ts';

type Way = 'rollback' | 'resume' | 'killed rollback';

/** Requests of a run before it changes anything: two collects, each with its shell. Deaths in the first one are of no interest. */
const firstRequest = 6;

/** Whether it died: at the end of a row it lives. */
function crash(oneList: boolean, death: RequestDeath, way: Way): Promise<boolean> {
  const where = `${death.side} request ${death.n} to ${death.server}, one list: ${String(oneList)}, ${way}`;
  return withScene(oneList, async (scene) => {
    const before = scene.state();
    if (way === 'killed rollback') {
      const whole = await scene.apply(null);
      expect({ where, ...whole }).toEqual({ where, ...whole, exitCode: 0 });
      const run = (await scene.run()) ?? '';
      const { signal } = await scene.rollBack(run, death);
      await expectTakenBack(scene, run, before, where);
      return signal === 'SIGKILL';
    }
    const died = (await scene.apply(death)).signal === 'SIGKILL';
    const run = await scene.run();
    if (run === null) expect({ where, state: scene.state() }).toEqual({ where, state: before });
    else if (way === 'rollback') await expectTakenBack(scene, run, before, where);
    else if (died) await expectGoneOn(scene, run, before, where);
    return died;
  });
}

describe.each([true, false])('one list: %s', (oneList) => {
  test.each(['rollback', 'resume', 'killed rollback'] as const)(
    'killed at the n-th request, then %s',
    async (way) => {
      let deaths = 0;
      const rows = servers.flatMap((server) => (['before', 'after'] as const).map((side) => ({ server, side })));
      for (const { row, points } of pointsOf(rows, `${way} ${String(oneList)}`, firstRequest, 22)) {
        for (const n of points) {
          if (!(await crash(oneList, { ...row, n }, way))) break;
          deaths += 1;
        }
      }
      if (isFull) console.log(`killed at a request, ${way}, one list ${String(oneList)}: ${deaths} deaths`);
      expect(deaths).toBeGreaterThan(isFull ? 50 : 0);
    },
    patienceMs,
  );
});

// The same as killed-at-request.test.ts, but the process dies at its n-th write to the state directory: before it, after half of its
// bytes, or after it. And the disk that is full from the n-th record on. Deaths come from a preload (kill-at-write.ts), not from
// anything in the product.
import { describe, expect, test } from 'vitest';
import { expectGoneOn, expectTakenBack } from './expectations.ts';
import { isFull, patienceMs, pointsOf } from './matrix.ts';
import type { WriteDeath } from './kill-at-write.ts';
import { withScene, type Scene } from './scene.ts';

type Row = Pick<WriteDeath, 'call' | 'side'>;

/** Records are appended and flushed; plan, claim and locks are written and synced. */
const rows: readonly Row[] = [
  { call: 'appendFile', side: 'before' },
  { call: 'appendFile', side: 'half' },
  { call: 'appendFile', side: 'after' },
  { call: 'datasync', side: 'after' },
  { call: 'writeFile', side: 'before' },
  { call: 'writeFile', side: 'half' },
  { call: 'writeFile', side: 'after' },
  { call: 'sync', side: 'after' },
];

async function dieAndRecover(scene: Scene, death: WriteDeath, way: 'rollback' | 'resume'): Promise<boolean> {
  const before = scene.state();
  const where = `${death.side} ${death.call} ${death.n}, ${way}`;
  const { signal } = await scene.dying(scene.applyArguments, death);
  const died = signal === 'SIGKILL';
  const run = await scene.run();
  if (run === null) {
    expect({ where, state: scene.state() }).toEqual({ where, state: before });
    // Whatever it left behind must not stand in the way of the next one.
    const again = await scene.apply(null);
    expect({ where, ...again }).toEqual({ where, ...again, exitCode: 0 });
    await expectTakenBack(scene, (await scene.run()) ?? '', before, where);
  } else if (way === 'rollback') await expectTakenBack(scene, run, before, where);
  else if (died) await expectGoneOn(scene, run, before, where);
  return died;
}

describe.each(['rollback', 'resume'] as const)('then %s', (way) => {
  test(
    'killed at the n-th write of an apply',
    async () => {
      let deaths = 0;
      for (const { row, points } of pointsOf(rows, `write ${way}`, 1, 9)) {
        for (const n of points) {
          const died = await withScene(n % 2 === 0, (scene) => dieAndRecover(scene, { ...row, n }, way));
          if (!died) break;
          deaths += 1;
        }
      }
      if (isFull) console.log(`killed at a write, ${way}: ${deaths} deaths`);
      expect(deaths).toBeGreaterThan(isFull ? 50 : 0);
    },
    patienceMs,
  );
});

test(
  'killed at the n-th record of a rollback, then rolled back again',
  async () => {
    let deaths = 0;
    const records = rows.filter((one) => one.call === 'appendFile');
    for (const { row, points } of pointsOf(records, 'rollback', 1, 9)) {
      for (const n of points) {
        const died = await withScene(true, async (scene) => {
          const before = scene.state();
          await scene.apply(null);
          const run = (await scene.run()) ?? '';
          const { signal } = await scene.dying(['rollback', run, '-i', scene.lab.inventoryFile, '--yes'], {
            ...row,
            n,
          });
          await expectTakenBack(scene, run, before, `${row.side} ${row.call} ${n}`);
          return signal === 'SIGKILL';
        });
        if (!died) break;
        deaths += 1;
      }
    }
    if (isFull) console.log(`killed at a record of a rollback: ${deaths} deaths`);
    expect(deaths).toBeGreaterThan(isFull ? 30 : 0);
  },
  patienceMs,
);

test(
  'the disk is full from the n-th record on: it stops, says so, and is taken back when there is room again',
  async () => {
    let stops = 0;
    for (const { points } of pointsOf([null, null], 'full', 2, 12)) {
      for (const n of points) {
        const stopped = await withScene(n % 2 === 1, async (scene) => {
          const before = scene.state();
          const where = `full at record ${n}`;
          const { exitCode, stderr } = await scene.dying(scene.applyArguments, { call: 'appendFile', n, side: 'full' });
          const isStopped = exitCode !== 0;
          if (isStopped) expect(`${where}: ${stderr}`).toMatch(/the disk is full/);
          const run = await scene.run();
          if (run === null) expect({ where, state: scene.state() }).toEqual({ where, state: before });
          else await expectTakenBack(scene, run, before, where);
          return isStopped;
        });
        if (!stopped) break;
        stops += 1;
      }
      if (isFull) break;
    }
    if (isFull) console.log(`full disk: ${stops} stops`);
    expect(stops).toBeGreaterThan(isFull ? 15 : 0);
  },
  patienceMs,
);

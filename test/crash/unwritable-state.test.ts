// A state directory that can't be written: nothing is sent to any server before the way back has a place.
import { expect, test } from 'vitest';
import { amount, everyNth } from '../support/amount.ts';
import { withScene } from './scene.ts';

test('under a regular file: refused in words before anything is changed', async () => {
  await withScene(true, async ({ lab, applyArguments, state }) => {
    const before = state();
    const file = await lab.write('a-file', '');
    const { exitCode, stderr } = await lab.run([...applyArguments, '--state-dir', `${file}/state`]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/can't be written[^]*--state-dir/);
    expect(lab.changesSent()).toEqual([]);
    expect(state()).toEqual(before);
  });
});

const cases = [
  { call: 'writeFile', n: 1, what: 'the lock of the run' },
  { call: 'writeFile', n: 2, what: 'the claim of the plan' },
  { call: 'writeFile', n: 3, what: 'the plan' },
  { call: 'appendFile', n: 1, what: 'the first record' },
] as const;
test.each(amount({ share: everyNth(cases, 3), ci: cases }))(
  'the disk is full at $what: nothing is sent, and it is started anew when there is room',
  async ({ call, n }) => {
    await withScene(false, async ({ lab, applyArguments, state, apply, dying, run }) => {
      const before = state();
      const { exitCode, stderr } = await dying(applyArguments, { call, n, side: 'full' });
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/can't be written/);
      expect(lab.changesSent()).toEqual([]);
      expect(state()).toEqual(before);
      expect(await run()).toBeNull();
      expect((await apply(null)).exitCode).toBe(0);
    });
  },
);

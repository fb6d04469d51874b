// With runs in a directory: a run takes a host from another whose process is dead, and whose last command is still on its way. It is not carried
// out any more, and where its shell can't be deleted the host is left as it is. The server's own log is the truth.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MishapSpec } from '../../src/lab/scenario/server-spec.ts';
import { carriedOut, firstPort, otherPort, playTakenHost, type TakenHost } from '../support/taken-host.ts';

function play(work: (taken: TakenHost) => Promise<void>, mishaps: readonly MishapSpec[] = []): Promise<void> {
  const isIntended = async (lab: TakenHost['lab'], run: string): Promise<boolean> =>
    (await lab.events(run)).at(-1)?.type === 'command-planned';
  return playTakenHost({ env: {}, isIntended, mishaps }, work);
}

const listAside = async ({ stateDirectory }: TakenHost['lab']): Promise<number> =>
  (await readdir(join(stateDirectory, 'locks'))).filter((one) => one.startsWith('left.')).length;

test('a host of a dead run is taken by another run, and what was on its way is not carried out', async () => {
  await play(async ({ lab, first, applyOther, letGo }) => {
    first.kill('SIGKILL');
    await first.ended;
    const other = await applyOther();
    expect(other.exitCode, other.stdout + other.stderr).toBe(0);
    expect(carriedOut(lab)).toContain(otherPort);
    const states = lab.states();
    await letGo();
    expect(lab.states()).toEqual(states);
    expect(carriedOut(lab)).not.toContain(firstPort);
    expect(await listAside(lab)).toBe(0);
  });
});

test('where its shell can not be deleted the host is left as it is, until the run is resumed', async () => {
  const refused: MishapSpec = {
    on: { operation: 'delete', nth: 3, line: null, request: null },
    act: { kind: 'fault', code: 5 },
    times: 1,
  };
  await play(
    async ({ lab, first, applyOther, letGo, run, inventory, firstRun }) => {
      const before = lab.states();
      first.kill('SIGKILL');
      await first.ended;
      const other = await applyOther();
      expect([other.exitCode, other.stdout + other.stderr]).toEqual([3, expect.stringContaining('run/left-behind')]);
      expect([carriedOut(lab), lab.states(), await listAside(lab)]).toEqual([[], before, 1]);
      const resumed = await run('resume', firstRun, ...inventory, '--yes');
      expect(resumed.exitCode, resumed.stdout + resumed.stderr).toBe(0);
      const sent = carriedOut(lab);
      await letGo();
      expect(carriedOut(lab)).toEqual(sent);
    },
    [refused],
  );
});

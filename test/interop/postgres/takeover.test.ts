// A run takes a host from another whose process sleeps, with a command half sent: what the sleeper had begun to send is not carried out any more. The
// server's own log is the truth.
import { expect, test } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MishapSpec } from '../../../src/lab/scenario/server-spec.ts';
import { carriedOut, firstPort, otherPort, playTakenHost, type TakenHost } from '../../support/taken-host.ts';
import { usePostgres } from '../support/use-postgres.ts';

const { suite, postgres } = await usePostgres();

async function play(
  work: (taken: TakenHost, state: string) => Promise<void>,
  options: { readonly mishaps?: readonly MishapSpec[]; readonly args?: readonly string[] } = {},
) {
  const state = await postgres.createDatabase();
  const env = { FENCEPOST_STATE: state };
  await playTakenHost(
    {
      env,
      ...options,
      async prepare(lab) {
        expect((await lab.run(['state', 'init'], { env })).exitCode).toBe(0);
        await postgres.query(state, 'UPDATE fencepost.setting SET lease_ms = 3000');
      },
      async isIntended(_lab, run) {
        const [last] = await postgres.query<{ line: Buffer }>(
          state,
          'SELECT line FROM fencepost.record WHERE run = $1 ORDER BY sequence DESC LIMIT 1',
          [run],
        );
        return last?.line.includes('"type":"command-planned"') === true;
      },
    },
    (taken) => work(taken, state),
  );
}

const listLeft = async (state: string): Promise<readonly string[]> =>
  (await postgres.query<{ run: string }>(state, 'SELECT run FROM fencepost.left_behind')).map((one) => one.run);

/** A Delete of a shell is refused. The first are those of the two plans. */
const refusedDelete: MishapSpec = {
  on: { operation: 'delete', nth: 3, line: null, request: null },
  act: { kind: 'fault', code: 5 },
  times: 1,
};

suite('a host whose owner sleeps', () => {
  test('is taken by another run, and what the sleeper had begun to send is not carried out', async () => {
    await play(async ({ lab, first, applyOther, letGo, run, inventory, firstRun }, state) => {
      first.kill('SIGSTOP');
      await sleep(3500);
      const other = await applyOther();
      expect(other.exitCode, other.stdout + other.stderr).toBe(0);
      // It sleeps: that it were gone would not be true.
      const said = other.stderr.replaceAll(/\s+/g, ' ');
      expect(said).toMatch(/whose process \d+ on \S+ gives no sign of life/);
      expect(said).not.toContain('is gone');
      expect(carriedOut(lab)).not.toContain(firstPort);
      expect(carriedOut(lab)).toContain(otherPort);
      const states = lab.states();
      const sent = carriedOut(lab);
      await letGo();
      first.kill('SIGCONT');
      expect((await first.ended).exitCode).toBe(3);
      expect(carriedOut(lab)).toEqual(sent);
      expect(lab.states()).toEqual(states);
      expect(await listLeft(state)).toEqual([]);
      // What the sleeper's run says of the host is not believed when the run is taken back: there is nothing of it there.
      expect((await run('rollback', firstRun, ...inventory, '--yes')).exitCode).toBe(0);
      expect(lab.states()).toEqual(states);
    });
  });

  test('is left as it is where the shell can not be deleted, also by whoever comes after that', async () => {
    await play(
      async ({ lab, first, applyOther, letGo, run, inventory, firstRun }, state) => {
        const before = lab.states();
        first.kill('SIGSTOP');
        await sleep(3500);
        const other = await applyOther();
        expect([other.exitCode, (other.stdout + other.stderr).replaceAll(/\s+/g, ' ')]).toEqual([
          3,
          expect.stringMatching(/run\/left-behind.*fencepost resume/),
        ]);
        expect([carriedOut(lab), lab.states(), await listLeft(state)]).toEqual([[], before, [firstRun]]);
        const plan = lab.path('again.plan');
        expect((await run('plan', ...inventory, '-p', lab.path('other.yml'), '--out', plan)).exitCode).toBe(0);
        const again = await run('apply', plan, ...inventory, '--yes');
        expect(again.exitCode, again.stdout + again.stderr).toBe(0);
        const states = lab.states();
        await letGo();
        expect([lab.states(), await listLeft(state)]).toEqual([states, []]);
        expect(carriedOut(lab)).not.toContain(firstPort);
      },
      { mishaps: [refusedDelete] },
    );
  });

  test('and that was unlocked: the same', async () => {
    await play(async ({ lab, first, applyOther, letGo, run, firstRun }, state) => {
      // As it is seen from another machine, which can not ask.
      await postgres.query(
        state,
        `UPDATE fencepost.lease SET holder = jsonb_set(holder, '{bootId}', '"another"') WHERE holder IS NOT NULL`,
      );
      first.kill('SIGSTOP');
      const unlocked = await run('unlock', firstRun.slice(0, -1), '--yes');
      expect(unlocked.exitCode, unlocked.stderr).toBe(0);
      expect(await listLeft(state)).toEqual([firstRun]);
      expect((await applyOther()).exitCode).toBe(0);
      const states = lab.states();
      await letGo();
      expect([lab.states(), await listLeft(state)]).toEqual([states, []]);
      expect(carriedOut(lab)).not.toContain(firstPort);
    });
  });
});

suite('a host of a shared run whose runner sleeps, given up by the others', () => {
  const join = ['--join', 'night'] as const;

  /** Another runner of the run names it in doubt, and ends the run. */
  async function giveUp({ lab, first, run, inventory }: TakenHost): Promise<void> {
    first.kill('SIGSTOP');
    await sleep(3500);
    const other = await run('apply', lab.path('first.plan'), ...inventory, '--yes', ...join);
    expect([other.exitCode, other.stdout]).toEqual([3, expect.stringContaining('1 in-doubt')]);
    expect(carriedOut(lab)).toEqual([]);
  }

  test('is resumed: what the sleeper had begun to send is not carried out after that', async () => {
    await play(
      async (taken) => {
        const { lab, run, inventory, letGo } = taken;
        await giveUp(taken);
        const resumed = await run('resume', 'night', ...inventory, '--yes');
        expect(resumed.exitCode, resumed.stdout + resumed.stderr).toBe(0);
        const sent = carriedOut(lab);
        expect(sent).toContain(firstPort);
        await letGo();
        expect(carriedOut(lab)).toEqual(sent);
      },
      { args: join },
    );
  });

  test('is taken by another run: nor after that', async () => {
    await play(
      async (taken, state) => {
        const { lab, applyOther, letGo } = taken;
        await giveUp(taken);
        expect(await listLeft(state)).toEqual(['night']);
        const other = await applyOther();
        expect(other.exitCode, other.stdout + other.stderr).toBe(0);
        const states = lab.states();
        await letGo();
        expect([lab.states(), await listLeft(state)]).toEqual([states, []]);
        expect(carriedOut(lab)).not.toContain(firstPort);
      },
      { args: join },
    );
  });
});

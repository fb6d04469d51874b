// A host of a one-at-a-time group is left down in a run of several processes: none of them starts another of its group. What the other servers of
// the group were sent, and are like, is the judge.
import { expect, test } from 'vitest';
import { findService } from '../../../src/lab/machine/service-control.ts';
import { usualQuirks } from '../../../src/lab/machine/quirks.ts';
import type { RunEvent } from '../../../src/model/outcome.ts';
import { usePostgres } from '../support/use-postgres.ts';
import { findFaults, nightPlaybook, OtherNight, playTogether, type JoinedNight } from './joined-night.ts';

const { suite, postgres } = await usePostgres();

const imap = 'MSExchangeIMAP4BE';
const hosts = 8;
const names = Array.from({ length: hosts }, (_, index) => `ex${String(index + 1).padStart(2, '0')}`);
/** By four, as the night makes its groups: dag0 has ex01 and ex05, dag3 ex04 and ex08. */
const groupOf = (host: string): number => names.indexOf(host) % 4;
const running = Object.fromEntries(names.map((name) => [name, { imap: 'running' as const }]));
const strategy = 'batches: [4, 100%], concurrency: 6, one_at_a_time_by: availability_group';

const restarts = 'when_held: { by_own_service: restart, by_other: block }\n';

/** `sc start` of the back end fails on that server. */
const withBroken = (host: string) => ({
  ...running,
  [host]: { imap: 'running' as const, quirks: { ...usualQuirks, oneList: true, refuseStart: 'dependency' as const } },
});

function mend(night: JoinedNight, host: string): void {
  Object.assign(night.lab.fleet.server(host).machine.quirks, { refuseStart: 'none' });
}

async function bothHad(night: JoinedNight): Promise<void> {
  const text = 'SELECT count(DISTINCT runner)::int AS runners FROM fencepost.joined_host';
  const [found] = await postgres.query<{ runners: number }>(night.state, text);
  if (found?.runners !== 2) throw new OtherNight('one runner had no host');
}

function isUp({ lab }: JoinedNight, host: string): boolean {
  return findService(lab.fleet.server(host).machine, imap)?.state === 'running';
}

/** The last of each host. */
function endsOf(events: readonly RunEvent[]): Readonly<Record<string, { verdict: string; detail: string }>> {
  const ends = events.flatMap((one) =>
    one.type === 'host-finished' ? [[one.host, { verdict: one.verdict, detail: one.detail }] as const] : [],
  );
  return Object.fromEntries(ends);
}

const settle = (host: string, group: number): RegExp =>
  new RegExp(
    `${host} of its group \\(availability_group = dag${String(group)}\\) was left with ${imap} stopped, as far as known; settle ${host} first: fencepost resume night -i .*, or: fencepost rollback night -i `,
  );

suite('a host of a group is left down', () => {
  test('neither process starts the rest of its group, in the next batch too; resume settles it first, then changes the rest', async () => {
    const playbook = nightPlaybook(`${strategy}, max_failed: 50%`, restarts);
    await playTogether(postgres, { playbook, servers: withBroken('ex01'), hosts }, async (night) => {
      const ended = await Promise.all([night.join(), night.join()].map((one) => one.ended));
      await bothHad(night);
      expect(ended.map((one) => one.exitCode)).toContain(3);
      expect(await findFaults(night)).toEqual([]);
      const sent = new Set(night.sent.map((one) => one.host));
      expect(names.filter((host) => !sent.has(host))).toEqual(['ex05']);
      expect(names.filter((host) => !isUp(night, host))).toEqual(['ex01']);
      expect(night.lab.changedSince(night.before)).not.toContain('ex05');
      const ends = endsOf(await night.events());
      for (const host of names) {
        const verdict = host === 'ex01' ? 'failed-partial' : groupOf(host) === 0 ? 'skipped' : 'changed';
        expect([host, ends[host]?.verdict]).toEqual([host, verdict]);
      }
      expect(ends['ex05']?.detail).toMatch(settle('ex01', 0));

      mend(night, 'ex01');
      const resumed = await night.run('resume', 'night', ...night.inventory, '--yes');
      expect(resumed.exitCode, resumed.stderr + resumed.stdout).toBe(0);
      const order = (await night.events()).flatMap((one) => (one.type === 'host-started' ? [one.host] : []));
      expect(order.slice(-2)).toEqual(['ex01', 'ex05']);
      expect(names.filter((host) => !isUp(night, host))).toEqual([]);
      expect(night.lab.changedSince(night.before)).toHaveLength(hosts);
    });
  });

  test('rollback_run: what was changed of its group before is not rolled back beside it, and says so', async () => {
    const playbook = nightPlaybook(`${strategy}, max_failed: 0`, `${restarts}on_failure: rollback_run\n`);
    await playTogether(postgres, { playbook, servers: withBroken('ex08'), hosts }, async (night) => {
      const ended = await Promise.all([night.join(), night.join()].map((one) => one.ended));
      expect(ended.map((one) => one.exitCode)).toContain(3);
      const ends = endsOf(await night.events());
      expect(ends['ex08']?.verdict).toBe('failed-partial');
      const sent = night.sent.filter((one) => /\bdelete excludedportrange\b/.test(one.line)).map((one) => one.host);
      for (const host of names.filter((one) => one !== 'ex08')) {
        const { verdict = '', detail = '' } = ends[host] ?? {};
        if (groupOf(host) === 3) {
          expect([host, ['failed-partial', 'skipped'].includes(verdict)]).toEqual([host, true]);
          if (verdict === 'failed-partial') expect(detail).toMatch(settle('ex08', 3));
          expect(sent).not.toContain(host);
        } else expect([host, ['rolled-back', 'skipped'].includes(verdict)]).toEqual([host, true]);
      }
      expect(ends['ex04']?.verdict).toBe('failed-partial');
      expect(names.filter((host) => !isUp(night, host))).toEqual(['ex08']);

      mend(night, 'ex08');
      const back = await night.run('rollback', 'night', ...night.inventory, '--yes');
      expect(back.exitCode, back.stderr + back.stdout).toBe(0);
      expect(names.filter((host) => !isUp(night, host))).toEqual([]);
      const isReserved = (host: string): boolean =>
        JSON.stringify(night.lab.states()[host]).includes('"firstPort":9933,"portCount":1');
      expect(names.filter(isReserved)).toEqual([]);
    });
  });
});

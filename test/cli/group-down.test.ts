// A host of a one-at-a-time group whose service does not come back, as whole commands: the other server of its group is never touched, and goes on
// once the first one is settled. The servers are the judge.
import { expect, test } from 'vitest';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import { expectExit } from '../support/expect-exit.ts';
import { withLab, type TestLab } from '../support/lab.ts';

const imap = 'MSExchangeIMAP4BE';

const playbook = `name: One of a group at a time
hosts: exchange
exclusions:
  - { port: 9933, for: ${imap} }
when_held: { by_own_service: restart, by_other: block }
strategy: { canary: 0, concurrency: 3, max_failed: 2, one_at_a_time_by: dag }
`;

const server = (name: string, dag: string) => ({ name, imap: 'running' as const, variables: { dag } });
const broken = { quirks: { ...usualQuirks, refuseStart: 'dependency' as const } };

/** The process of the service; a service that was stopped and started again has another one. */
function processOf({ fleet }: TestLab, host: string): readonly unknown[] {
  const service = fleet.server(host).machine.services.find((one) => one.name === imap);
  return [service?.state, service?.processId];
}

interface Told {
  readonly run: string;
  readonly hosts: readonly {
    readonly host: string;
    readonly verdict: string;
    readonly detail: string;
    readonly down?: readonly string[];
  }[];
}

test('the rest of the group is not started, is told why and what to type; resume settles the host that is down first', async () => {
  await withLab(
    [{ ...server('ex01', 'DAG1'), ...broken }, server('ex02', 'DAG1'), server('ex03', 'DAG2')],
    async (lab) => {
      const before = [processOf(lab, 'ex02'), processOf(lab, 'ex03')];
      const states = lab.states();
      const inventory = ['-i', lab.inventoryFile];
      const book = await lab.write('playbook.yml', playbook);
      const applied = await lab.run(['apply', ...inventory, '-p', book, '--yes', '--json']);
      expectExit(applied, 3);
      const { run, hosts } = JSON.parse(applied.stdout) as Told;
      expect(processOf(lab, 'ex01')[0]).toBe('stopped');
      expect([lab.changesSent('ex02'), lab.changedSince(states)]).toEqual([[], ['ex01', 'ex03']]);
      expect(processOf(lab, 'ex02')).toEqual(before[0]);
      expect(processOf(lab, 'ex03')).not.toEqual(before[1]);
      expect(hosts).toMatchObject([
        { host: 'ex01', verdict: 'failed-partial', down: [imap] },
        { host: 'ex02', verdict: 'skipped' },
        { host: 'ex03', verdict: 'changed' },
      ]);
      expect(hosts[1]?.detail).toBe(
        `not started: ex01 of its group (dag = DAG1) was left with ${imap} stopped, as far as known; settle ex01 first: ` +
          `fencepost resume ${run} -i ${lab.inventoryFile}, or: fencepost rollback ${run} -i ${lab.inventoryFile}`,
      );
      const shown = await lab.run(['runs', 'show', run]);
      expect(shown.stdout.replaceAll(/\s+/g, ' ')).toContain(
        `ex01 of its group (dag = DAG1) was left with ${imap} stopped`,
      );

      Object.assign(lab.fleet.server('ex01').machine.quirks, { refuseStart: 'none' });
      expectExit(await lab.run(['resume', run, ...inventory, '--yes']), 0);
      expect(['ex01', 'ex02', 'ex03'].map((host) => processOf(lab, host)[0])).toEqual([
        'running',
        'running',
        'running',
      ]);
      expect(lab.changedSince(states)).toEqual(['ex01', 'ex02', 'ex03']);
      const order = (await lab.events(run)).flatMap((one) => (one.type === 'host-started' ? [one.host] : []));
      expect(order.slice(-2)).toEqual(['ex01', 'ex02']);
    },
  );
});

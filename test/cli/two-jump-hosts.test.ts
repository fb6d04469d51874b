// Two jump hosts, each with a state directory of its own, and one plan: neither rolls back the other's work.
import { expect, test } from 'vitest';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import type { MishapSpec } from '../../src/lab/scenario/server-spec.ts';
import { families } from '../../src/model/host-state.ts';
import { reserved, withLab, type TestLab } from '../support/lab.ts';
import { expectExit } from '../support/expect-exit.ts';

const fromSecond = (lab: TestLab) => ({ env: { FENCEPOST_STATE_DIR: lab.path('second-state') } });
const atOnce = { fresh: true };

async function rollBack(lab: TestLab, run: string, second: boolean) {
  return lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes', '--json'], second ? fromSecond(lab) : {});
}

test.each([true, false])('both apply the plan at once, one list: %s', async (oneList) => {
  const quirks = { ...usualQuirks, oneList };
  const servers = ['ex01', 'ex02', 'ex03'].map((name) => ({ name, quirks }));
  await withLab(servers, async (lab) => {
    const before = lab.states();
    const plan = lab.path('plan.json');
    await lab.run(['plan', '-i', lab.inventoryFile, '--out', plan]);
    const apply = ['apply', plan, '-i', lab.inventoryFile, '--yes', '--json'];
    const [first, second] = await Promise.all([
      lab.run(apply, atOnce),
      lab.run(apply, { ...fromSecond(lab), ...atOnce }),
    ]);
    const runs = [first, second].map((one) => (JSON.parse(one.stdout) as { run: string }).run);

    // Each takes back its own; what it leaves is the other's, and the other's rollback takes all that is left.
    const back = await rollBack(lab, runs[1] ?? '', true);
    const rest = await rollBack(lab, runs[0] ?? '', false);
    expect([back.exitCode, rest.exitCode]).toEqual([0, 0]);
    expect(lab.changedSince(before)).toEqual([]);
  });
});

/** The other jump host's work on each port, right before this one's first and second command. */
const otherJumpHost: readonly MishapSpec[] = [9933, 9955].map((firstPort) => ({
  on: { operation: 'command', nth: 1, line: 'add excludedportrange', request: null },
  act: {
    kind: 'stranger',
    deed: { does: 'reserve', protocol: 'tcp', range: { firstPort, portCount: 1 }, store: 'persistent', families },
  },
  times: 1,
}));

test.each([true, false])('what the other did between our look and our step stays, one list: %s', async (oneList) => {
  const quirks = { ...usualQuirks, oneList };
  const [imap, pop] = otherJumpHost;
  const mishaps = imap === undefined || pop === undefined ? [] : [imap, { ...pop, on: { ...pop.on, nth: 2 } }];
  await withLab([{ name: 'ex01', quirks, mishaps }], async (lab) => {
    const { stdout, exitCode } = await lab.run(['apply', '-i', lab.inventoryFile, '--yes', '--json']);
    expect(exitCode).toBe(0);
    const told = JSON.parse(stdout) as { run: string; hosts: readonly { detail: string }[] };
    expect(told.hosts[0]?.detail).toMatch(/already as desired: .*9933 .*somebody else did it; not part of this run's/);
    const applied = lab.states();
    const back = await rollBack(lab, told.run, false);
    expectExit(back, 0);
    const rows = lab.fleet.server('ex01').machine.exclusions.tcp.ipv6.persistent.map((one) => one.range.firstPort);
    expect(rows).toEqual(expect.arrayContaining([9933, 9955]));
    expect(lab.changedSince(applied)).toEqual([]);
  });
});

test('absent: what somebody else released between our look and our step is not added back', async () => {
  const range = { firstPort: 9933, portCount: 1 };
  const mishaps: readonly MishapSpec[] = [
    {
      on: { operation: 'command', nth: 1, line: 'delete excludedportrange', request: null },
      act: { kind: 'stranger', deed: { does: 'release', protocol: 'tcp', range, store: 'persistent', families } },
      times: 1,
    },
  ];
  await withLab([{ name: 'ex01', exclusions: [reserved(9933)], mishaps }], async (lab) => {
    const playbook = await lab.write(
      'absent.yml',
      'name: none\nhosts: exchange\nexclusions:\n  - { port: 9933, protocol: tcp, families: [ipv4, ipv6], state: absent }\n',
    );
    const applied = await lab.run(['apply', '-i', lab.inventoryFile, '-p', playbook, '--yes', '--json']);
    expectExit(applied, 0);
    const { run } = JSON.parse(applied.stdout) as { run: string };
    const back = await rollBack(lab, run, false);
    expectExit(back, 0);
    const { active, persistent } = lab.fleet.server('ex01').machine.exclusions.tcp.ipv4;
    expect([...active, ...persistent].filter((one) => one.range.firstPort === 9933)).toEqual([]);
  });
});

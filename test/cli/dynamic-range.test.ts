// The shipped playbook for the dynamic range, as it is typed: verify finds the drift, a saved plan is shown and applied, verify is content,
// rollback brings back what was found. What counts is what the servers have.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../support/cli.ts';
import { withLab } from '../support/lab.ts';

const book = join(repository, 'playbooks/exchange-dynamic-range.yml');
const low = { firstPort: 1024, portCount: 64512 };
const ofExchange = { firstPort: 6005, portCount: 59530 };

test('verify, plan, show, apply, verify, rollback', async () => {
  const dynamic = [{ family: 'ipv4', protocol: 'tcp', range: low }] as const;
  await withLab([{ name: 'ex01', language: 'de', dynamic }, { name: 'ex02' }], async (lab) => {
    const before = lab.states();
    const own = ['-i', lab.inventoryFile];
    const drift = await lab.run(['verify', ...own, '-p', book]);
    expect([drift.exitCode, drift.stdout]).toEqual([2, expect.stringContaining('1 to change, 1 as desired')]);
    expect(drift.stdout).toContain('~ set the tcp dynamic range on ipv4 to 6005-65534 (now 1024-65535)');

    const planned = await lab.run(['plan', ...own, '-p', book, '--out', lab.path('night.plan')]);
    expect(planned.exitCode).toBe(0);
    const shown = await lab.run(['show', lab.path('night.plan')]);
    expect(shown.stdout).toContain('1 of 2 hosts: 1 dynamic range to set');
    expect(shown.stdout).toContain('the tcp dynamic range on ipv4 and ipv6, 6005-65534');
    expect(shown.stdout).toContain('set dynamicportrange protocol=tcp startport=1024 numberofports=64512');
    expect(lab.changedSince(before)).toEqual([]);

    const applied = await lab.run(['apply', lab.path('night.plan'), ...own, '--yes']);
    expect(applied.exitCode).toBe(0);
    expect(lab.changesSent()).toHaveLength(1);
    expect(lab.fleet.server('ex01').machine.dynamic.ipv4.tcp).toEqual(ofExchange);
    expect((await lab.run(['verify', ...own, '-p', book])).exitCode).toBe(0);

    const [run = ''] = await lab.runs();
    const page = await lab.run(['report', run, '--json']);
    expect(page.stdout).toContain('the dynamic range is 6005-65534');
    expect((await lab.run(['rollback', run, ...own, '--yes'])).exitCode).toBe(0);
    expect(lab.changedSince(before)).toEqual([]);
  });
});

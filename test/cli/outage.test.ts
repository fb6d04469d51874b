// A service's outage as whole commands over WinRM: it is one command line, a killed controller leaves no service down, and whoever goes on
// with the run waits until the line is through before anything of the dead run is deleted.
import { expect, test } from 'vitest';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import { withLab, type TestLab } from '../support/lab.ts';
import { expectExit } from '../support/expect-exit.ts';

const imap = 'MSExchangeIMAP4BE';

function stateOf({ fleet }: TestLab): string | undefined {
  return fleet.server('ex01').machine.services.find((one) => one.name === imap)?.state;
}

/** Rows of exactly the port, over both families and stores. */
function rowsOf({ fleet }: TestLab): number {
  const { ipv4, ipv6 } = fleet.server('ex01').machine.exclusions.tcp;
  const rows = [ipv4.active, ipv4.persistent, ipv6.active, ipv6.persistent].flat();
  return rows.filter((one) => one.range.firstPort === 9933).length;
}

/** An apply whose controller is killed as soon as the line is sent. */
async function killInOutage(lab: TestLab): Promise<void> {
  const running = lab.start(['apply', '-i', lab.inventoryFile, '--yes']);
  await expect.poll(() => lab.changesSent().some((one) => one.includes('sc stop')), { timeout: 60_000 }).toBe(true);
  running.kill('SIGKILL');
  await running.ended;
}

test('a host with both services running takes less than 15 requests, each outage one command', async () => {
  await withLab([{ name: 'ex01', imap: 'running', pop: 'running' }], async (lab) => {
    const plan = lab.path('night.plan');
    expectExit(await lab.run(['plan', '-i', lab.inventoryFile, '--out', plan]), 0);
    const before = lab.requestCount();
    expectExit(await lab.run(['apply', plan, '-i', lab.inventoryFile, '--yes']), 0);
    expect(lab.changesSent()).toHaveLength(2);
    // Step by step it was about 41.
    expect(lab.requestCount() - before).toBeLessThan(15);
  });
});

test('a controller that is killed in the outage leaves the service running, and resume finds its work done', async () => {
  const quirks = { ...usualQuirks, pendingQueries: 4 };
  await withLab([{ name: 'ex01', imap: 'running', quirks }], async (lab) => {
    await killInOutage(lab);
    const [run = ''] = await lab.runs();
    expectExit(await lab.run(['resume', run, '-i', lab.inventoryFile, '--yes']), 0);
    expect({ state: stateOf(lab), rows: rowsOf(lab) }).toEqual({ state: 'running', rows: 4 });
    expect(lab.changesSent().filter((one) => one.includes('sc stop'))).toHaveLength(1);
  });
});

test('a controller that is killed in the outage leaves the service running, and rollback waits for the line', async () => {
  const quirks = { ...usualQuirks, pendingQueries: 4 };
  await withLab([{ name: 'ex01', imap: 'running', quirks }], async (lab) => {
    await killInOutage(lab);
    expect(stateOf(lab)).toBe('stop-pending');

    const [run = ''] = await lab.runs();
    const rolledBack = await lab.run(['rollback', run, '-i', lab.inventoryFile, '--yes']);
    expectExit(rolledBack, 0);
    expect({ state: stateOf(lab), rows: rowsOf(lab) }).toEqual({ state: 'running', rows: 0 });
    // The dead run's line did its work: it had added the range, and the rollback stopped nothing.
    expect(lab.changesSent().filter((one) => one.includes('sc stop'))).toHaveLength(1);
    expect(lab.changesSent().some((one) => one.includes('delete excludedportrange'))).toBe(true);
  });
});

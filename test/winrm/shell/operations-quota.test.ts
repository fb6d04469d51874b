// Windows 2008 R2 and 2012 let an account have 15 operations, and every command of a shell counts until the shell is gone (wsman.md
// section 2.10): a session goes on in a new shell then, and no change is sent twice for it.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { startFleet } from '../../../src/lab/fleet.ts';
import { serverSpec } from '../../../src/lab/scenario/server-spec.ts';
import { createConnector } from '../../../src/winrm/connect.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { memoryConnection } from '../../support/memory-fleet.ts';

test.each(['2008r2', '2012', '2019'] as const)('40 lines in one session with a %s', async (windows) => {
  const fleet = await startFleet({
    servers: [serverSpec({ name: 'ex01', windows })],
    account: { user: 'LAB\\operator', password: 'pass' },
  });
  try {
    const server = fleet.server('ex01');
    const connector = createConnector({
      readSecret: () => Promise.resolve('pass'),
      random: randomBytes,
      clock: { ...memoryClock(), now: () => new Date().toISOString() },
    });
    const session = await connector.connect({
      name: 'ex01',
      connection: { ...memoryConnection, address: '127.0.0.1', port: server.port, username: 'LAB\\operator' },
      groups: [],
      variables: {},
      origin: { file: 'test', line: 1, column: 1 },
    });
    for (let port = 20_001; port <= 20_040; port += 1) {
      const line = `netsh interface ipv4 add excludedportrange protocol=tcp startport=${port} numberofports=1`;
      expect([port, (await session.change(line)).exitCode]).toEqual([port, 0]);
    }
    await session.close();
    const ports = server.machine.exclusions.tcp.ipv4.persistent.map((row) => row.range.firstPort);
    expect(ports.filter((port) => port > 20_000 && port <= 20_040)).toHaveLength(40);
    expect(server.requests.filter((one) => one.operation === 'command' && one.status === 200)).toHaveLength(40);
  } finally {
    await fleet.close();
  }
});

// A large fleet in little memory: at the end of a command no socket and no timer is open for each of its hosts.
import { expect, test } from 'vitest';
import { openLab } from '../support/lab.ts';

const countAtEnd = `process.on('exit', () => {
  const open = {};
  for (const one of process.getActiveResourcesInfo()) open[one] = (open[one] ?? 0) + 1;
  process.stderr.write('open at the end: ' + JSON.stringify(open) + '\\n');
});`;

test('at the end of a command nothing is open for each host', async () => {
  const lab = await openLab(Array.from({ length: 12 }, (_, index) => ({ name: `ex${String(index + 1)}` })));
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(countAtEnd)}` };
  const options = ['-i', lab.inventoryFile, '--concurrency', '2', '-q'];
  try {
    for (const command of [['collect'], ['doctor'], ['apply', '--yes'], ['verify']]) {
      const { exitCode, stderr } = await lab.run([...command, ...options], { env });
      const [, text = 'nothing was told'] = /open at the end: (.*)/.exec(stderr) ?? [];
      const open = JSON.parse(text) as Readonly<Record<string, number>>;
      expect([command[0], exitCode]).toEqual([command[0], 0]);
      // Connections of the last hosts may be closing still.
      expect([command[0], open['TCPSocketWrap'] ?? 0]).toEqual([command[0], expect.toSatisfy((n: number) => n <= 3)]);
      expect([command[0], open['Timeout'] ?? 0]).toEqual([command[0], expect.toSatisfy((n: number) => n <= 3)]);
    }
  } finally {
    await lab.close();
  }
});

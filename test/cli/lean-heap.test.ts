// A large fleet in little memory: V8 is told to collect soon, and at the end of a command no socket and no timer is open for each of its hosts.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLab } from '../support/lab.ts';
import { repository } from '../support/cli.ts';

const run = promisify(execFile);
const leanHeap = pathToFileURL(join(repository, 'dist/cli/lean-heap.js')).href;

/** Keeps some 20 MB and makes far more, each piece kept until it is no longer young, then tells how large the heap became. */
const program = `
  const { getHeapSpaceStatistics, getHeapStatistics } = await import('node:v8');
  if (process.argv[1] !== 'as-is') (await import(process.argv[1])).keepHeapLean();
  const many = (count) => Array.from({ length: count }, (_, index) => ({ index, text: [index, index] }));
  const kept = many(200_000);
  const passing = [];
  let most = 0;
  for (let round = 0; round < 300; round += 1) {
    passing[round % 5] = many(10_000);
    most = Math.max(most, getHeapStatistics().total_heap_size);
  }
  const young = getHeapSpaceStatistics().find((one) => one.space_name === 'new_space').space_size;
  console.log(JSON.stringify({ youngMb: young / 1e6, mostMb: most / 1e6, kept: kept.length }));
`;

async function heapOf(how: string, ...flags: readonly string[]): Promise<{ youngMb: number; mostMb: number }> {
  const { stdout } = await run(process.execPath, [...flags, '--input-type=module', '-e', program, how]);
  return JSON.parse(stdout) as { youngMb: number; mostMb: number };
}

test('V8 keeps the room for young objects as it is', async () => {
  const [asIs, lean] = await Promise.all([heapOf('as-is'), heapOf(leanHeap)]);
  expect(lean.youngMb).toBeLessThan(asIs.youngMb / 2);
});

test('V8 collects old objects early, but not where the one who starts it has said otherwise', async () => {
  const given = ['--semi-space-growth-factor=4', '--heap-growing-percent=400'];
  const [lean, asGiven] = await Promise.all([heapOf(leanHeap), heapOf(leanHeap, ...given)]);
  expect(asGiven.mostMb).toBeGreaterThan(1.4 * lean.mostMb);
  expect(asGiven.youngMb).toBeGreaterThan(2 * lean.youngMb);
});

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

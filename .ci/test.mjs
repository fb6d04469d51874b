// The tests that need nothing installed, in two runs of Vitest beside each other: whole commands mostly wait for what they started, and
// meanwhile the pure tests, which only reckon, have the cores. One is shown as it goes, the other when it has ended; what failed in either and
// the counts of both come last. Arguments are Vitest's: `npm test -- test/plan`.
import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

const started = [];
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

/** Resolves with its exit code, what it counted and what is still to be printed. */
function run(project, { isShown }) {
  const args = ['run', '--project', project, '--passWithNoTests', ...process.argv.slice(2)];
  const output = isShown ? 'inherit' : 'pipe';
  const env = isShown || !process.stdout.isTTY ? process.env : { FORCE_COLOR: '1', ...process.env };
  return new Promise((resolve, reject) => {
    const child = fork(vitest, args, { env, stdio: ['ignore', output, output, 'ipc'] });
    started.push(child);
    // Whoever waits goes first when it need not wait any more.
    if (!isShown) setPriority(child.pid, 5);
    const held = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece) => held.push(piece));
    let told = { counts: { passed: 0, failed: 0, skipped: 0 }, failures: [] };
    child.on('message', (message) => {
      if (message?.counts !== undefined) told = message;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...told, held: Buffer.concat(held) }));
  });
}

// Each ends what it started. Ctrl-C reaches them by itself.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => started.forEach((child) => child.kill('SIGTERM')));
const ended = await Promise.all([run('commands', { isShown: true }), run('unit', { isShown: false })]);
for (const { held } of ended) process.stdout.write(held);
for (const failure of ended.flatMap(({ failures }) => failures)) console.log(`\n${failure}`);
const sum = (name) => ended.reduce((all, { counts }) => all + counts[name], 0);
const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(sum);
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
if (passed + failed + skipped === 0) console.error('no test was found');
process.exitCode = passed + failed + skipped > 0 && ended.every(({ code }) => code === 0) ? 0 : 1;

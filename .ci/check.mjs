// Format, lint, types and dead code, as many at once as there are cores, the longest first. What each says is printed whole when it has
// ended. It decides nothing about what they check: that is in package.json, eslint.config.js and tsconfig.json.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Scripts of package.json. */
const checks = ['lint', 'types', 'format:check', 'dead-code'];

function run(script) {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const child = spawn(`npm run --silent ${script}`, { stdio: ['ignore', 'pipe', 'pipe'], shell: true });
    const pieces = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => pieces.push(piece));
    child.once('error', (error) => pieces.push(Buffer.from(`${error.message}\n`)));
    child.once('close', (code) => {
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
      process.stdout.write(Buffer.concat(pieces));
      console.log(`${script}: ${code === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
      resolve(code === 0);
    });
  });
}

const waiting = [...checks];
const results = [];
async function work() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results.push(await run(next));
}
await Promise.all(Array.from({ length: availableParallelism() }, work));
if (results.includes(false)) process.exitCode = 1;

// What a start costs, beside Node's own: `npm run bench:start -- [--node FILE] [--program FILE]... [--rounds N]`. A program is a main.js of
// another build or a single executable. What counts is CPU, by bash's `time`, for the machine does other things too. It asserts nothing.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    node: { type: 'string', default: process.execPath },
    program: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '15' },
  },
});
const commands = [['--version'], ['--help'], ['plan', '--help']] as const;
const programs = [resolve('dist/cli/main.js'), ...values.program];
const idle = [values.node, '-e', '0'];

const measured = new Map<string, number[]>();
for (let round = 0; round < Number(values.rounds); round += 1) {
  // In turns, so that what else the machine does meets all alike.
  time('node -e 0', idle);
  for (const program of programs) {
    const start = program.endsWith('.js') ? [values.node, program] : [program];
    for (const args of commands) time(`${program} ${args.join(' ')}`, [...start, ...args]);
  }
}

const base = median(measured.get('node -e 0') ?? []);
for (const [name, timesMs] of measured) {
  const ms = median(timesMs);
  console.log(`${ms.toFixed(0).padStart(5)} ms  ${(ms / base).toFixed(2).padStart(5)}  ${name}`);
}

function time(name: string, command: readonly string[]): void {
  const script = 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1';
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', ...command], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ended with ${String(status)}`);
  const cpuMs = stderr
    .trim()
    .split(' ')
    .reduce((sum, seconds) => sum + 1000 * Number(seconds), 0);
  measured.set(name, [...(measured.get(name) ?? []), cpuMs]);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

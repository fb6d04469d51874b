// Proves that the simulator bites: `npm run simulate:mutations -- --nights N --seed S`. Each mend of mutations.ts is undone in a copy of
// what was built, and nights are played with it until one does not agree. The night that found it is played again without the mutation, and
// has to agree: else it found something else. Exits with 1 when a mutation lives through all nights, or is not what was found.
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutations, type Mutation } from './mutations.ts';

const { values } = parseArgs({
  options: {
    nights: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const built = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const copy = `${built}-mutant`;

interface Find {
  /** Null: no night of its own; the process ended otherwise. */
  readonly seed: number | null;
  readonly words: string;
}

/** The night that found it; null: none did. */
function findNight({ file, from, to, name }: Mutation): Find | null {
  const path = join(copy, 'src', file);
  const source = readFileSync(path, 'utf8');
  if (source.split(from).length !== 2) throw new Error(`${name}: expected once in ${file}: ${from}`);
  writeFileSync(
    path,
    source.replace(from, () => to),
  );
  try {
    const { stdout, stderr, status } = play(copy, ['--nights', values.nights, '--seed', values.seed]);
    if (status === 0) return null;
    const found = stdout.split('\n').find((line) => line.startsWith('seed '));
    // Code that cannot run is no fault that was found.
    if (/ReferenceError|SyntaxError/.test(stdout + stderr)) throw new Error(`${name}: ${found ?? stderr}`);
    const seed = /^seed (\d+):/.exec(found ?? '')?.[1];
    const words = found ?? `it ended with ${stderr.trim().split('\n').at(-1) ?? ''}`;
    return { seed: seed === undefined ? null : Number(seed), words };
  } finally {
    writeFileSync(path, source);
  }
}

function play(build: string, args: readonly string[]) {
  const main = join(build, 'test', 'simulator', 'main.js');
  return spawnSync(process.execPath, [main, ...args, '--failures', '1'], { encoding: 'utf8' });
}

/** Whether the night that found a mutation agrees without it. */
function isCleanWithout({ seed }: Find): boolean {
  return seed !== null && play(built, ['--nights', '1', '--seed', String(seed)]).status === 0;
}

rmSync(copy, { recursive: true, force: true });
cpSync(built, copy, { recursive: true });
const chosen = mutations.filter((one) => one.name.includes(values.only));
let survivors = 0;
for (const mutation of chosen) {
  const find = findNight(mutation);
  const isClean = find !== null && isCleanWithout(find);
  if (!isClean) survivors += 1;
  const seed = find?.seed ?? null;
  const night = seed === null ? '' : ` by night ${seed - Number(values.seed) + 1}`;
  const outcome = find === null ? 'NOT FOUND' : isClean ? `found${night}` : `NOT CLEAN WITHOUT IT${night}`;
  console.log(`${outcome}: ${mutation.name} (${mutation.about})`);
  if (find !== null) console.log(`  ${find.words.slice(0, 200)}`);
}
console.log(`${chosen.length - survivors} of ${chosen.length} found within ${values.nights} nights`);
rmSync(copy, { recursive: true, force: true });
process.exit(survivors === 0 ? 0 : 1);

// Proves that the simulator bites: `npm run simulate:mutations -- --nights N --seed S`. Each mend of mutations.ts is undone in a copy of
// what was built, and nights are played with it until one does not agree. Exits with 1 when a mutation lives through all of them.
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutations, type Mutation } from './mutations.ts';

const { values } = parseArgs({
  options: {
    nights: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const built = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const copy = `${built}-mutant`;

/** The night that found it; null: none did. */
function findNight({ file, from, to, name }: Mutation): string | null {
  const path = join(copy, 'src', file);
  const source = readFileSync(path, 'utf8');
  if (source.split(from).length !== 2) throw new Error(`${name}: expected once in ${file}: ${from}`);
  writeFileSync(
    path,
    source.replace(from, () => to),
  );
  try {
    const main = join(copy, 'test', 'simulator', 'main.js');
    const args = [main, '--nights', values.nights, '--seed', values.seed, '--failures', '1'];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status === 0) return null;
    const found = stdout.split('\n').find((line) => line.startsWith('seed '));
    // Code that cannot run is no fault that was found.
    if (/ReferenceError|SyntaxError/.test(stdout + stderr)) throw new Error(`${name}: ${found ?? stderr}`);
    return found ?? `it ended with ${stderr.trim().split('\n').at(-1) ?? ''}`;
  } finally {
    writeFileSync(path, source);
  }
}

rmSync(copy, { recursive: true, force: true });
cpSync(built, copy, { recursive: true });
const chosen = mutations.filter((one) => one.name.includes(values.only));
let survivors = 0;
for (const mutation of chosen) {
  const found = findNight(mutation);
  if (found === null) survivors += 1;
  console.log(`${found === null ? 'NOT FOUND' : 'found'}: ${mutation.name} (${mutation.about})`);
  if (found !== null) console.log(`  ${found.slice(0, 200)}`);
}
console.log(`${chosen.length - survivors} of ${chosen.length} found within ${values.nights} nights`);
rmSync(copy, { recursive: true, force: true });
process.exit(survivors === 0 ? 0 : 1);

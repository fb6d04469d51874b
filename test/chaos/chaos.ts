// Chaos by hand: `npm run chaos -- --seed N --runs M`. Plays the runs of the seeds N, N+1, ... and prints what was done and what did not
// agree. `--verbose` tells the story of each run; a seed that is printed reproduces its run alone: `--seed N --runs 1 --verbose`.
import { parseArgs } from 'node:util';
import { obeySignals } from '../support/end-with-us.ts';
import { playRun } from './play.ts';
import { describeTally, emptyTally } from './tally.ts';

obeySignals();
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '100' },
    verbose: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const runs = Number(values.runs);
const tally = emptyTally();
const startedMs = performance.now();
for (let seed = first; seed < first + runs; seed += 1) {
  const known = tally.mismatches.length;
  await playRun(seed, tally, (line) => {
    if (values.verbose) console.log(line);
  });
  for (const { what } of tally.mismatches.slice(known)) console.log(`seed ${seed}: ${what}`);
  if (tally.runs % 100 === 0) {
    console.error(`${tally.runs} runs, ${tally.hostRuns} host-runs, ${tally.mismatches.length} mismatches so far`);
  }
}
console.log(describeTally(tally, (performance.now() - startedMs) / 1000));
process.exit(tally.mismatches.length === 0 ? 0 : 1);

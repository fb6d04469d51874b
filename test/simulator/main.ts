// Nights by hand: `npm run simulate -- --nights N --seed S`. Plays the nights of the seeds S, S+1, ...; one that fails is made smaller and
// printed. `--story` tells what happened in each. A printed seed replays its night: `--seed S --nights 1 --story`. `--workers N` shares the
// seeds among N processes.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { obeySignals } from '../support/end-with-us.ts';
import { simulate } from './simulate.ts';
import { runWorkers, shareSeeds, tellCounts } from './workers.ts';

// A night is much code that is run seldom: V8 compiled it again and again, for more than a quarter of all processor time.
setFlagsFromString('--interrupt-budget=1000000');

const { values } = parseArgs({
  options: {
    nights: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    failures: { type: 'string', default: '10' },
    story: { type: 'boolean', default: false },
    workers: { type: 'string', default: '1' },
  },
});
const shares = shareSeeds(Number(values.seed), Number(values.nights), Number(values.workers));
if (shares.length > 1) {
  obeySignals();
  const others = ['--failures', values.failures, ...(values.story ? ['--story'] : [])];
  const tell = (line: string): void => {
    console.log(line);
  };
  process.exit((await runWorkers(fileURLToPath(import.meta.url), shares, others, tell)) ? 0 : 1);
}
let playing: number | null = null;
// What brings down the process is a mismatch too, and its night is named.
process.once('uncaughtException', (thrown) => {
  console.log(`seed ${playing}: nobody caught ${thrown.stack ?? thrown.message}`);
  process.exit(1);
});
const tally = await simulate({
  first: Number(values.seed),
  nights: Number(values.nights),
  maxFailures: Number(values.failures),
  tell: (line) => {
    console.log(line);
  },
  withStory: values.story,
  begins: (seed) => {
    playing = seed;
  },
});
const { nights, hostRuns, deaths, failed } = tally;
await tellCounts({ nights, hostRuns, deaths, mismatches: failed.length });
process.exit(failed.length === 0 ? 0 : 1);

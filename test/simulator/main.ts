// Nights by hand: `npm run simulate -- --nights N --seed S`. Plays the nights of the seeds S, S+1, ...; one that fails is made smaller and
// printed. `--story` tells what happened in each. A printed seed replays its night: `--seed S --nights 1 --story`.
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    nights: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    failures: { type: 'string', default: '10' },
    story: { type: 'boolean', default: false },
  },
});
const tally = await simulate({
  first: Number(values.seed),
  nights: Number(values.nights),
  maxFailures: Number(values.failures),
  tell: (line) => {
    console.log(line);
  },
  withStory: values.story,
});
process.exit(tally.failed.length === 0 ? 0 : 1);

// Chaos of joined runs by hand: `npm run chaos:state -- --seed N --rounds M`. Plays the nights of the seeds N, N+1, ... against a PostgreSQL server
// of its own and prints what was done to them and every fault, with its seed. `--hosts`, `--lease-ms` change a night; with `--back` its playbook
// rolls back all that was changed once some fail, and every server is to be as before in the end; `--verbose` tells the night.
import { parseArgs } from 'node:util';
import { startPostgres } from '../../interop/support/postgres.ts';
import { obeySignals } from '../../support/end-with-us.ts';
import { playNight } from './play-night.ts';

obeySignals();
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '10' },
    hosts: { type: 'string', default: '100' },
    'lease-ms': { type: 'string', default: '3000' },
    back: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const hosts = Number(values.hosts);
const size = {
  hosts,
  groups: Math.max(4, Math.ceil(hosts / 6)),
  concurrency: 24,
  leaseMs: Number(values['lease-ms']),
  goesBack: values.back,
};
const postgres = await startPostgres();
const startedMs = performance.now();
const troubles = new Map<string, number>();
let [hostRuns, events, faults] = [0, 0, 0];
try {
  for (let seed = first; seed < first + Number(values.rounds); seed += 1) {
    const night = await playNight(seed, size, postgres, (line) => {
      if (values.verbose) console.log(line);
    });
    hostRuns += night.hostRuns;
    events += night.events;
    faults += night.faults.length;
    for (const [kind, times] of Object.entries(night.troubles)) troubles.set(kind, (troubles.get(kind) ?? 0) + times);
    for (const { kind, what } of night.faults) console.log(`seed ${String(seed)}: ${kind}: ${what}`);
    if (night.faults.length > 0) for (const line of night.story) console.log(`  ${line}`);
    const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
    console.error(
      `seed ${String(seed)}: ${String(hostRuns)} host-runs, ${String(events)} records, ${String(faults)} faults after ${minutes} min`,
    );
  }
} finally {
  await postgres.dispose();
}
const done = [...troubles].map(([kind, times]) => `${String(times)} x ${kind}`).join(', ');
console.log(`${String(hostRuns)} host-runs, ${String(events)} records, ${done}: ${String(faults)} faults`);
process.exit(faults === 0 ? 0 : 1);

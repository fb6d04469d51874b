// The same nights on several processors: each worker is a process with a range of seeds of its own. It tells all that they tell, and what
// their counts come to.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endWithUs } from '../support/end-with-us.ts';

export interface Share {
  readonly first: number;
  readonly nights: number;
}

/** What a worker's nights came to. */
export interface Counts {
  readonly nights: number;
  readonly hostRuns: number;
  readonly deaths: number;
  readonly mismatches: number;
}

/** Null: that worker ended without telling. */
export function addUp(workers: readonly (Counts | null)[]): string {
  const told = workers.filter((one) => one !== null);
  const sum = (part: keyof Counts): number => told.reduce((total, one) => total + one[part], 0);
  const missing = workers.length - told.length;
  return (
    `${workers.length} workers: ${sum('nights')} nights, ${sum('hostRuns')} host-runs, ${sum('deaths')} deaths, ` +
    `${sum('mismatches')} nights with a mismatch${missing === 0 ? '' : `; ${missing} ended without a count`}`
  );
}

/** Neighbouring ranges, as even as they can be. */
export function shareSeeds(first: number, nights: number, workers: number): readonly Share[] {
  const shares: Share[] = [];
  for (let index = 0, from = first; index < workers; index += 1) {
    const size = Math.floor(nights / workers) + (index < nights % workers ? 1 : 0);
    if (size > 0) shares.push({ first: from, nights: size });
    from += size;
  }
  return shares;
}

/** Runs `main` once per share with its seeds and the other arguments. True: all agreed. */
export async function runWorkers(
  main: string,
  shares: readonly Share[],
  otherArguments: readonly string[],
  tell: (line: string) => void,
): Promise<boolean> {
  const runs = shares.map(
    ({ first, nights }) =>
      new Promise<Ended>((resolve) => {
        const seeds = ['--seed', String(first), '--nights', String(nights)];
        const child = spawn(process.execPath, [main, ...seeds, ...otherArguments], {
          stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
        });
        const forget = endWithUs(() => child.kill('SIGKILL'));
        let counts: Counts | null = null;
        child.on('message', (told) => {
          counts = told as Counts;
        });
        if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', tell);
        child.on('close', (code) => {
          forget();
          resolve({ agreed: code === 0, counts });
        });
      }),
  );
  const ended = await Promise.all(runs);
  tell(addUp(ended.map((one) => one.counts)));
  return ended.every((one) => one.agreed && one.counts !== null);
}

interface Ended {
  readonly agreed: boolean;
  readonly counts: Counts | null;
}

/** To the process that started this one as a worker, if one did. */
export async function tellCounts(counts: Counts): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.send === undefined) resolve();
    else
      process.send(counts, () => {
        resolve();
      });
  });
}

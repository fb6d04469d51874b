// The same nights on several processors: each worker is a process with a range of seeds of its own. It adds up what they tell.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Share {
  readonly first: number;
  readonly nights: number;
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
      new Promise<boolean>((resolve) => {
        const seeds = ['--seed', String(first), '--nights', String(nights)];
        const child = spawn(process.execPath, [main, ...seeds, ...otherArguments], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        createInterface({ input: child.stdout }).on('line', tell);
        child.on('close', (code) => {
          resolve(code === 0);
        });
      }),
  );
  return (await Promise.all(runs)).every((agreed) => agreed);
}

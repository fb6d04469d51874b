// A small chaos of joined runs in CI, always the same seeds; a large one by hand: `npm run chaos:state -- --seed N --rounds M`. What is judged is
// in test/chaos/state/find-faults.ts, which has tests of its own that it bites. And the one by hand leaves nothing behind when it is ended.
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { amount } from '../../support/amount.ts';
import { repository } from '../../support/cli.ts';
import { usePostgres } from '../support/use-postgres.ts';
import { playNight } from '../../chaos/state/play-night.ts';

const { suite, postgres } = await usePostgres();

const seeds = Array.from({ length: amount({ share: 1, ci: 1, all: 10 }) }, (_, index) => index + 1);
const size = { hosts: 24, groups: 4, concurrency: 12, leaseMs: 3000 };

suite('nights among crashes of the database, partitions, deaths and sleep', () => {
  test.each(seeds)(
    'seed %i: nothing that must not be, and every host at its goal',
    async (seed) => {
      const { faults, hostRuns, troubles, story } = await playNight(seed, size, postgres, () => undefined);
      expect(faults, story.join('\n')).toEqual([]);
      expect(hostRuns).toBeGreaterThanOrEqual(size.hosts);
      expect(Object.keys(troubles).length, 'the seed plays too little').toBeGreaterThan(2);
    },
    200_000,
  );

  test.each(seeds)(
    'seed %i, with a playbook that rolls back what others changed: every host as before',
    async (seed) => {
      const { faults, troubles, story } = await playNight(seed, { ...size, goesBack: true }, postgres, () => undefined);
      expect(faults, story.join('\n')).toEqual([]);
      expect(Object.keys(troubles).length, 'the seed plays too little').toBeGreaterThan(2);
    },
    200_000,
  );
});

suite('a chaos that is played by hand', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'and ended by %s leaves no process and no folder behind',
    async (signal, exitCode) => {
      // In the repository, for it finds its packages and the command line there.
      const main = join(repository, '.fencepost/interrupted', `chaos-state-${signal}.mjs`);
      const entry = join(repository, 'test/chaos/state/chaos-state.ts');
      await build({
        entryPoints: [entry],
        outfile: main,
        bundle: true,
        platform: 'node',
        format: 'esm',
        packages: 'external',
      });
      const folder = await mkdtemp(join(tmpdir(), 'fencepost-signal-'));
      // The server runs as another user where this is root.
      await chmod(folder, 0o755);
      const played = spawn(process.execPath, [main, '--rounds', '1', '--hosts', '8', '--verbose'], {
        env: { PATH: process.env['PATH'] ?? '', TMPDIR: folder },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let begun: readonly string[] = [];
      try {
        let printed = '';
        const ended = new Promise<number | null>((resolve) => played.once('exit', resolve));
        await new Promise<void>((resolve, reject) => {
          played.stdout.on('data', (text) => {
            printed += String(text);
            if (/^seed 1, /m.test(printed)) resolve();
          });
          played.stderr.on('data', (text) => (printed += String(text)));
          void ended.then(() => {
            reject(new Error(`it ended at once: ${printed}`));
          });
        });
        // The first trouble may be that the database is away.
        const isPlaying = (all: readonly string[]): boolean =>
          ['postgres', 'cli/main.js'].every((part) => all.filter((one) => one.includes(part)).length > 1);
        begun = await findDescendants(played.pid ?? -1);
        for (; !isPlaying(begun); begun = await findDescendants(played.pid ?? -1)) {
          if (played.exitCode !== null) throw new Error(`it ended before all was there: ${printed}`);
          await sleep(50);
        }
        // One that sleeps does not end by itself when all around it is gone.
        for (const one of begun) if (one.includes('cli/main.js')) signalProcess(one, 'SIGSTOP');
        played.kill(signal);
        expect([await ended, printed]).toEqual([exitCode, expect.not.stringMatching(/^seed 1: /m)]);
        // What was told to end takes a moment; what was not stays for minutes.
        const left = async (): Promise<readonly string[]> => {
          const now = new Set(await listProcesses());
          return begun.filter((one) => now.has(one));
        };
        for (let tries = 0; tries < 200 && (await left()).length > 0; tries += 1) await sleep(100);
        expect(await left()).toEqual([]);
        expect(await readdir(folder)).toEqual([]);
      } finally {
        played.kill('SIGKILL');
        const now = new Set(await listProcesses());
        for (const one of begun) if (now.has(one)) signalProcess(one, 'SIGKILL');
        await rm(folder, { recursive: true, force: true });
      }
    },
    120_000,
  );
});

/** `pid start-time command`: an id that is given out again is another process. */
async function listProcesses(parents = new Map<number, number>()): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => null);
      const command = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
      // Behind the name, which may hold anything: the state, the parent, and the 20th is when it began (proc(5)).
      const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
      if (fields.length === 0 || fields[0] === 'Z') return null;
      parents.set(Number(id), Number(fields[1]));
      return `${id} ${fields[19] ?? ''} ${command.replaceAll('\0', ' ')}`;
    }),
  );
  return found.filter((one) => one !== null);
}

async function findDescendants(of: number): Promise<readonly string[]> {
  const parents = new Map<number, number>();
  const all = await listProcesses(parents);
  const isBelow = (id: number | undefined): boolean =>
    id !== undefined && (parents.get(id) === of || isBelow(parents.get(id)));
  return all.filter((one) => isBelow(Number.parseInt(one, 10)));
}

function signalProcess(one: string, signal: NodeJS.Signals): void {
  try {
    process.kill(Number.parseInt(one, 10), signal);
  } catch {
    // It ended meanwhile.
  }
}

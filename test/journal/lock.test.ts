// One run per host at a time, between processes: the rivals are real ones. They run the lock as it is built.
import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLocks } from '../../src/journal/lock.ts';
import { deadAfterMs, identifyProcess, judgeLife, type LockHolder } from '../../src/journal/lock-holder.ts';
import { listLocks, removeLocks } from '../../src/journal/unlock.ts';
import { builtPart } from '../support/build.ts';
import { failureOf } from '../support/failure-of.ts';

const built = builtPart('journal/lock');
const host = { key: 'ex01:5985', label: 'ex01' };
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fencepost-lock-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function locksOf(run: string, takeovers: (LockHolder | null)[] = []) {
  return createLocks({
    directory,
    run,
    user: 'ops',
    now: () => '2026-12-05T22:00:00.000Z',
    onTakeover: (_, holder) => takeovers.push(holder),
  });
}

/** Node code with `locks` at hand, in a process of its own. */
function scriptOf(body: string): readonly string[] {
  const head = `
    import { createLocks } from ${JSON.stringify(built)};
    import * as fs from 'node:fs';
    const directory = ${JSON.stringify(directory)};
    const host = ${JSON.stringify(host)};
    const takeovers = [];
    const locks = createLocks({ directory, run: 'run-' + process.pid, user: 'rival', now: () => new Date().toISOString(),
      onTakeover: (label, holder) => takeovers.push(holder?.run ?? null) });
  `;
  return ['--input-type=module', '-e', head + body];
}

/** Runs to its end and gives back what it printed. */
function inProcess(body: string): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, scriptOf(body), { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.on('error', fail).on('close', () => {
      done(out);
    });
  });
}

/** Takes the lock in a process that dies without giving it back. */
function dieHolding(): number {
  const { pid, stdout } = spawnSync(process.execPath, scriptOf("await locks.acquire(host); console.log('held');"), {
    encoding: 'utf8',
  });
  expect(stdout).toBe('held\n');
  return pid;
}

/** The lock's file, and what stands in it. */
function lockFile(): { readonly file: string; readonly holder: LockHolder } {
  const [name = ''] = readdirSync(join(directory, 'locks')).filter((one) => /^(?!left\.).*\.lock/.test(one));
  const file = join(directory, 'locks', name);
  return { file, holder: JSON.parse(readFileSync(file, 'utf8')) as LockHolder };
}

describe('a lock', () => {
  test('is refused while this very process holds it, names the holder, and is free after release', async () => {
    const held = await locksOf('run-a').acquire(host);
    const failure = await failureOf(locksOf('run-b').acquire(host));
    expect(failure.code).toBe('run/host-locked');
    expect([failure.where, failure.message]).toEqual([
      'ex01',
      expect.stringContaining('being changed by run run-a of ops'),
    ]);
    expect(failure.message).toContain(`process ${process.pid}`);
    expect(failure.message).toContain('since 2026-12-05T22:00:00.000Z');
    await held.release();
    const again = await locksOf('run-b').acquire(host);
    await again.release();
    expect(readdirSync(join(directory, 'locks'))).toEqual([]);
  });

  test('of one host leaves another free, and upper case is the same host', async () => {
    const held = await locksOf('run-a').acquire(host);
    await (await locksOf('run-b').acquire({ key: 'ex02:5985', label: 'ex02' })).release();
    expect((await failureOf(locksOf('run-b').acquire({ key: 'EX01:5985', label: 'x' }))).code).toBe('run/host-locked');
    await held.release();
  });

  test('of a live process in another program is refused; given up, it is free', async () => {
    const child = spawn(
      process.execPath,
      scriptOf(
        "const held = await locks.acquire(host); console.log('held'); process.stdin.on('data', async () => { await held.release(); console.log('free'); process.exit(); });",
      ),
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const says = (): Promise<string> =>
      new Promise((said) =>
        child.stdout.once('data', (data: Buffer) => {
          said(data.toString());
        }),
      );
    expect(await says()).toBe('held\n');
    const failure = await failureOf(locksOf('run-b').acquire(host));
    expect(failure.message).toContain(`process ${child.pid ?? 0}`);
    const said = says();
    child.stdin.write('go');
    expect(await said).toBe('free\n');
    await (await locksOf('run-b').acquire(host)).release();
  });

  test('of a dead process is taken over, and that is said', async () => {
    const processId = dieHolding();
    const takeovers: (LockHolder | null)[] = [];
    const held = await locksOf('run-b', takeovers).acquire(host);
    expect(takeovers).toMatchObject([{ processId, run: `run-${processId}` }]);
    expect(lockFile().holder.run).toBe('run-b');
    await held.release();
    // What the dead one may have left on the host is kept until somebody has ended it (left/left-claims.ts).
    const [aside = '', ...others] = readdirSync(join(directory, 'locks'));
    expect(others).toEqual([]);
    expect(JSON.parse(readFileSync(join(directory, 'locks', aside), 'utf8'))).toMatchObject({
      run: `run-${processId}`,
    });
  });

  test('of a dead process whose number lives on in another is taken over: the start tells them apart', async () => {
    dieHolding();
    const { file, holder } = lockFile();
    expect(holder.processStart).not.toBeNull();
    writeFileSync(file, `${JSON.stringify({ ...holder, processId: process.pid })}\n`);
    const takeovers: (LockHolder | null)[] = [];
    await (await locksOf('run-b', takeovers).acquire(host)).release();
    expect(takeovers).toHaveLength(1);
  });

  test('of another machine cannot be asked after and counts as held', async () => {
    dieHolding();
    const { file, holder } = lockFile();
    writeFileSync(file, `${JSON.stringify({ ...holder, machine: 'another-machine', bootId: 'another-boot' })}\n`);
    const failure = await failureOf(locksOf('run-b').acquire(host));
    expect(failure.message).toContain('another-machine');
  });

  test('that cannot be opened may be a live one: it counts as held, and nothing is left of who was refused', async () => {
    const held = await locksOf('run-a').acquire(host);
    const { file } = lockFile();
    await held.release();
    mkdirSync(file);
    const takeovers: (LockHolder | null)[] = [];
    const failure = await failureOf(locksOf('run-b', takeovers).acquire(host));
    expect([failure.code, takeovers]).toEqual(['run/host-locked', []]);
    expect(failure.message).toMatch(/can't be read \(EISDIR\)/);
    expect(readdirSync(join(directory, 'locks'))).toHaveLength(1);
  });

  test('that cannot be written is a journal that cannot be written', async () => {
    writeFileSync(join(directory, 'file'), '');
    const locks = createLocks({
      directory: join(directory, 'file'),
      run: 'r',
      user: 'u',
      now: () => '',
      onTakeover: () => undefined,
    });
    expect((await failureOf(locks.acquire(host))).code).toBe('journal/unwritable');
  });
});

describe('a holder that cannot be asked', () => {
  const self = identifyProcess();
  const elsewhere = { ...self, run: 'r', label: 'ex01', user: 'ops', since: '' };
  const other = (differences: Partial<LockHolder>): LockHolder => ({ ...elsewhere, ...differences });

  test.each([
    ['this process', other({}), 'lives', 'lives'],
    ['a process id that may have been given out again', other({ processStart: null }), 'lives', 'silent'],
    ['a process of this boot and namespace that is gone', other({ processId: 2 ** 22 - 1 }), 'dead', 'dead'],
    ['the same under another hostname', other({ machine: 'renamed', processId: 2 ** 22 - 1 }), 'dead', 'dead'],
    ['another boot', other({ bootId: 'x' }), 'beats', 'silent'],
    ['another pid namespace of one hostname', other({ pidNamespace: 'pid:[1]' }), 'beats', 'silent'],
    ['a lock of a machine that has no boot id', other({ bootId: null, pidNamespace: null }), 'beats', 'silent'],
  ])('%s', (_, holder, fresh, old) => {
    expect(judgeLife(holder, deadAfterMs, self)).toBe(fresh);
    expect(judgeLife(holder, deadAfterMs + 1, self)).toBe(old);
  });

  test('where there is no boot id the hostname decides', () => {
    const plain = { ...self, bootId: null, pidNamespace: null };
    expect(judgeLife(other({ bootId: null, pidNamespace: null }), 0, plain)).toBe('lives');
    expect(judgeLife(other({ bootId: null, pidNamespace: null, machine: 'x' }), 0, plain)).toBe('beats');
  });

  test('keeps its lock while it beats, and loses it after the stated time; what is said names both', async () => {
    dieHolding();
    const { file, holder } = lockFile();
    writeFileSync(file, `${JSON.stringify({ ...holder, machine: 'job-1', bootId: 'x' })}\n`);
    const ago = (ms: number): void => {
      const at = new Date(Date.now() - ms);
      utimesSync(file, at, at);
    };
    ago(deadAfterMs - 5000);
    const failure = await failureOf(locksOf('run-b').acquire(host));
    expect(failure.message).toMatch(/on job-1 .*last sign of life was 29\d s ago \(dead after 300 s\)/);
    expect(failure.hint).toContain(`fencepost unlock ${holder.run}`);
    ago(deadAfterMs + 5000);
    const takeovers: (LockHolder | null)[] = [];
    await (await locksOf('run-b', takeovers).acquire(host)).release();
    expect(takeovers).toMatchObject([{ machine: 'job-1' }]);
  });

  test('gives signs of life, and its claim stays what it was', async () => {
    const locks = createLocks({
      directory,
      run: 'run-a',
      user: 'ops',
      now: () => '',
      onTakeover: () => undefined,
      beatMs: 20,
    });
    const held = await locks.acquire(host);
    const { file, holder } = lockFile();
    const old = new Date(0);
    utimesSync(file, old, old);
    while (statSync(file).mtimeMs === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(Date.now() - statSync(file).mtimeMs).toBeLessThan(60_000);
    expect(lockFile().holder).toEqual(holder);
    await held.release();
  });

  test('and is of a run that is unlocked loses every lock of that run, and no other', async () => {
    await locksOf('run-a').acquire(host);
    await locksOf('run-a').acquire({ key: 'ex02:5985', label: 'ex02' });
    const other = await locksOf('run-b').acquire({ key: 'ex03:5985', label: 'ex03' });
    const found = await listLocks(directory, 'run-a', Date.now(), { ...self, bootId: 'x' });
    expect(found.map((one) => [one.holder.label, one.life])).toEqual([
      ['ex01', 'beats'],
      ['ex02', 'beats'],
    ]);
    await removeLocks(found);
    await (await locksOf('run-c').acquire(host)).release();
    expect((await failureOf(locksOf('run-c').acquire({ key: 'ex03:5985', label: 'ex03' }))).code).toBe(
      'run/host-locked',
    );
    await other.release();
  });
});

/** A pid namespace of its own, as a container has; null where this machine permits none. */
const unshare = [
  ['--pid', '--fork', '--mount-proc', '--kill-child'],
  ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'],
].find((flags) => spawnSync('unshare', [...flags, 'true']).status === 0);

describe.runIf(unshare !== undefined)('two pid namespaces with one hostname', () => {
  test("do not take each other's live locks", async () => {
    const child = spawn(
      'unshare',
      [
        ...(unshare ?? []),
        process.execPath,
        ...scriptOf("await locks.acquire(host); console.log('held ' + process.pid); setInterval(() => {}, 1000);"),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const held = await new Promise<string>((said) =>
      child.stdout.once('data', (data: Buffer) => {
        said(data.toString());
      }),
    );
    const takeovers: (LockHolder | null)[] = [];
    const failure = await failureOf(locksOf('run-b', takeovers).acquire(host));
    // Its number there is another process here, or none.
    expect([held, failure.code, takeovers]).toEqual([expect.stringMatching(/^held \d{1,2}\n$/), 'run/host-locked', []]);
    expect(failure.message).toContain("can't be asked from here");
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
    // Killed like a container's job: until its heartbeat is old nobody can know.
    expect((await failureOf(locksOf('run-b', takeovers).acquire(host))).code).toBe('run/host-locked');
    const { file } = lockFile();
    const old = new Date(Date.now() - deadAfterMs - 1000);
    utimesSync(file, old, old);
    await (await locksOf('run-b', takeovers).acquire(host)).release();
    expect(takeovers).toHaveLength(1);
  });
});

// Each rival takes the lock, works, and leaves it as a dead process would, so that every turn is a takeover with many rivals.
const rival = `
  const oracle = directory + '/oracle';
  const dead = ${JSON.stringify({ processId: 2 ** 22 - 1, processStart: '1' })};
  const die = () => {
    for (const name of fs.readdirSync(directory + '/locks')) {
      const file = directory + '/locks/' + name;
      let holder;
      try { holder = JSON.parse(fs.readFileSync(file, 'utf8')); } catch { continue; }
      if (holder.processId !== process.pid) continue;
      // Not in the folder of locks: a rival would take it for a dead one, and remove it.
      const aside = directory + '/aside-' + process.pid;
      fs.writeFileSync(aside, JSON.stringify({ ...holder, ...dead }) + '\\n');
      fs.renameSync(aside, file);
    }
  };
  let turns = 0, clashes = 0, refused = 0;
  const until = Date.now() + 1500;
  while (Date.now() < until) {
    try { await locks.acquire(host); } catch (thrown) {
      if (thrown.code !== 'run/host-locked') throw thrown;
      refused += 1;
      await new Promise((go) => setTimeout(go, Math.random() * 20));
      continue;
    }
    try { fs.closeSync(fs.openSync(oracle, 'wx')); } catch { clashes += 1; }
    await new Promise((go) => setTimeout(go, 1));
    fs.rmSync(oracle, { force: true });
    turns += 1;
    die();
  }
  console.log(JSON.stringify({ turns, clashes, refused }));
`;

test('a takeover never gives two holders: 20 processes, every turn a dead lock', async () => {
  const told = await Promise.all(Array.from({ length: 20 }, () => inProcess(rival)));
  const results = told.map((text) => JSON.parse(text) as { turns: number; clashes: number; refused: number });
  const sum = (key: 'turns' | 'clashes' | 'refused'): number => results.reduce((total, one) => total + one[key], 0);
  expect(sum('clashes')).toBe(0);
  expect(sum('turns')).toBeGreaterThan(1);
  expect(sum('refused')).toBeGreaterThan(0);
});

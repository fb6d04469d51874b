// Debian's Wine with a Windows of its own (WINEPREFIX) in a temporary folder, and npm's real node.exe for it. Installs nothing, and ends only
// what runs in that prefix. Output goes to files: Node under Wine 8 takes no pipe for stdout (EBADF). Once in some hundred starts, on a busy
// machine, a process ended with 1 and not a word. So node.exe leaves a mark when it begins: without one Wine is tried again, for what never ran
// can't have failed; with one the failure is ours.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchNode } from './node-versions.ts';

const run = promisify(execFile);

export interface WineEnd {
  /** Wine hands on the low eight bits; null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WineOptions {
  /** Beside what Wine itself needs. */
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of this machine. */
  readonly cwd?: string;
  /** Default: 240 s, for a hang. */
  readonly timeoutMs?: number;
}

interface RunningWine {
  kill(): void;
  readonly ended: Promise<WineEnd>;
}

export interface Wine {
  /** Of this machine; goes away with everything in it. */
  readonly folder: string;
  /** `C:\\`, as this machine sees it. */
  readonly driveC: string;
  readonly localAppData: string;
  /** node.exe */
  readonly node: string;
  start(argv: readonly string[], options?: WineOptions): RunningWine;
  run(argv: readonly string[], options?: WineOptions): Promise<WineEnd>;
  close(): Promise<void>;
}

/** Null when Wine is there; with CI set its absence rejects instead. */
export async function missingWine(): Promise<string | null> {
  try {
    await run('wine', ['--version']);
    return null;
  } catch (cause) {
    const reason = 'no Wine: the packages wine and wine64 are not installed';
    if (process.env['CI'] !== undefined) throw new Error(reason, { cause });
    console.warn(`skipped: ${reason}`);
    return reason;
  }
}

/** A new Windows 10. */
export async function openWine(nodeMajor = 22): Promise<Wine> {
  const node = await fetchNode(nodeMajor, 'win-x64');
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'fencepost-wine-')));
  const prefix = join(folder, 'prefix');
  const driveC = join(prefix, 'drive_c');
  const base = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    // Without them the first start asks for Mono and Gecko.
    WINEDLLOVERRIDES: 'mscoree=;mshtml=',
  };
  let count = 0;
  const marking = join(folder, 'marking.cjs');
  await writeFile(marking, "require('node:fs').writeFileSync(process.env.NODE_HAS_BEGUN, '');");

  function start(given: readonly string[], { env = {}, cwd = folder, timeoutMs = 240_000 }: WineOptions = {}) {
    count += 1;
    const mark = join(folder, `begun-${String(count)}`);
    const [program, ...rest] = given;
    const argv = program === node ? [node, '--require', `Z:${marking}`, ...rest] : given;
    const files = ['stdout', 'stderr'].map((name) => join(folder, `${name}-${String(count)}`));
    let kill = (): void => undefined;
    const ended = (async (): Promise<WineEnd> => {
      const handles = await Promise.all(files.map((file) => open(file, 'wx')));
      const child = spawn('wine', argv, {
        cwd,
        env: { ...base, NODE_HAS_BEGUN: `Z:${mark}`, ...env },
        stdio: ['ignore', ...handles.map((handle) => handle.fd)],
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
      });
      kill = () => child.kill('SIGKILL');
      const exitCode = await new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      await Promise.all(handles.map((handle) => handle.close()));
      const [stdout = '', stderr = ''] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
      return { exitCode, stdout, stderr };
    })();
    return {
      kill: () => {
        kill();
      },
      ended,
      hasBegun: () => program !== node || existsSync(mark),
    };
  }

  async function runWine(argv: readonly string[], options?: WineOptions): Promise<WineEnd> {
    const running = start(argv, options);
    const end = await running.ended;
    if (running.hasBegun()) return end;
    if (end.exitCode === 0) throw new Error('node.exe ended well under Wine and left no mark');
    console.warn(`Wine ended with ${String(end.exitCode)} before node.exe began, and is tried again`);
    return start(argv, options).ended;
  }

  const wine: Wine = {
    folder,
    driveC,
    localAppData: join(driveC, 'users', userInfo().username, 'AppData/Local'),
    node,
    start,
    run: runWine,
    async close() {
      // Of this prefix only.
      await run('wineserver', ['-k', '-w'], { env: base }).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
  await run('wineboot', ['--init'], { env: base });
  await wine.run(['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f']);
  return wine;
}

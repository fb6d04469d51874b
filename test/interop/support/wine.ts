// Debian's Wine with a Windows of its own (WINEPREFIX) in a temporary folder, and npm's real node.exe for it. Installs nothing, and ends only
// what runs in that prefix. Output goes to files: Node under Wine 8 takes no pipe for stdout (EBADF).
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, open, readFile, realpath, rm } from 'node:fs/promises';
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

  function start(argv: readonly string[], { env = {}, cwd = folder, timeoutMs = 240_000 }: WineOptions = {}) {
    count += 1;
    const files = ['stdout', 'stderr'].map((name) => join(folder, `${name}-${String(count)}`));
    let kill = (): void => undefined;
    const ended = (async (): Promise<WineEnd> => {
      const handles = await Promise.all(files.map((file) => open(file, 'wx')));
      const child = spawn('wine', argv, {
        cwd,
        env: { ...base, ...env },
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
    };
  }

  const wine: Wine = {
    folder,
    driveC,
    localAppData: join(driveC, 'users', userInfo().username, 'AppData/Local'),
    node,
    start,
    run: (argv, options) => start(argv, options).ended,
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

// The virtual environment in which other people's WinRM clients and NTLM acceptors run: made once in `.venv/`, reused while
// requirements.txt stays the same. Based on Debian's own Python where there is one, because python3-gssapi (the door to
// gss-ntlmssp) is a Debian package and lives there. It installs no Debian package itself.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { underLock } from './shared/made-once.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const requirementsFile = `${root}test/interop/requirements.txt`;
const folder = `${root}.venv`;
const stampFile = `${folder}/requirements.sha256`;
const debianPython = '/usr/bin/python3';

export interface PythonVenv {
  /** Path of the interpreter. Its folder also holds the programs that the packages bring (`ansible`). */
  readonly python: string;
  readonly binFolder: string;
}

let made: Promise<PythonVenv> | undefined;

/** The environment, made when it isn't there yet. Rejects with pip's own words when a package can't be had. */
export function pythonVenv(): Promise<PythonVenv> {
  made ??= makeVenv();
  return made;
}

/**
 * For `test.skipIf`: null when the environment is there and can import `modules`, else the reason. With CI set a missing peer
 * rejects instead, so that no run passes by having skipped everything.
 */
export async function missingPeer(modules: readonly string[]): Promise<string | null> {
  try {
    const { python } = await pythonVenv();
    await run(python, ['-c', modules.map((name) => `import ${name}`).join('\n')]);
    return null;
  } catch (thrown) {
    const reason = `no Python peer (${modules.join(', ')}): ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    if (process.env['CI'] !== undefined) throw new Error(reason, { cause: thrown });
    console.warn(`skipped: ${reason}`);
    return reason;
  }
}

async function makeVenv(): Promise<PythonVenv> {
  const venv = { python: `${folder}/bin/python`, binFolder: `${folder}/bin` };
  const wanted = createHash('sha256')
    .update(await readFile(requirementsFile))
    .digest('hex');
  await underLock('python-venv', async () => {
    if (await isMade(wanted)) return;
    await rm(folder, { recursive: true, force: true });
    if (existsSync(debianPython)) await run(debianPython, ['-m', 'venv', '--system-site-packages', folder]);
    else await run('python3', ['-m', 'venv', folder]);
    const options = { maxBuffer: 16 * 1024 * 1024 };
    await run(venv.python, ['-m', 'pip', 'install', '--quiet', '-r', requirementsFile], options);
    await writeFile(stampFile, wanted);
  });
  return venv;
}

async function isMade(wanted: string): Promise<boolean> {
  return existsSync(stampFile) && (await readFile(stampFile, 'utf8')) === wanted;
}

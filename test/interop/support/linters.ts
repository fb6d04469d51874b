// actionlint (Go, built from clients/actionlint with the versions its go.sum pins) and zizmor (PyPI, pinned in requirements.txt), each over
// a folder of workflows. Neither asks the network.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonVenv } from './python-venv.ts';

const run = promisify(execFile);
const source = fileURLToPath(new URL('../clients/actionlint/', import.meta.url));

export interface Finding {
  readonly rule: string;
  readonly file: string;
  readonly message: string;
}

export interface Actionlint {
  lint(folder: string, files: readonly string[]): Promise<readonly Finding[]>;
  remove(): Promise<void>;
}

/** Rejects with the compiler's own words when a module can't be had. */
export async function buildActionlint(): Promise<Actionlint> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-actionlint-'));
  const program = join(folder, 'actionlint');
  await run('go', ['build', '-mod=readonly', '-o', program, '.'], {
    cwd: source,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  // What is installed here must not decide what is found.
  const options = ['-shellcheck=', '-pyflakes=', '-format', '{{json .}}'];
  return {
    async lint(workflows, files) {
      const text = await printed(program, [...options, ...files], workflows);
      const found = JSON.parse(text) as {
        readonly kind: string;
        readonly filepath: string;
        readonly message: string;
      }[];
      return found.map(({ kind, filepath, message }) => ({ rule: kind, file: filepath, message }));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** With every rule that zizmor has, those of its auditor included. */
export async function zizmor(folder: string): Promise<readonly Finding[]> {
  const { binFolder } = await pythonVenv();
  const options = ['--offline', '--no-config', '--persona=auditor', '--format=json', '--no-exit-codes', '.'];
  const found = JSON.parse(await printed(join(binFolder, 'zizmor'), options, folder)) as ZizmorFinding[];
  return found.map(({ ident, desc, locations }) => ({
    rule: ident,
    file: locations[0]?.symbolic.key.Local.verbatim_path.replace(/^\.\//, '') ?? '',
    message: desc,
  }));
}

interface ZizmorFinding {
  readonly ident: string;
  readonly desc: string;
  readonly locations: readonly {
    readonly symbolic: { readonly key: { readonly Local: { readonly verbatim_path: string } } };
  }[];
}

/** Its stdout, whatever it ends with: findings are an exit code too. Rejects when it could not be started. */
function printed(program: string, options: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, options, { cwd, maxBuffer: 2 ** 24 }, (failure, stdout, stderr) => {
      if (stdout === '') reject(new Error(`${program} printed nothing: ${stderr}`, { cause: failure }));
      else resolve(stdout);
    });
  });
}

// A stand-in for what runs CI jobs: the steps of a composite action as GitHub's runner takes them (inputs, step outputs, `if`, artifacts), and
// a job of a GitLab component (inputs, script, artifacts, dotenv). It knows the expressions that ours use and refuses the rest.
// Sources: GitHub's metadata syntax for actions; GitLab's CI/CD component syntax.
import { spawn } from 'node:child_process';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';

type Loose = { readonly [key: string]: unknown };

export interface JobEnd {
  readonly exitCode: number;
  readonly outputs: Readonly<Record<string, string>>;
  /** Names of the artifacts that were uploaded, in order. */
  readonly artifacts: readonly string[];
  readonly printed: string;
  readonly summary: string;
}

export interface JobPlace {
  /** Where the job works: a checkout. */
  readonly cwd: string;
  /** Where artifacts of the workflow are. */
  readonly artifacts: string;
  readonly env: Readonly<Record<string, string>>;
}

interface ActionStep {
  readonly id?: string;
  readonly if?: string;
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** `with` and `env` of the step that uses the action. */
export async function runAction(
  folder: string,
  given: Readonly<Record<string, string>>,
  place: JobPlace,
): Promise<JobEnd> {
  const action = parse(await readFile(join(folder, 'action.yml'), 'utf8')) as {
    readonly inputs: Readonly<Record<string, { readonly required?: boolean; readonly default?: string }>>;
    readonly outputs: Readonly<Record<string, { readonly value: string }>>;
    readonly runs: { readonly steps: readonly ActionStep[] };
  };
  const inputs: Record<string, string> = {};
  for (const [name, input] of Object.entries(action.inputs)) {
    const value = given[name] ?? input.default;
    if (value === undefined && input.required === true) throw new Error(`no input ${name}`);
    inputs[name] = value ?? '';
  }
  const known = new Map(Object.entries(inputs).map(([name, value]) => [`inputs.${name}`, value]));
  const outputFile = join(place.cwd, '.github-output');
  const summaryFile = join(place.cwd, '.github-summary');
  await writeFile(outputFile, '');
  await writeFile(summaryFile, '');
  let exitCode = 0;
  let printed = '';
  const artifacts: string[] = [];
  for (const step of action.runs.steps) {
    if (!isDue(step.if ?? 'true', known, exitCode === 0)) continue;
    if (step.run !== undefined) {
      const env = {
        ...place.env,
        ...Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, fill(value, known)])),
        GITHUB_ACTIONS: 'true',
        GITHUB_ACTION_PATH: folder,
        GITHUB_OUTPUT: outputFile,
        GITHUB_STEP_SUMMARY: summaryFile,
      };
      const ended = await runBash(step.run, place.cwd, env);
      printed += ended.printed;
      exitCode ||= ended.exitCode;
      for (const [name, value] of Object.entries(readPairs(await readFile(outputFile, 'utf8')))) {
        known.set(`steps.${step.id ?? ''}.outputs.${name}`, value);
      }
    } else if (step.uses?.startsWith('actions/upload-artifact@') === true) {
      const { name, path } = step.with as { readonly name: string; readonly path: string };
      await mkdir(join(place.artifacts, name), { recursive: true });
      await copyFile(join(place.cwd, path), join(place.artifacts, name, basename(path)));
      artifacts.push(name);
    } else if (step.uses?.startsWith('actions/download-artifact@') === true) {
      const { name } = step.with as { readonly name: string };
      const file = join(place.artifacts, name, 'tonight.plan');
      if (await isThere(file)) await copyFile(file, join(place.cwd, 'tonight.plan'));
      else exitCode = 1;
    } else throw new Error(`not known here: ${JSON.stringify(step)}`);
  }
  const outputs = Object.fromEntries(
    Object.entries(action.outputs).map(([name, { value }]) => [name, fill(value, known)]),
  );
  return { exitCode, outputs, artifacts, printed, summary: await readFile(summaryFile, 'utf8') };
}

/** `${{ name }}`; a name without a value is empty, as there. */
function fill(text: string, known: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => known.get(name) ?? '');
}

function isDue(condition: string, known: ReadonlyMap<string, string>, isGood: boolean): boolean {
  const parts = condition.split(' && ');
  return (isGood || parts.includes('always()')) && parts.every((part) => holds(part, known));
}

function holds(part: string, known: ReadonlyMap<string, string>): boolean {
  if (part === 'always()' || part === 'true') return true;
  const [, name, value] = /^([\w.-]+) == '([^']*)'$/.exec(part) ?? [];
  if (name === undefined) throw new Error(`not known here: ${part}`);
  return (known.get(name) ?? '') === value;
}

/** The jobs of a component with these inputs in place. */
export function readComponent(text: string, given: Readonly<Record<string, string>> = {}): Loose {
  const [head, body] = text.split(/^---$/m).map((part): unknown => parse(part));
  const { inputs } = (head as { readonly spec: { readonly inputs: Readonly<Record<string, { default?: string }>> } })
    .spec;
  const filled = JSON.stringify(body).replaceAll(/\$\[\[ inputs\.(\w+) \]\]/g, (_, name: string) => {
    const value = given[name] ?? inputs[name]?.default;
    if (value === undefined) throw new Error(`no input ${name}`);
    return value;
  });
  return JSON.parse(filled) as Loose;
}

/** One job, with the variables that a `dotenv` report of an earlier one left. */
export async function runGitlabJob(job: Loose, place: JobPlace): Promise<Omit<JobEnd, 'summary'>> {
  const {
    script,
    variables = {},
    artifacts = {},
  } = job as {
    readonly script: readonly string[];
    readonly variables?: Readonly<Record<string, string>>;
    readonly artifacts?: { readonly paths?: readonly string[]; readonly reports?: Readonly<Record<string, string>> };
  };
  const dotenv = await readFile(join(place.artifacts, 'plan.env'), 'utf8').catch(() => '');
  const env = { ...readPairs(dotenv), ...variables, ...place.env, GITLAB_CI: 'true' };
  const { exitCode, printed } = await runBash(script.join('\n'), place.cwd, env);
  const files = [...(artifacts.paths ?? []), ...Object.values(artifacts.reports ?? {})];
  const kept: string[] = [];
  for (const file of files) {
    if (!(await isThere(join(place.cwd, file)))) continue;
    await copyFile(join(place.cwd, file), join(place.artifacts, file));
    kept.push(file);
  }
  return { exitCode, printed, outputs: {}, artifacts: kept };
}

/** As both runners do: it ends at the first line that fails. */
function runBash(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: number; readonly printed: string }> {
  return new Promise((resolve, reject) => {
    const args = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script];
    const child = spawn('bash', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
    }
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ exitCode: code ?? -1, printed });
    });
  });
}

function readPairs(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^([\w-]+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]));
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

// CI recipes as docs/ci.md shows them, and what makes one unsafe to copy. Judges the text and the YAML only; what a CI service makes of it
// is for actionlint and zizmor (test/interop). Each rule returns what is wrong, in words.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readComponent } from './ci-runner.ts';

const repository = join(import.meta.dirname, '../..');

export interface Recipe {
  /** Where a reader puts it: `.github/workflows/x.yml`. */
  readonly file: string;
  readonly text: string;
}

type Loose = { readonly [key: string]: unknown };

/** The YAML fences of docs/ci.md, each with its place in the first line. */
export function readRecipes(): readonly Recipe[] {
  const markdown = readFileSync(join(repository, 'docs/ci.md'), 'utf8');
  const fences = [...markdown.matchAll(/^```yaml\n(.*?)^```/gms)].map((fence) => fence[1] ?? '');
  return fences.map((text) => ({ file: /^# (\S+\.yml)\n/.exec(text)?.[1] ?? '', text }));
}

/** The action and the component that the recipes use; the component with the defaults of its inputs. */
export function readShippedParts(): readonly Recipe[] {
  const files = ['.github/actions/fencepost/action.yml', '.gitlab/templates/fencepost.yml'];
  return files.map((file) => ({ file, text: readFileSync(join(repository, file), 'utf8') }));
}

/** The workflows of this repository itself. */
export function readWorkflows(): readonly Recipe[] {
  const folder = '.github/workflows';
  const files = readdirSync(join(repository, folder)).map((name) => `${folder}/${name}`);
  return files.map((file) => ({ file, text: readFileSync(join(repository, file), 'utf8') }));
}

export function findFaults({ file, text }: Recipe): readonly string[] {
  if (file.startsWith('.gitlab/templates/')) return findGitlabFaults(readComponent(text));
  const recipe = asObject(parse(text));
  if (file.startsWith('.github/actions/')) return [...findPins(text), ...findActionFaults(recipe)];
  const faults = text.match(/https?:\/\/\S*@/) === null ? [] : ['a secret in an address'];
  if (/\bcurl\b|\bwget\b|npx\b|npm i(nstall)?\b/.test(text)) faults.push('something fetched that no lock file pins');
  if (/npm ci(?!.*--ignore-scripts)/.test(text)) faults.push('npm ci runs scripts of packages');
  if (file.startsWith('.github/')) return [...faults, ...findGithubFaults(recipe, text)];
  if (file === '.gitlab-ci.yml') return [...faults, ...findGitlabFaults(recipe)];
  if (file.startsWith('azure-pipelines')) return [...faults, ...findAzureFaults(recipe, text)];
  return [...faults, `a recipe for nobody: ${file}`];
}

const ownAction = './.github/actions/fencepost';

function findPins(text: string): readonly string[] {
  return [...text.matchAll(/uses: ([^\s@]+)@?(\S*)(.*)/g)]
    .filter(([, action]) => action !== ownAction)
    .flatMap(([, action = '', version = '', note = '']) => [
      ...(/^[0-9a-f]{40}$/.test(version) ? [] : [`${action} is not pinned by a commit`]),
      ...(/^ # v\d+\.\d+\.\d+$/.test(note) ? [] : [`${action} does not say its version`]),
    ]);
}

function findActionFaults(action: Loose): readonly string[] {
  const steps = (asObject(action['runs'])['steps'] as Loose[] | undefined) ?? [];
  const runs = steps.map((step) => asText(step['run']));
  return [
    ...(runs.some((one) => one.includes('${{')) ? ['an expression inside a script'] : []),
    ...(JSON.stringify(action).includes('secrets.') ? ['a secret in an action'] : []),
    ...steps.flatMap(findStepFaults),
  ];
}

function findGithubFaults(workflow: Loose, text: string): readonly string[] {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  const events = typeof workflow['on'] === 'string' ? [workflow['on']] : Object.keys(asObject(workflow['on']));
  const isForStrangers = events.includes('pull_request');
  check(
    !events.some((one) => /_target$|^workflow_run$|^issue|_comment$/.test(one)),
    'an event that gives strangers secrets',
  );
  check(JSON.stringify(workflow['permissions']) === '{}', 'permissions of the workflow are not {}');
  check(!JSON.stringify(workflow['env'] ?? {}).includes('secrets.'), 'a secret for every job');
  check(!isForStrangers || !/secrets\b/.test(text), 'a secret for a pull request');
  faults.push(...findPins(text));
  for (const [name, value] of Object.entries(asObject(workflow['jobs']))) {
    const job = asObject(value);
    const where = `job ${name}`;
    const permissions = Object.entries(asObject(job['permissions']));
    check(job['permissions'] !== undefined, `${where} has no permissions of its own`);
    const isNarrow = ([key, right]: [string, unknown]): boolean =>
      `${key}: ${String(right)}` === 'contents: read' || (key === 'id-token' && job['environment'] === 'npm');
    check(permissions.every(isNarrow), `${where} may do more than read`);
    check(typeof job['timeout-minutes'] === 'number', `${where} has no time limit`);
    check(
      !isForStrangers || !JSON.stringify(job['runs-on']).includes('self-hosted'),
      `${where}: strangers on our runner`,
    );
    check(!isForStrangers || job['environment'] === undefined, `${where}: strangers in an environment`);
    check(!String(job['runs-on']).endsWith('latest'), `${where} runs on whatever is the latest`);
    check(!JSON.stringify(job['env'] ?? {}).includes('secrets.'), `${where}: a secret for every step`);
    const steps = (job['steps'] as Loose[] | undefined) ?? [];
    const runs = steps.map((step) => asText(step['run']));
    check(!runs.some((one) => one.includes('${{')), `${where}: an expression inside a script`);
    check(!JSON.stringify(steps).includes('secrets.') || job['environment'] !== undefined, `${where}: no environment`);
    const own = steps.filter((step) => step['uses'] === ownAction).map((step) => asObject(step['with']));
    const ownApply = own.find((one) => one['command'] === 'apply');
    if (ownApply !== undefined || runs.some((one) => /fencepost (apply|rollback|resume)/.test(one))) {
      check(job['environment'] === 'exchange-change', `${where}: a change that nobody approves`);
    }
    const applies = runs.findIndex((one) => one.includes('fencepost apply'));
    const checks = runs.findIndex((one) => one.includes('sha256sum --check'));
    check(applies < 0 || (job['needs'] === 'plan' && checks >= 0 && checks < applies), `${where}: whose plan is it?`);
    // The action compares the digest itself; whose it is stands here.
    const isOfPlan = ownApply?.['sha256'] === '${{ needs.plan.outputs.sha256 }}' && job['needs'] === 'plan';
    check(ownApply === undefined || isOfPlan, `${where}: whose plan is it?`);
    for (const step of steps) faults.push(...findStepFaults(step).map((one) => `${where}: ${one}`));
  }
  return faults;
}

function findStepFaults(step: Loose): readonly string[] {
  const uses = asText(step['uses']);
  const options = asObject(step['with']);
  if (uses.startsWith('actions/checkout@')) {
    return options['persist-credentials'] === false ? [] : ['the token is left on the disk'];
  }
  if (uses.startsWith('actions/setup-node@')) {
    const isExact = /^\d+\.\d+\.\d+$/.test(String(options['node-version']));
    const isCached = options['package-manager-cache'] !== false || options['cache'] !== undefined;
    return [...(isExact ? [] : ['any Node']), ...(isCached ? ['a cache that others can fill'] : [])];
  }
  if (!uses.startsWith('actions/upload-artifact@')) return [];
  const isKept = typeof options['retention-days'] !== 'number';
  return [...publishedFaults(String(options['path'])), ...(isKept ? ['an artifact for ever'] : [])];
}

function findGitlabFaults(pipeline: Loose): readonly string[] {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  check(!/PASSWORD|SECRET|TOKEN/.test(JSON.stringify(pipeline['variables'])), 'a secret in the file');
  for (const [name, value] of Object.entries(pipeline).filter(([key]) => !['variables', 'include'].includes(key))) {
    const job = asObject(value);
    const where = `job ${name}`;
    const rules = JSON.stringify(job['rules'] ?? null);
    const script = ((job['script'] as string[] | undefined) ?? []).join('\n');
    const isForStrangers = !rules.includes('CI_COMMIT_REF_PROTECTED');
    check(rules !== 'null', `${where} runs always`);
    check(typeof job['timeout'] === 'string', `${where} has no time limit`);
    check(!isForStrangers || job['tags'] === undefined, `${where}: strangers on our runner`);
    check(!isForStrangers || job['environment'] === undefined, `${where}: strangers in an environment`);
    check(!isForStrangers || !/fencepost (?!inventory)/.test(script), `${where}: strangers reach hosts`);
    check(isForStrangers || job['environment'] !== undefined, `${where}: no environment`);
    const { image } = job;
    check(image === undefined || /:\d+\.\d+\.\d+-/.test(asText(image)), `${where}: any image`);
    const artifacts = asObject(job['artifacts'] ?? { access: 'developer', expire_in: 'never made' });
    check(artifacts['access'] === 'developer', `${where}: artifacts for everybody`);
    check(artifacts['expire_in'] !== undefined, `${where}: an artifact for ever`);
    faults.push(...publishedFaults(JSON.stringify(artifacts['paths'] ?? null)).map((one) => `${where}: ${one}`));
    if (!/fencepost (apply|rollback|resume)/.test(script)) continue;
    check(rules.includes('"when":"manual"'), `${where}: a change that nobody approves`);
    check(asObject(job['environment'])['name'] === 'exchange-change', `${where}: a change that nobody approves`);
    const isChecked = /sha256sum --check[^]*fencepost apply/.test(script);
    check(JSON.stringify(job['needs']) === '["plan"]' && isChecked, `${where}: whose plan is it?`);
  }
  return faults;
}

function findAzureFaults(pipeline: Loose, text: string): readonly string[] {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  const isForStrangers = pipeline['pr'] !== 'none';
  check(pipeline['trigger'] === 'none' && pipeline['pr'] !== undefined, 'runs at every push');
  check(!/vmImage: \S*latest/.test(text), 'runs on whatever is the latest');
  check(!isForStrangers || !/group:|PASSWORD/.test(text), 'a secret for a pull request');
  check(!isForStrangers || !/mailnet|environment:/.test(text), 'strangers on our runner');
  check(!isForStrangers || !/fencepost (?!inventory)/.test(text), 'strangers reach hosts');
  const steps = collectSteps(pipeline);
  const checkouts = steps.filter((step) => step['checkout'] !== undefined);
  check(checkouts.length > 0, 'no step found');
  check(
    checkouts.every((step) => step['persistCredentials'] === false),
    'the token is left on the disk',
  );
  check(isForStrangers || text.includes("eq(variables['Build.Reason'], 'Schedule')"), 'runs always');
  for (const step of steps) {
    if (step['publish'] !== undefined) faults.push(...publishedFaults(asText(step['publish'])));
    check(step['task'] === undefined || /@\d+$/.test(asText(step['task'])), 'a task of any version');
  }
  if (!/fencepost (apply|rollback|resume)/.test(text)) return faults;
  const isApproved = /deployment: apply\n\s+environment: exchange-change/.test(text);
  check(isApproved && !/job: apply/.test(text), 'a change that nobody approves');
  check(/download: current[^]*sha256sum --check[^]*fencepost apply/.test(text), 'whose plan is it?');
  return faults;
}

/** Only these leave the runner. */
function publishedFaults(path: string): readonly string[] {
  const isKnown = /^(\["tonight\.plan"\]|tonight\.plan|verify\.xml|null|\S+\.tgz)$/.test(path);
  return isKnown ? [] : [`publishes ${path}`];
}

function collectSteps(value: unknown): readonly Loose[] {
  if (Array.isArray(value)) return value.flatMap(collectSteps);
  if (typeof value !== 'object' || value === null) return [];
  const here = value as Loose;
  const steps = (here['steps'] as Loose[] | undefined) ?? [];
  return [...steps, ...Object.entries(here).flatMap(([key, one]) => (key === 'steps' ? [] : collectSteps(one)))];
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function asObject(value: unknown): Loose {
  return typeof value === 'object' && value !== null ? (value as Loose) : {};
}

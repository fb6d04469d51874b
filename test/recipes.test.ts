// The CI recipes of docs/ci.md are safe to copy, as far as their text shows it; actionlint and zizmor say more in test/interop. Every rule
// is shown to bite by a recipe that breaks it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFaults, readRecipes, readShippedParts, readWorkflows } from './support/recipes.ts';

const recipes = [...readRecipes(), ...readShippedParts()];
const page = readFileSync(join(import.meta.dirname, '../docs/ci.md'), 'utf8');

function recipe(file: string): string {
  const found = recipes.find((one) => one.file.endsWith(file));
  if (found === undefined) throw new Error(`no recipe ${file}`);
  return found.text;
}

test('every recipe says where it goes, and each service has one for pull requests and one for changes', () => {
  expect(recipes.map((one) => one.file)).toEqual([
    '.github/workflows/exchange-ports.yml',
    '.github/workflows/exchange-ports-rollback.yml',
    '.github/workflows/exchange-ports-review.yml',
    '.gitlab-ci.yml',
    'azure-pipelines.yml',
    'azure-pipelines-review.yml',
    '.github/actions/fencepost/action.yml',
    '.gitlab/templates/fencepost.yml',
  ]);
});

describe.each([...recipes, ...readWorkflows()])('$file', (one) => {
  test('is safe to copy', () => {
    expect(findFaults(one)).toEqual([]);
  });
});

test('one action is pinned by one hash, on the page and in our own workflows', () => {
  const texts = [page, ...[...readShippedParts(), ...readWorkflows()].map((one) => one.text)].join('\n');
  const pins = [...texts.matchAll(/uses: (\S+)@([0-9a-f]+) # (\S+)/g)].map(([, action, hash, version]) =>
    [action, hash, version].join(' '),
  );
  const actions = new Set(pins.map((one) => one.split(' ')[0]));
  expect(actions.size).toBe(4);
  expect(new Set(pins).size).toBe(actions.size);
});

test('Jenkins publishes no state, and asks before it applies', () => {
  const groovy = /^```groovy\n(.*?)^```/ms.exec(page)?.[1] ?? '';
  expect(groovy).toMatch(/fencepost plan[^]*input message[^]*submitter[^]*fencepost apply/);
  expect(groovy).not.toMatch(/archiveArtifacts|stash/);
  // Above its stages a secret is everybody's.
  expect(groovy.slice(0, groovy.indexOf('stages'))).not.toContain('credentials(');
});

const main = 'workflows/exchange-ports.yml';
const review = 'exchange-ports-review.yml';
const azure = 'azure-pipelines.yml';
const azureReview = 'azure-pipelines-review.yml';
const gitlab = '.gitlab-ci.yml';
const component = 'templates/fencepost.yml';
const action = 'action.yml';
const broken: readonly (readonly [string, string, string | RegExp, string, string])[] = [
  ['a tag instead of a commit', main, /checkout@\S+/, 'checkout@v7', 'not pinned by a commit'],
  ['a commit without its version', main, ' # v7.0.1', '', 'does not say its version'],
  ['a token with every right', main, 'permissions: {}', 'permissions: write-all', 'are not {}'],
  ['a job with rights to write', main, '{ contents: read }', '{ contents: write }', 'may do more than read'],
  ['a job without permissions', main, '    permissions: { contents: read }\n', '', 'no permissions of its own'],
  ['the state as an artifact', action, 'path: verify.xml', 'path: state', 'publishes state'],
  ['an artifact without an end', action, ', retention-days: 5', '', 'an artifact for ever'],
  ['a secret for every job', main, 'env:\n', "env:\n  A: '${{ secrets.A }}'\n", 'a secret for every job'],
  ['a secret outside an environment', main, '    environment: exchange\n', '', 'no environment'],
  ['an apply that nobody approves', main, 'exchange-change #', 'exchange #', 'nobody approves'],
  ['a plan of another digest', main, /, sha256: [^}]*}}'/, '', 'whose plan'],
  [
    'an input inside a script of the action',
    action,
    'bash "$GITHUB',
    'bash ${{ inputs.command }} "$GITHUB',
    'an expression inside',
  ],
  ['an action of the action by a tag', action, /artifact@\S+/, 'artifact@v7', 'not pinned by a commit'],
  ['a token left on the disk', main, '        with: { persist-credentials: false }\n', '', 'left on the disk'],
  ['no end of a job', main, '    timeout-minutes: 60\n', '', 'no time limit'],
  ['an input inside a script', 'rollback.yml', '"$RUN"', '${{ inputs.run }}', 'an expression inside a script'],
  ['pull requests with rights', review, 'pull_request:', 'pull_request_target:', 'gives strangers secrets'],
  ['pull requests on our runner', review, 'ubuntu-24.04', '[self-hosted, mailnet]', 'strangers on our runner'],
  [
    'a secret for a pull request',
    review,
    '- run: npm',
    "- env: { A: '${{ secrets.A }}' }\n        run: npm",
    'a secret',
  ],
  ['the newest runner', review, 'ubuntu-24.04', 'ubuntu-latest', 'the latest'],
  ['scripts of packages', review, ' --ignore-scripts', '', 'runs scripts'],
  ['a program from anywhere', review, 'npm ci', 'npx fencepost', 'no lock file'],
  ['any Node', review, '24.11.1', '24', 'any Node'],
  ['merge requests on our runner', gitlab, '  image: node:24.11.1-bookworm\n', '  tags: [mailnet]\n', 'on our runner'],
  ['any image', gitlab, 'node:24.11.1-bookworm', 'node:latest', 'any image'],
  [
    'a plan of an unprotected branch',
    component,
    / && \$CI_COMMIT_REF_PROTECTED == "true"' }\]\n.*prepare/,
    "' }]\n  environment: { name: exchange",
    'strangers',
  ],
  ['the state as an artifact', component, 'paths: [tonight.plan]', 'paths: [state]', 'publishes'],
  ['artifacts for everybody', component, '    access: developer\n', '', 'for everybody'],
  ['an apply by itself', component, ', when: manual', '', 'nobody approves'],
  ['a plan of another digest', component, /.*sha256sum --check\n/, '', 'whose plan'],
  ['pull requests with secrets', azure, 'pr: none', 'pr: { branches: { include: [main] } }', 'a secret for a pull'],
  ['an apply that nobody approves', azure, 'deployment: apply', 'job: apply', 'nobody approves'],
  ['the state as an artifact', azure, 'publish: tonight.plan', 'publish: /var/lib/fencepost', 'publishes'],
  ['a token left on the disk', azure, '            persistCredentials: false\n', '', 'left on the disk'],
  ['pull requests on our runner', azureReview, '{ vmImage: ubuntu-24.04 }', 'mailnet', 'on our runner'],
  ['a host asked for a stranger', azureReview, 'fencepost inventory', 'fencepost plan', 'strangers reach hosts'],
];

test.each(broken)('%s in %s is a fault', (_, file, from, to, fault) => {
  const text = recipe(file).replace(from, to);
  expect(text).not.toBe(recipe(file));
  const { file: whole = '' } = recipes.find((one) => one.file.endsWith(file)) ?? {};
  expect(findFaults({ file: whole, text }).join('\n')).toContain(fault);
});

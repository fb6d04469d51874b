// The workflows for GitHub that docs/ci.md shows, and our own, by linters that are not ours. What they find in a recipe that was spoiled
// shows that they look.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRecipes, readWorkflows, type Recipe } from '../support/recipes.ts';
import { missingGo } from './support/go-client.ts';
import { buildActionlint, zizmor, type Actionlint } from './support/linters.ts';
import { missingPeer } from './support/python-venv.ts';

const withoutGo = await missingGo();
const withoutPython = await missingPeer(['requests']);
const workflows = [...readRecipes(), ...readWorkflows()].filter((one) => one.file.startsWith('.github/'));

/** In a folder as a repository has it, until `use` is done. */
async function withFolder<T>(files: readonly Recipe[], use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-recipes-'));
  try {
    for (const { file, text } of files) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    for (const name of ['actionlint.yaml', 'actions']) {
      await cp(join(import.meta.dirname, '../../.github', name), join(folder, '.github', name), { recursive: true });
    }
    // It looks for the root of a repository.
    await mkdir(join(folder, '.git'));
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function spoiled(from: string, to: string): readonly Recipe[] {
  return workflows.map(({ file, text }) => ({ file, text: text.replaceAll(from, to) }));
}

test('there are three for readers and one of ours', () => {
  expect(workflows).toHaveLength(4);
});

describe.skipIf(withoutGo !== null)('actionlint', () => {
  let actionlint: Actionlint;
  beforeAll(async () => {
    actionlint = await buildActionlint();
  });
  afterAll(() => actionlint.remove());

  const lint = (files: readonly Recipe[]) =>
    withFolder(files, (folder) =>
      actionlint.lint(
        folder,
        files.map((one) => one.file),
      ),
    );

  test('finds nothing', async () => {
    expect(await lint(workflows)).toEqual([]);
  });

  test.each([
    ['an output that no step gives', 'steps.plan.outputs', 'steps.other.outputs', 'expression'],
    ['an output that our action does not have', 'outputs.sha256 }}', 'outputs.digest }}', 'expression'],
    ['an input that our action does not have', '{ command: plan }', '{ comand: plan }', 'action'],
    ['a job that is not there', 'needs: plan', 'needs: planning', 'job-needs'],
    ['a key that GitHub does not know', 'timeout-minutes', 'timeout_minutes', 'syntax-check'],
  ])('finds %s', async (_, from, to, rule) => {
    expect((await lint(spoiled(from, to))).map((one) => one.rule)).toContain(rule);
  });
});

describe.skipIf(withoutPython !== null)('zizmor', () => {
  // A runner inside the mail network is the point of the recipes, and never a stranger's; jobs without a name of their own have their
  // key; a run's hosts are locked by Fencepost itself, and GitHub would drop a rollback that waits; our action is the one of the
  // checkout, named by its path as every runner knows it.
  const meant = ['self-hosted-runner', 'anonymous-definition', 'concurrency-limits', 'self-repository'];

  test('finds nothing but what is meant', async () => {
    const found = await withFolder(workflows, zizmor);
    expect(found.filter((one) => !meant.includes(one.rule))).toEqual([]);
    const ownRunners = new Set(found.filter((one) => one.rule === 'self-hosted-runner').map((one) => one.file));
    const names = ['exchange-ports.yml', 'exchange-ports-rollback.yml'];
    expect([...ownRunners].toSorted()).toEqual(names.map((name) => `.github/workflows/${name}`).toSorted());
  });

  test.each([
    ['a tag', '@3d3c42e5aac5ba805825da76410c181273ba90b1', '@v7', 'unpinned-uses'],
    ['every right', 'permissions: {}', 'permissions: write-all', 'excessive-permissions'],
    ['an event for strangers', '  pull_request:', '  pull_request_target:', 'dangerous-triggers'],
    ['an input in a script', '"$RUN"', '"${{ inputs.run }}"', 'template-injection'],
    ['a token left behind', 'persist-credentials: false', 'fetch-depth: 1', 'artipacked'],
    ['a secret for anybody', '    environment: exchange\n', '', 'secrets-outside-env'],
  ])('finds %s', async (_, from, to, rule) => {
    expect((await withFolder(spoiled(from, to), zizmor)).map((one) => one.rule)).toContain(rule);
  });
});

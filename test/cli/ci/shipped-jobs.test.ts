// The GitHub action and the GitLab component, carried out by a stand-in of their runners against the lab: what becomes of the servers, the
// outputs, the artifacts and the job itself.
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readComponent, runAction, runGitlabJob, type JobEnd, type JobPlace } from '../../support/ci-runner.ts';
import { mainScript, repository } from '../../support/cli.ts';
import { openLab, type TestLab } from '../../support/lab.ts';

const action = join(repository, '.github/actions/fencepost');
const component = await readFile(join(repository, '.gitlab/templates/fencepost.yml'), 'utf8');

let lab: TestLab;
let folder: string;
let place: JobPlace;

beforeEach(async () => {
  lab = await openLab([{ name: 'ex01' }, { name: 'ex02', language: 'de' }]);
  folder = await mkdtemp(join(tmpdir(), 'fencepost-job-'));
  place = {
    cwd: join(folder, 'checkout'),
    artifacts: join(folder, 'artifacts'),
    env: {
      HOME: folder,
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      FENCEPOST_STATE_DIR: lab.stateDirectory,
      FENCEPOST_PASSWORD: lab.password,
    },
  };
  for (const name of ['checkout/inventory', 'artifacts', 'bin']) await mkdir(join(folder, name), { recursive: true });
  const program = join(folder, 'bin/fencepost');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${mainScript}' "$@"\n`);
  await chmod(program, 0o755);
  const inventory = await readFile(lab.inventoryFile, 'utf8');
  const hosts = inventory.replace(/password:\n\s+file: password\n/, 'password: { env: FENCEPOST_PASSWORD }\n');
  await writeFile(join(place.cwd, 'inventory/hosts.yml'), hosts);
  await cp(join(repository, 'playbooks'), join(place.cwd, 'playbooks'), { recursive: true });
});
afterEach(async () => {
  await lab.close();
  await rm(folder, { recursive: true });
});

describe('the GitHub action', () => {
  const use = (given: Readonly<Record<string, string>>): Promise<JobEnd> => runAction(action, given, place);

  test('verify, plan, apply exactly that plan, verify', async () => {
    const before = lab.states();
    const drift = await use({ command: 'verify' });
    expect(drift, drift.printed).toMatchObject({ exitCode: 2, outputs: { 'exit-code': '2' }, artifacts: ['verify'] });
    expect(drift.summary).toContain('ex01');
    const plan = await use({ command: 'plan' });
    expect(plan, plan.printed).toMatchObject({ exitCode: 0, artifacts: ['plan'] });
    expect(lab.changedSince(before)).toEqual([]);
    const apply = await use({ command: 'apply', sha256: plan.outputs['sha256'] ?? '' });
    expect(apply, apply.printed).toMatchObject({ exitCode: 0, outputs: { 'exit-code': '0' }, artifacts: [] });
    expect(lab.changedSince(before)).toEqual(['ex01', 'ex02']);
    expect(await use({ command: 'verify' })).toMatchObject({ exitCode: 0, artifacts: ['verify'] });
    for (const { printed, summary } of [drift, plan, apply]) expect(printed + summary).not.toContain(lab.password);
  });

  test('what an earlier command left in the workspace never goes out as its own', async () => {
    expect(await use({ command: 'plan' })).toMatchObject({ exitCode: 0, artifacts: ['plan'] });
    await writeFile(join(place.cwd, 'verify.xml'), '<testsuites/>');
    for (const command of ['plan', 'verify']) {
      const nothing = await use({ command, limit: 'nobody' });
      expect(nothing, nothing.printed).toMatchObject({ exitCode: 1, artifacts: [], outputs: { sha256: '' } });
    }
  });

  test('applies no other plan, none without a digest, and knows no other command', async () => {
    const before = lab.states();
    await use({ command: 'plan', limit: 'ex01' });
    const wrong = 'a'.repeat(64);
    for (const [given, said] of [
      [{ command: 'apply', sha256: wrong }, 'is not the plan that was made'],
      [{ command: 'apply' }, 'apply needs sha256'],
      [{ command: 'rollback last; true' }, 'expected verify, plan or apply'],
      [{ command: 'plan', limit: '--force' }, '--force'],
    ] as const) {
      const refused = await use(given);
      expect(refused.exitCode, said).toBe(1);
      expect(refused.printed).toContain(said);
    }
    expect(lab.changedSince(before)).toEqual([]);
  });
});

describe('the GitLab component', () => {
  const jobs = readComponent(component, { state: 'STATE' }) as Readonly<
    Record<string, Readonly<Record<string, unknown>>>
  >;
  const runJob = (name: string): Promise<Omit<JobEnd, 'summary'>> => runGitlabJob(jobs[name] ?? {}, place);

  test('verify, plan, apply exactly that plan', async () => {
    const before = lab.states();
    expect(await runJob('verify')).toMatchObject({ exitCode: 2, artifacts: ['verify.xml'] });
    const plan = await runJob('plan');
    expect(plan, plan.printed).toMatchObject({ exitCode: 0, artifacts: ['tonight.plan', 'plan.env'] });
    expect(lab.changedSince(before)).toEqual([]);
    expect(await runJob('apply')).toMatchObject({ exitCode: 0 });
    expect(lab.changedSince(before)).toEqual(['ex01', 'ex02']);
  });

  test('applies no other plan', async () => {
    const before = lab.states();
    await runJob('plan');
    await writeFile(join(place.cwd, 'tonight.plan'), `${await readFile(join(place.cwd, 'tonight.plan'), 'utf8')}\n`);
    expect(await runJob('apply')).toMatchObject({ exitCode: 1 });
    expect(lab.changedSince(before)).toEqual([]);
  });
});

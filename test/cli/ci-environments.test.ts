// The environments of GitLab, Jenkins and Azure, with the variables that they set and no terminal: what is printed is plain text in order, no
// control and no workflow command of another system; one JSON document on stdout; JUnit where it is asked for.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { withLab } from '../support/lab.ts';

const gitlab = {
  CI: 'true',
  GITLAB_CI: 'true',
  CI_JOB_ID: '4711',
  CI_PIPELINE_ID: '815',
  CI_PROJECT_PATH: 'ops/exchange',
  CI_SERVER_URL: 'https://gitlab.example',
  TERM: 'xterm',
};
// Jenkins sets no CI of its own.
const jenkins = {
  JENKINS_URL: 'https://jenkins.example/',
  BUILD_NUMBER: '12',
  BUILD_URL: 'https://jenkins.example/job/exchange/12/',
  JOB_NAME: 'exchange',
  WORKSPACE: '/var/lib/jenkins/workspace/exchange',
};
const azure = { TF_BUILD: 'True', BUILD_BUILDID: '9', AGENT_NAME: 'agent', SYSTEM_TEAMPROJECT: 'ops' };

/** A control but the end of a line, or a command of GitHub, Azure or GitLab. */
const obeyed = /[^\n\P{Cc}]|^::|##\[|##vso\[|section_(?:start|end):/mu;

test.each([
  ['GitLab', gitlab],
  ['Jenkins', jenkins],
  ['Azure Pipelines', azure],
])('%s: verify, apply, and verify again', async (_, env) => {
  await withLab([{ name: 'ex01' }, { name: 'ex02', language: 'ja' }], async (lab) => {
    const from = ['-i', lab.inventoryFile];
    const before = await lab.run(['verify', ...from, '--junit', lab.path('before.xml')], { env });
    expect(before.exitCode).toBe(2);
    expect(await readFile(lab.path('before.xml'), 'utf8')).toContain('tests="2" failures="2" errors="0"');

    const asked = await lab.run(['apply', ...from], { env });
    expect([asked.exitCode, asked.stderr]).toEqual([1, expect.stringContaining('run/not-confirmed')]);
    const applied = await lab.run(['apply', ...from, '--yes', '--json'], { env });
    expect(applied.exitCode).toBe(0);
    expect(JSON.parse(applied.stdout)).toMatchObject({ schema: 'fencepost/run' });
    // A line for each batch and host, as they come.
    expect(applied.stderr).toMatch(/batch 1[^]*ex01[^]*batch 2[^]*ex02/i);

    const after = await lab.run(['verify', ...from, '--junit', lab.path('after.xml')], { env });
    expect(after.exitCode).toBe(0);
    expect(await readFile(lab.path('after.xml'), 'utf8')).toContain('tests="2" failures="0" errors="0"');
    const exported = await lab.run(['report', 'last', '--out', lab.path('run.html')], { env });
    expect(exported.stderr).toContain(`written to ${lab.path('run.html')}\n`);
    for (const { stdout, stderr } of [before, asked, applied, after, exported]) {
      expect(stdout).not.toMatch(obeyed);
      expect(stderr).not.toMatch(obeyed);
    }
  });
});

test('a link is written where the environment insists, and only around the name', async () => {
  await withLab([{ name: 'ex01' }], async (lab) => {
    await lab.run(['apply', '-i', lab.inventoryFile, '--yes']);
    const plain = await lab.run(['runs'], { env: gitlab });
    const linked = await lab.run(['runs'], { env: { ...gitlab, FORCE_HYPERLINK: '1' } });
    const [run = ''] = await lab.runs();
    expect(linked.stdout).toMatch(/\u001b\]8;;file:\/\/\/[^\u001b]*\/runs\/[^\u001b]*\u001b\\/);
    expect(linked.stdout.replaceAll(/\u001b\]8;;[^\u001b]*\u001b\\/g, '')).toBe(plain.stdout);
    expect(linked.stdout).toContain(`/runs/${run}\u001b\\${run}\u001b]8;;\u001b\\`);
  });
});

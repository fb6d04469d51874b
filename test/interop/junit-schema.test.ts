// Our JUnit against the schema of Jenkins' xunit plugin, which pytest carries in its sources, by a validator of another make. Two attributes
// of a case are no part of it and are named here: GitLab and annotating actions read `file` and `line`.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeJunit } from '../../src/report/ci/junit.ts';
import { hostileRunView, somePlanView, someRun, someRunView, viewEvents } from '../report/view/some-views.ts';
import { missingPeer, pythonVenv } from './support/python-venv.ts';

const run = promisify(execFile);
const missing = await missingPeer(['xmlschema']);
const sources = 'pytest-8.4.2';
const schemaPath = `${sources}/testing/example_scripts/junit-10.xsd`;
const validator = `
import sys, xmlschema
schema = xmlschema.XMLSchema(sys.argv[1])
print([error.reason for error in schema.iter_errors(sys.argv[2])])
`;
let folder: string;

beforeAll(async () => {
  if (missing !== null) return;
  folder = await mkdtemp(join(tmpdir(), 'fencepost-junit-'));
  const { python } = await pythonVenv();
  const package_ = ['--no-deps', '--no-binary', 'pytest', sources.replace('-', '==')];
  await run(python, ['-m', 'pip', 'download', '--quiet', '--dest', folder, ...package_]);
  await run('tar', ['xzf', join(folder, `${sources}.tar.gz`), '-C', folder, schemaPath]);
}, 600_000);
afterAll(async () => {
  if (missing === null) await rm(folder, { recursive: true, force: true });
});

async function findErrors(xml: string): Promise<string> {
  const { python } = await pythonVenv();
  const file = join(folder, 'junit.xml');
  await writeFile(file, xml);
  return (await run(python, ['-c', validator, join(folder, schemaPath), file])).stdout.trim();
}

const withoutOurs = (xml: string): string =>
  xml.replaceAll(/<testcase[^>]*>/g, (head) => head.replaceAll(/ (?:file|line)="[^"]*"/g, ''));

test.skipIf(missing !== null)('is valid: of a run, a plan, a verification, a run cut off, a hostile one', async () => {
  const { events, plan } = await someRun();
  const half = events.slice(0, Math.floor(events.length / 2));
  const views = [
    await someRunView(),
    await somePlanView(),
    await somePlanView('verify'),
    viewEvents(half, plan),
    await hostileRunView(),
  ];
  for (const view of views) expect(await findErrors(withoutOurs(writeJunit(view)))).toBe('[]');
});

test.skipIf(missing !== null)('the validator would find a fault', async () => {
  const xml = withoutOurs(writeJunit(await someRunView()));
  expect(await findErrors(xml.replace('<testsuites', '<testsuites skipped="0"'))).toContain('skipped');
});

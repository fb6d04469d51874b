// `plan --out --force` and an approval that comes while the new plan is written.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { approvalFolder } from '../../../src/cli/io/approvals/approval-files.ts';
import { savePlan } from '../../../src/cli/commands/plan/save-plan.ts';
import { planFileFormat } from '../../../src/plan/plan-file.ts';
import { failureOf } from '../../support/failure-of.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fencepost-save-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const start = `{"format":"${planFileFormat}"`;

async function writeOld(): Promise<string> {
  const file = join(folder, 'tonight.plan');
  await writeFile(file, `${start},"old":1}`);
  return file;
}

test('a plan that nobody approved is replaced', async () => {
  const file = await writeOld();
  await savePlan(file, [start, '}'], true);
  expect(await readFile(file, 'utf8')).toBe(`${start}}`);
});

test('a plan that is approved while the new one is written stays, and nothing else is left', async () => {
  const file = await writeOld();
  function* text(): Iterable<string> {
    yield start;
    mkdirSync(approvalFolder(file));
    yield '}';
  }
  const failure = await failureOf(savePlan(file, text(), true));
  expect([failure.code, failure.message]).toEqual([
    'usage/invalid',
    'this plan has approvals, and an approved plan is not replaced',
  ]);
  expect(await readFile(file, 'utf8')).toBe(`${start},"old":1}`);
  expect((await readdir(folder)).toSorted()).toEqual(['tonight.plan', 'tonight.plan.approvals'].toSorted());
});

test('nor is one that was approved before', async () => {
  const file = await writeOld();
  await mkdir(approvalFolder(file));
  expect((await failureOf(savePlan(file, [start], true))).message).toContain('has approvals');
});

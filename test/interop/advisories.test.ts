// Known advisories of what is installed with Fencepost, asked of the registry that npm uses here. One that serves none makes nothing fail,
// and is said in a line.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeAudit } from '../support/audit-report.ts';

const root = join(import.meta.dirname, '../..');

test('no package that is installed with Fencepost has a high or critical advisory', async () => {
  const stdout = await new Promise<string>((resolve) => {
    // It ends with 1 for advisories and for a registry without any alike: its report tells them apart.
    execFile('npm', ['audit', '--json', '--omit=dev', '--package-lock-only'], { cwd: root }, (_, printed) => {
      resolve(printed);
    });
  });
  const verdict = judgeAudit(stdout);
  if (verdict.kind === 'not-checked') console.warn(`advisories were not checked: ${verdict.reason}`);
  expect(verdict.kind === 'unsafe' ? verdict.packages : []).toEqual([]);
});

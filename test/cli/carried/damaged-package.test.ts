// A package of which a part is missing: one line and an exit code, no stack trace.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { mainScript } from '../../support/cli.ts';

test.each([
  { what: 'part', version: '1.0.0', word: 'runs', says: 'Cannot find module .*' },
  { what: 'version', word: '--version', says: 'its package.json has no version' },
])('a $what that is missing is said in one line', ({ version, word, says }) => {
  const folder = mkdtempSync(join(tmpdir(), 'fencepost-damaged-'));
  try {
    cpSync(dirname(dirname(mainScript)), join(folder, 'dist'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', version }));
    rmSync(join(folder, 'dist/cli/fencepost.js'));
    const env = { PATH: process.env['PATH'], HOME: folder };
    const ended = spawnSync(process.execPath, [join(folder, 'dist/cli/main.js'), word], {
      env,
      encoding: 'utf8',
    });
    expect([ended.status, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toMatch(
      new RegExp(`^error: Fencepost cannot be loaded, install it again; nothing was changed: ${says}\n$`),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

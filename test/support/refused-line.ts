// A command line that has to be refused before anything is read, asked or sent, so that the files and hosts it names need not be there.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCli } from './cli.ts';

/** In an empty folder, in which a refusal leaves nothing. `''` in the line is an empty word. What it says, in one line. */
export async function refusedLine(line: string, code = 'usage/invalid'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fencepost-refused-'));
  try {
    const args = line.split(' ').map((word) => (word === "''" ? '' : word));
    const state = { FENCEPOST_STATE_DIR: join(folder, 'state') };
    const { exitCode, stdout, stderr } = await runCli(args, { cwd: folder, env: state });
    expect([exitCode, stdout, await readdir(folder)]).toEqual([1, '', []]);
    expect(stderr).toContain(`[${code}]`);
    return stderr.replaceAll(/\s+/g, ' ');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

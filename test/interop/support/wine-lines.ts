// Command lines through Wine's cmd.exe, as WinRM starts them: `cmd /c LINE`, the line verbatim. One node.exe runs all of them, one after the
// other, for each start of Wine costs a second.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Wine } from './wine.ts';

export interface LineEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const program = `
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const [, , asked, answered] = process.argv;
const ends = JSON.parse(fs.readFileSync(asked, 'utf8')).map((line) => {
  const files = [1, 2].map((n) => answered + n);
  const fds = files.map((file) => fs.openSync(file, 'w'));
  const options = { windowsVerbatimArguments: true, stdio: ['ignore', ...fds], timeout: 60000 };
  const { status } = spawnSync('C:\\\\windows\\\\system32\\\\cmd.exe', ['/c ' + line], options);
  fds.forEach((fd) => fs.closeSync(fd));
  const [stdout, stderr] = files.map((file) => fs.readFileSync(file, 'latin1'));
  return { exitCode: status, stdout, stderr };
});
fs.writeFileSync(answered, JSON.stringify(ends));
`;

let count = 0;

export async function runLines(wine: Wine, lines: readonly string[]): Promise<readonly LineEnd[]> {
  count += 1;
  const [script, asked, answered] = ['js', 'asked', 'answered'].map((name) =>
    join(wine.folder, `${name}-${String(count)}.cjs`),
  );
  if (script === undefined || asked === undefined || answered === undefined) throw new Error('three names');
  await writeFile(script, program);
  await writeFile(asked, JSON.stringify(lines));
  const end = await wine.run([wine.node, script, asked, answered], { timeoutMs: 240_000 });
  if (end.exitCode !== 0) throw new Error(`the lines were not run: ${end.stderr}`);
  return JSON.parse(await readFile(answered, 'utf8')) as readonly LineEnd[];
}

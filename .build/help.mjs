// Lays out the help of the whole and of each command by yargs, as dist/ prints it, and keeps it as files: dist/help/fencepost-plan-80.txt.
// In a process of its own, for the command line takes over its streams. Other widths are laid out when they are asked for.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const dist = new URL('../dist/', import.meta.url);
const { runFencepost } = await import(new URL('cli/fencepost.js', dist));
mkdirSync(new URL('help/', dist));

// Without a terminal, and the widest there is.
for (const columns of [80, 100]) {
  process.stdout.columns = columns;
  const overview = await helpOf([]);
  keep('fencepost', columns, overview);
  for (const [, name] of overview.matchAll(/^ {2}fencepost ([a-z]+)/gm)) {
    keep(`fencepost-${name}`, columns, await helpOf([name]));
  }
}

/** yargs prints it by console.log. */
async function helpOf(words) {
  const printed = [];
  const { log } = console;
  console.log = (text) => printed.push(text);
  try {
    await runFencepost([...words, '--help']);
  } finally {
    console.log = log;
  }
  if (printed.length !== 1) throw new Error(`${fileURLToPath(dist)} prints no help of ${words.join(' ')}`);
  return printed[0];
}

function keep(name, columns, text) {
  writeFileSync(new URL(`help/${name}-${columns}.txt`, dist), text);
}

#!/usr/bin/env node
// The process: argv in, exit code out. The only place that ends it. Everything else is loaded after the compile cache is set up, and no
// `await` stands at the top level, for the single executable is CommonJS.
import { writeSync } from 'node:fs';
import { keepCompiledCode } from './carried/compile-cache.ts';
import { exitCodes } from './exit-codes.ts';
import { answerQuickly } from './help/quick-answer.ts';

/** Once a command runs, it may have changed something. */
let isLoaded = false;

async function start(): Promise<never> {
  const argv = process.argv.slice(2);
  if (answerQuickly(argv)) process.exit(exitCodes.done);
  keepCompiledCode();
  const { leaveLostTerminals, runFencepost } = await import('./fencepost.ts');
  isLoaded = true;
  const exitCode = await runFencepost(argv);
  leaveLostTerminals();
  process.exit(exitCode);
}

/** Only where the package is damaged, or what words a failure fails itself. */
function endWithout(thrown: unknown): never {
  const reason = thrown instanceof Error ? (thrown.message.split('\n', 1)[0] ?? '') : String(thrown);
  const what = isLoaded ? 'Fencepost failed' : 'Fencepost cannot be loaded, install it again; nothing was changed';
  try {
    writeSync(2, `error: ${what}: ${reason.replaceAll(/\p{C}/gu, '?')}\n`);
  } catch {
    // Nobody reads it.
  }
  process.exit(isLoaded ? exitCodes.someFailed : exitCodes.nothingDone);
}

start().catch(endWithout);

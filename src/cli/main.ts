#!/usr/bin/env node
// The process: argv in, exit code out. The only place that ends it. Everything else is loaded after the compile cache is set up, and no
// `await` stands at the top level, for the single executable is CommonJS.
import { keepCompiledCode } from './carried/compile-cache.ts';

async function start(): Promise<never> {
  keepCompiledCode();
  const [{ runFencepost }, { leaveLostTerminals }] = await Promise.all([
    import('./fencepost.ts'),
    import('./io/standard-streams.ts'),
  ]);
  const exitCode = await runFencepost(process.argv.slice(2));
  leaveLostTerminals();
  process.exit(exitCode);
}

void start();

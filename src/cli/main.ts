#!/usr/bin/env node
// The process: argv in, exit code out. The only place that ends it.
import { hideBin } from 'yargs/helpers';
import { leaveLostTerminals } from './io/standard-streams.ts';
import { runFencepost } from './fencepost.ts';

const exitCode = await runFencepost(hideBin(process.argv));
leaveLostTerminals();
process.exit(exitCode);

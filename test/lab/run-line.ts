// Runs a line on a simulated machine and gives back text, for the tests of this folder.
import { runCommandLine } from '../../src/lab/cmd/console.ts';
import { buildMachine } from '../../src/lab/scenario/build-machine.ts';
import type { Machine } from '../../src/lab/machine/machine.ts';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import type { Quirks } from '../../src/lab/machine/quirks.ts';
import { serverSpec } from '../../src/lab/scenario/server-spec.ts';
import type { ServerSpec } from '../../src/lab/scenario/server-spec.ts';

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export function runLine(machine: Machine, line: string, elevated = true): Ran {
  const result = runCommandLine(machine, line, { codePage: 65001, elevated });
  const decoder = new TextDecoder();
  return { stdout: decoder.decode(result.stdout), stderr: decoder.decode(result.stderr), exitCode: result.exitCode };
}

/** A machine without the usual rows and listeners, so that a test sees only what it made. */
export function bareMachine(
  differences: Partial<Omit<ServerSpec, 'quirks'>> = {},
  quirks: Partial<Quirks> = {},
): Machine {
  return buildMachine(
    serverSpec({ name: 'ex01', filler: false, ...differences, quirks: { ...usualQuirks, ...quirks } }),
  );
}

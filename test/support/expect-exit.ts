// Holds the exit code of a command against what it should be; when it differs, the failure shows what the command printed.
import { expect } from 'vitest';
import type { CliResult } from './cli.ts';

type Ended = Pick<CliResult, 'exitCode'> & Partial<Pick<CliResult, 'stdout' | 'stderr'>>;

export function expectExit({ exitCode, stdout = '', stderr = '' }: Ended, expected: number): void {
  const printed = stdout + stderr;
  expect({ exitCode, printed }).toEqual({ exitCode: expected, printed });
}

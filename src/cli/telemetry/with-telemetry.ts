// The work of a command within its span, whose end has the exit code and, of a failure, the code. It changes neither.
import { asFailure } from '../../model/failure.ts';
import { exitCodeOfFailure, exitCodes } from '../exit-codes.ts';
import { unlessInterrupted } from '../io/standard-streams.ts';
import { openTelemetry, type CommandEnd, type Telemetry } from './telemetry.ts';

/** `args`: as yargs made them, with the name of the command. */
export async function withTelemetry<T>(
  args: object,
  warn: (text: string) => void,
  work: (telemetry: Telemetry | null) => Promise<T>,
): Promise<T> {
  const telemetry = await openTelemetry({ env: process.env, command: commandOf(args), now: Date.now, warn });
  if (telemetry === null) return work(null);
  let end: CommandEnd = { exitCode: exitCodes.done, error: null };
  try {
    const result = await work(telemetry);
    // The convention for programs: what is not 0 is an error, named by its number unless a better name is known.
    if (typeof result === 'number' && result !== 0) end = { exitCode: result, error: String(result) };
    return result;
  } catch (thrown) {
    const failure = asFailure(thrown);
    end = { exitCode: exitCodeOfFailure(failure), error: failure.code };
    throw thrown;
  } finally {
    await unlessInterrupted(telemetry.end(end));
  }
}

function commandOf(args: object): string {
  const words: unknown = '_' in args ? args._ : [];
  return Array.isArray(words) ? String(words[0] ?? '') : '';
}

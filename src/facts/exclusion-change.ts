// A change to the exclusions and the look that follows it, in ONE command line: the tables say what the change did, so a step
// costs one command. The words and the exit code of the change are for the report; the tables decide.
import type { Gap } from '../model/facts.ts';
import type { ExclusionTable, Protocol } from '../model/host-state.ts';
import type { Answer } from '../model/world.ts';
import { writeScript } from '../windows/script.ts';
import type { ScriptPart } from '../windows/script.ts';
import { readAnswerParts } from './answer-parts.ts';
import { readTables, tableQuestions } from './exclusion-tables.ts';

/** `line` null: only look; then it is a question and may be asked. With a line it must be sent with `session.change`. */
export function writeExclusionChange(line: string | null, protocols: readonly Protocol[]): string {
  const questions = tableQuestions(protocols).map((one) => one.line);
  return writeScript(line === null ? questions : [line, ...questions]);
}

export interface ExclusionChangeResult {
  /** What the change printed; null when there was none. */
  readonly change: ScriptPart | null;
  readonly tables: readonly ExclusionTable[];
  readonly gaps: readonly Gap[];
}

/**
 * Reads the answer to `changeAndLook` with the same arguments. Throws Failure `answer/incomplete`, with effect `unknown` when
 * there was a change.
 */
export function readExclusionChange(
  answer: Answer,
  line: string | null,
  protocols: readonly Protocol[],
): ExclusionChangeResult {
  const questions = tableQuestions(protocols);
  const parts = readAnswerParts(answer, questions.length + (line === null ? 0 : 1), line !== null);
  const change = line === null ? null : (parts[0] ?? null);
  const { tables, gaps } = readTables(questions, line === null ? parts : parts.slice(1), null);
  return { change, tables, gaps };
}

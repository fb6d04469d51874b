// A change to the exclusions between two looks, in ONE command line: the tables say what the change did, so a step costs one command, and
// what the looks differ in the change did, not somebody else minutes before. The words of the change are for the report.
import type { Gap } from '../model/facts.ts';
import type { ExclusionTable, Protocol } from '../model/host-state.ts';
import type { Answer } from '../model/seams.ts';
import { splitCommand } from '../windows/exclusion-commands.ts';
import { prepareScript, writeScript } from '../windows/cmd/script.ts';
import type { Script, ScriptPart } from '../windows/cmd/script.ts';
import { readAnswerParts } from './answer-parts.ts';
import { readTables, exclusionQuestions } from './exclusion-tables.ts';

/** `line` null: only look; then it is a question and may be asked. With a line it must be sent with `session.change`. */
export function writeExclusionChange(line: string | null, protocols: readonly Protocol[], nonce: string): Script {
  const questions = exclusionQuestions(protocols).map((one) => one.line);
  const parts = line === null ? [] : [...splitCommand(line), ...questions];
  return writeScript(prepareScript([...questions, ...parts]), nonce);
}

export interface ExclusionChangeResult {
  /** What the change printed; null when there was none. */
  readonly change: ScriptPart | null;
  /** As they were right before the change; empty when there was none, or they could not be read. */
  readonly tablesBefore: readonly ExclusionTable[];
  readonly tables: readonly ExclusionTable[];
  readonly gaps: readonly Gap[];
}

/**
 * Reads the answer to `asked`, which `writeExclusionChange` made of the same line and protocols. Throws Failure `answer/incomplete`, with effect `unknown` when
 * there was a change.
 */
export function readExclusionChange(
  answer: Answer,
  asked: Script,
  line: string | null,
  protocols: readonly Protocol[],
): ExclusionChangeResult {
  const questions = exclusionQuestions(protocols);
  const count = questions.length;
  if (line === null) {
    return { change: null, tablesBefore: [], ...readTables(questions, readAnswerParts(answer, asked, false), null) };
  }
  const parts = readAnswerParts(answer, asked, true);
  const { tables, gaps } = readTables(questions, parts.slice(-count), null);
  const tablesBefore = readTables(questions, parts.slice(0, count), null).tables;
  return { change: joinParts(parts.slice(count, -count)), tablesBefore, tables, gaps };
}

/** What the parts of one command printed. Accepted: Windows took at least one of them, so what changed the command did. */
export function joinParts(parts: readonly ScriptPart[]): ScriptPart {
  const refused = parts.find((one) => one.exitCode !== 0)?.exitCode ?? 0;
  const isAccepted = parts.some((one) => one.exitCode === 0);
  return { text: parts.map((one) => one.text).join(''), exitCode: isAccepted ? 0 : refused };
}

// A dynamic range set between two looks, in ONE command line: what the looks differ in the command did, not somebody else minutes before.
// The words of the change are for the report.
import type { DynamicRangeStepData } from '../model/plan.ts';
import type { PortRange } from '../model/port-range.ts';
import type { Answer } from '../model/seams.ts';
import { readDynamicRange, showDynamicRange } from '../windows/dynamic-ports.ts';
import { prepareScript, writeScript, type Script, type ScriptPart } from '../windows/cmd/script.ts';
import { readAnswerParts } from './answer-parts.ts';

type Which = Pick<DynamicRangeStepData, 'family' | 'protocol'>;

/** `line` null: only look; then it is a question and may be asked. With a line it must be sent with `session.change`. */
export function writeDynamicRangeChange(line: string | null, { family, protocol }: Which, nonce: string): Script {
  const look = showDynamicRange(family, protocol);
  return writeScript(prepareScript(line === null ? [look] : [look, line, look]), nonce);
}

export interface DynamicRangeChange {
  /** What the change printed; null when there was none. */
  readonly change: ScriptPart | null;
  /** As it was right before the change; null: there was none, or it could not be read. */
  readonly before: PortRange | null;
  readonly range: PortRange | null;
}

/** Throws Failure `answer/incomplete`, with effect `unknown` when there was a change. */
export function readDynamicRangeChange(answer: Answer, asked: Script, line: string | null): DynamicRangeChange {
  const parts = readAnswerParts(answer, asked, line !== null);
  const read = (part: ScriptPart | undefined): PortRange | null => {
    if (part === undefined) return null;
    const reading = readDynamicRange(part.text, part.exitCode);
    return 'value' in reading ? reading.value : null;
  };
  if (line === null) return { change: null, before: null, range: read(parts[0]) };
  return { change: parts[1] ?? null, before: read(parts[0]), range: read(parts[2]) };
}

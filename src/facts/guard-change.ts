// A host's guard armed, called off or asked after, each in one command line, and what the host answered. It decides nothing.
import type { Answer } from '../model/seams.ts';
import {
  readGuardArming,
  readGuardCalling,
  readGuardTasks,
  listTasks,
  writeGuardArming,
  writeGuardCalling,
} from '../windows/guard.ts';
import { prepareScript, writeScript, type Script } from '../windows/cmd/script.ts';
import { readAnswerParts } from './answer-parts.ts';

export { writeGuardArming, writeGuardCalling };

/** Throws Failure `answer/incomplete` with effect `unknown`, as the next one does. */
export function readArming(answer: Answer, asked: Script): { readonly isArmed: boolean; readonly said: string } {
  const { taken, isArmed } = readGuardArming(readAnswerParts(answer, asked, true));
  return { isArmed, said: `${taken?.text ?? ''}${answer.stderr}` };
}

export function readCalling(answer: Answer, asked: Script): ReturnType<typeof readGuardCalling> {
  return readGuardCalling(readAnswerParts(answer, asked, true));
}

/** A question after all guards of a host. */
export function writeGuardList(nonce: string): Script {
  return writeScript(prepareScript([listTasks()]), nonce);
}

/** Null: the list could not be read. */
export function readGuardList(answer: Answer, asked: Script): readonly string[] | null {
  const [part] = readAnswerParts(answer, asked, false);
  return part === undefined ? null : readGuardTasks(part.text, part.exitCode);
}

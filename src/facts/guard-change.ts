// A host's guard armed, called off or asked after, each in one command line, and what the host answered. It decides nothing.
import type { Answer } from '../model/seams.ts';
import {
  isGuardTask,
  readGuardArming,
  readGuardCalling,
  readGuardTasks,
  listTasks,
  writeGuardArming,
  writeGuardCalling,
} from '../windows/guard.ts';
import { showRights, readRights } from '../windows/rights.ts';
import { prepareScript, writeScript, type Script } from '../windows/cmd/script.ts';
import { readAnswerParts } from './answer-parts.ts';

export { isGuardTask, writeGuardArming, writeGuardCalling };

/** Throws Failure `answer/incomplete` with effect `unknown`, as the next one does. */
export function readArming(answer: Answer, asked: Script): { readonly isArmed: boolean; readonly said: string } {
  const { taken, isArmed } = readGuardArming(readAnswerParts(answer, asked, true));
  return { isArmed, said: `${taken?.text ?? ''}${answer.stderr}` };
}

export function readCalling(answer: Answer, asked: Script): ReturnType<typeof readGuardCalling> {
  return readGuardCalling(readAnswerParts(answer, asked, true));
}

/** A question after all guards of a host, and whether this account is told of all tasks. */
export function writeGuardList(nonce: string): Script {
  return writeScript(prepareScript([showRights, listTasks()]), nonce);
}

/** Null: the list could not be read, or may not be whole. Whoever may not see a task is not told of it. */
export function readGuardList(answer: Answer, asked: Script): readonly string[] | null {
  const [rights, tasks] = readAnswerParts(answer, asked, false);
  if (rights === undefined || tasks === undefined) return null;
  const account = readRights(rights.text, rights.exitCode);
  const isWhole = 'value' in account && account.value === 'administrator';
  return isWhole ? readGuardTasks(tasks.text, tasks.exitCode) : null;
}

// An answer of the host cut into its parts, or the Failure that says it is not whole. It reads no part.
import { Failure } from '../model/failure.ts';
import type { Answer } from '../model/seams.ts';
import { readScript } from '../windows/cmd/script.ts';
import type { Script, ScriptPart } from '../windows/cmd/script.ts';

/**
 * The parts of an answer to a script. Throws Failure `answer/incomplete`; when the script had a change in it
 * the effect is unknown and the same request must not be sent again, else it may.
 */
export function readAnswerParts(answer: Answer, asked: Script, changing: boolean): readonly ScriptPart[] {
  const script = readScript(asked, answer.stdout);
  if ('parts' in script) return script.parts;
  throw new Failure('answer/incomplete', `the host's answer is incomplete: ${script.problem}`, {
    retry: changing ? 'never' : 'same-request',
    effect: changing ? 'unknown' : 'none',
    hint: changing
      ? 'collect the host again to see whether the change was made'
      : `try again; if it happens again, check that cmd.exe works for this account (it ended with exit code ${answer.exitCode})`,
  });
}

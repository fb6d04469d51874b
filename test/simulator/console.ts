// The lab's console without a wire: a line goes to the machine, its decoded answer comes back. A question that changed nothing is answered
// from memory for as long as the machine is as it was then: the lab prints the same. It spoils no answer (world.ts does).
import { runCommandLine } from '../../src/lab/cmd/console.ts';
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { Answer } from '../../src/model/seams.ts';

/** Per machine: the question without its session's nonce, and the machine's state -> the answer. */
const known = new WeakMap<Machine, Map<string, Answer>>();
/** What stands for the nonce in memory: no program prints it. */
const anyNonce = '\u0001';

const decoder = new TextDecoder();

/** A line that only asks, though an asked service may go one step on. */
export function askMachine(machine: Machine, line: string, nonce: string): Answer {
  const answers = known.get(machine) ?? new Map<string, Answer>();
  known.set(machine, answers);
  const before = stateOf(machine);
  const key = `${nonce === '' ? line : line.replaceAll(nonce, anyNonce)}\0${before}`;
  const same = answers.get(key);
  if (same !== undefined) return replaceIn(same, anyNonce, nonce);
  const answer = tellMachine(machine, line);
  if (stateOf(machine) === before) answers.set(key, replaceIn(answer, nonce, anyNonce));
  return answer;
}

/** As the shell would give it to the client: UTF-8, decoded. */
export function tellMachine(machine: Machine, line: string): Answer {
  const elevated = machine.rights === 'administrator';
  const { stdout, stderr, exitCode } = runCommandLine(machine, line, { codePage: 65001, elevated });
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), exitCode };
}

/** Everything of a machine that can change. */
function stateOf({ exclusions, dynamic, processes, sockets, services, nextProcessId }: Machine): string {
  return JSON.stringify([exclusions, dynamic, processes, sockets, services, nextProcessId]);
}

function replaceIn({ stdout, stderr, exitCode }: Answer, from: string, to: string): Answer {
  if (from === '') return { stdout, stderr, exitCode };
  return { stdout: stdout.replaceAll(from, to), stderr: stderr.replaceAll(from, to), exitCode };
}

// The lab's console without a wire: a line goes to the machine, its decoded answer comes back. A question that changed nothing is answered
// from memory for as long as the machine is as it was then: the lab prints the same. It spoils no answer (world.ts does).
import { runCommandLine } from '../../src/lab/cmd/console.ts';
import type { Machine } from '../../src/lab/machine/machine.ts';
import type { Answer } from '../../src/model/seams.ts';

/** The nonce of every line of a night: none of its mishaps gives an answer to another line than it was asked for. */
export const nonce = '5117a7ed0001';

/** Per machine: the state in which it is, when that is known, and in each state the answers to its questions. */
interface Memory {
  state: string | null;
  readonly answers: Map<string, Map<string, Answer>>;
}
const memories = new WeakMap<Machine, Memory>();

const decoder = new TextDecoder();

/** A line that only asks, though an asked service may go one step on. */
export function askMachine(machine: Machine, line: string): Answer {
  const memory = remember(machine);
  const before = (memory.state ??= stateOf(machine));
  const answers = memory.answers.get(before) ?? new Map<string, Answer>();
  memory.answers.set(before, answers);
  const same = answers.get(line);
  if (same !== undefined) return same;
  const answer = tellMachine(machine, line);
  memory.state = stateOf(machine);
  if (memory.state === before) answers.set(line, answer);
  return answer;
}

/** Whoever changes a machine otherwise than by `tellMachine` says so here. */
export function forgetState(machine: Machine): void {
  remember(machine).state = null;
}

function remember(machine: Machine): Memory {
  const memory = memories.get(machine) ?? { state: null, answers: new Map<string, Map<string, Answer>>() };
  memories.set(machine, memory);
  return memory;
}

/** As the shell would give it to the client: UTF-8, decoded. */
export function tellMachine(machine: Machine, line: string): Answer {
  forgetState(machine);
  const elevated = machine.rights === 'administrator';
  const { stdout, stderr, exitCode } = runCommandLine(machine, line, { codePage: 65001, elevated });
  return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), exitCode };
}

/** Everything of a machine that can change. */
function stateOf(machine: Machine): string {
  const { exclusions, dynamic, processes, sockets, services, nextProcessId, tasks, files, rights } = machine;
  const guards = tasks.map((one) => [one.path, one.dueAtMs]);
  return JSON.stringify([exclusions, dynamic, processes, sockets, services, nextProcessId, guards, files, rights]);
}

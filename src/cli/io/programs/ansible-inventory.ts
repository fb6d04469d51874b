// I/O: `ansible-inventory --list` for an inventory that only a program can read: a script, or a plugin's settings. Its time and output are
// bounded, it has no terminal to ask on, and what it could not read whole is refused: Ansible itself would go on without those hosts.
import type { InventoryProgram } from '../../../inventory/load-files.ts';
import { Failure } from '../../../model/failure.ts';
import { describeBytes } from '../../../files/read-input.ts';
import { helperEnvironment } from '../helper-environment.ts';
import { quoteOutput, runProgram } from './run-program.ts';

const program = 'ansible-inventory';
const longestMs = 120_000;
const mostLetters = 16 * 1024 * 1024;

/** Ansible's own settings, and where its Python is; scripts and plugins see no more than a credential helper does besides. */
const ansibleFamilies = ['ANSIBLE_', 'PYTHON', 'VIRTUAL_ENV', 'KRB5'];

export function createInventoryProgram(environment: NodeJS.ProcessEnv, timeoutMs = longestMs): InventoryProgram {
  const own = Object.entries(environment).filter(([name]) => ansibleFamilies.some((family) => name.startsWith(family)));
  const env = {
    ...helperEnvironment(environment),
    ...Object.fromEntries(own),
    ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: 'true',
    ANSIBLE_NOCOLOR: 'true',
  };
  return async (file) => {
    const argv = [program, '-i', file, '--list'];
    const end = await runProgram({ argv, input: [], env, timeoutMs, mostLetters, talk: null });
    if (end.kind === 'not-started') {
      throw new Failure('inventory/unreadable', `${program} is needed to read it and is not installed`, {
        hint: 'install ansible-core, or convert it elsewhere with: ansible-inventory -i FILE --list --yaml',
      });
    }
    if (end.kind === 'timed-out') {
      throw new Failure('inventory/unreadable', `${program} did not finish within ${timeoutMs / 1000} s`);
    }
    if (end.exitCode !== 0) {
      throw new Failure('inventory/unreadable', `${program} could not read it: ${quoteOutput(end.stderr)}`);
    }
    if (end.stdout.length >= mostLetters) {
      throw new Failure('inventory/unreadable', `${program} printed more than ${describeBytes(mostLetters)}`);
    }
    return end.stdout;
  };
}

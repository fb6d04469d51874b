// What `--join NAME` asks for, before anything is opened: a saved plan, a state that can be shared, and a name that all runners can give.
import { Failure } from '../../../model/failure.ts';
import type { StateArguments } from '../../options.ts';
import { nameState } from '../../state/name-state.ts';

interface JoinArguments extends Partial<StateArguments> {
  readonly join?: string | undefined;
  readonly plan?: string | undefined;
  readonly 'dry-run': boolean;
}

/** What can name a folder on every system, and a task of a host. */
const runName = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** The name of the run; null: it is not shared. Throws Failure `usage/invalid`. */
export function checkJoin(args: JoinArguments): string | null {
  const { join, plan } = args;
  if (join === undefined) return null;
  if (!runName.test(join) || join === 'last') {
    throw refuse(
      `--join: expected a name of lower-case letters, digits and -, up to 64 characters, got ${join}`,
      'all runners of a run give the same name: --join release-42',
    );
  }
  if (plan === undefined) {
    throw refuse(
      '--join needs a saved plan, the same for all runners',
      'fencepost plan --out FILE, then everywhere: fencepost apply FILE --join NAME',
    );
  }
  if (args['dry-run']) throw refuse('--join does not go with --dry-run', 'fencepost apply PLAN --dry-run');
  if (nameState(args, process.env).kind === 'database') return join;
  throw refuse(
    '--join needs a database as the state: runners on several machines share nothing else',
    'name it with --state postgres://USER@HOST/DATABASE or FENCEPOST_STATE (docs/state.md)',
  );
}

function refuse(message: string, hint: string): Failure {
  return new Failure('usage/invalid', message, { hint });
}

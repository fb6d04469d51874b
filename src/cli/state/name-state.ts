// Flags and environment -> which state is meant: a directory, or a database. PURE apart from the default directory. A flag wins over the
// environment, FENCEPOST_STATE over FENCEPOST_STATE_DIR.
import { readAddress, type DatabaseAddress } from '../../journal/postgres/address.ts';
import { Failure } from '../../model/failure.ts';
import { defaultStateDirectory } from '../io/state-directory.ts';
import type { StateArguments } from '../options.ts';

export type NamedState =
  | { readonly kind: 'files'; readonly directory: string }
  | {
      readonly kind: 'database';
      readonly address: DatabaseAddress;
      /** Where the password is, as it is written; null: where libpq has it. */
      readonly password: string | null;
      readonly warnings: readonly string[];
    };

/** Throws Failure `usage/invalid`. */
export function nameState(args: Partial<StateArguments>, env: NodeJS.ProcessEnv): NamedState {
  const { state: url, 'state-dir': directory } = args;
  if (url !== undefined && directory !== undefined) {
    throw new Failure('usage/invalid', '--state and --state-dir do not go together', {
      hint: 'name one place: a database with --state, or a directory with --state-dir',
    });
  }
  if (directory !== undefined) return { kind: 'files', directory };
  const named = url ?? env['FENCEPOST_STATE'] ?? '';
  if (named === '' && url === undefined) return { kind: 'files', directory: defaultStateDirectory() };
  const address = readAddress(named);
  const written = env['FENCEPOST_STATE_PASSWORD'] ?? '';
  const password = written === '' ? null : written;
  if (password !== null && address.password !== null) {
    throw new Failure('usage/invalid', 'a password in the address and FENCEPOST_STATE_PASSWORD do not go together', {
      hint: 'take the password out of the address',
    });
  }
  return { kind: 'database', address, password, warnings: listWarnings(address, url !== undefined) };
}

function listWarnings({ password, tls, host, place }: DatabaseAddress, isArgument: boolean): readonly string[] {
  const isHere = host === 'localhost' || host === '::1' || host.startsWith('127.');
  return [
    ...(password !== null && isArgument
      ? ['the password in --state can be read in the list of processes; put it into a file that PGPASSFILE names']
      : []),
    ...(tls === 'off' && !isHere
      ? [`sslmode=disable: whoever listens on the way to ${place} can read and change everything that is kept there`]
      : []),
  ];
}

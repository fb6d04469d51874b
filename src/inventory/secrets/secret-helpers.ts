// Secrets that another program keeps: a credential helper, or the desktop's keyring. What they printed is never in a Failure.
import { Failure } from '../../model/failure.ts';

/** How a credential helper ended. */
export type HelperResult =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string }
  | { readonly kind: 'not-started'; readonly reason: string }
  | { readonly kind: 'timed-out'; readonly afterMs: number };

/** The first program of the list and what became of it. Throws Failure `secret/missing`. */
export function readFromCommand(end: HelperResult, argv: readonly string[], username: string): string {
  const program = argv[0] ?? '';
  const fail = (reason: string, hint: string): Failure =>
    new Failure('secret/missing', `the password of ${username}: the credential helper ${program} ${reason}`, {
      hint,
    });
  if (end.kind === 'not-started')
    throw fail(`could not be started (${end.reason})`, 'name it by its full path in the inventory');
  if (end.kind === 'timed-out') {
    throw fail(
      `did not finish within ${end.afterMs / 1000} s`,
      'it runs without a terminal: make sure it does not wait for input',
    );
  }
  if (end.exitCode !== 0)
    throw fail(`failed with exit code ${end.exitCode}`, 'run it by hand: it must print the password and nothing else');
  const value = end.stdout.replace(/\r?\n$/, '');
  if (value === '') throw fail('printed nothing', 'run it by hand: it must print the password and nothing else');
  return value;
}

/** Throws Failure `secret/missing`. */
export async function readFromKeyring(
  lookUp: (name: string) => Promise<string | null>,
  name: string,
  username: string,
): Promise<string> {
  let value: string | null;
  try {
    value = await lookUp(name);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown reason';
    throw new Failure('secret/missing', `the password of ${username}: cannot read the keyring (${reason})`, {
      hint: 'it needs the optional package @napi-rs/keyring and an unlocked desktop keyring; elsewhere use { env: NAME } or { command: [...] }',
      cause,
    });
  }
  if (value !== null && value !== '') return value;
  throw new Failure(
    'secret/missing',
    `the password of ${username}: the keyring has no entry ${name} of service fencepost`,
    {
      hint: `store it, on Linux with: secret-tool store --label fencepost service fencepost username ${name}`,
    },
  );
}

// Flags that a command knows and that would do nothing beside others. They are refused: whoever types one relies on it. One that holds anyway
// (--yes where nothing is asked, --verbose beside --json) is none of these.
import { Failure } from '../../model/failure.ts';

/** `given`: by flag, whether it was given. `why`: what stands in the way, `with --dry-run, which starts no run`. Throws Failure `usage/invalid`. */
export function refuseIdle(given: Readonly<Record<string, boolean>>, why: string, hint: string): void {
  const idle = Object.keys(given).filter((flag) => given[flag] === true);
  const last = idle.at(-1);
  if (last === undefined) return;
  const before = idle.slice(0, -1);
  const words = before.length === 0 ? `${last} has` : `${before.join(', ')} and ${last} have`;
  throw new Failure('usage/invalid', `${words} no effect ${why}`, { hint });
}

interface RunFlags {
  readonly 'dry-run': boolean;
  readonly events: string | undefined;
  readonly deadline: string | undefined;
  readonly 'sign-key': string | undefined;
  /** Left out: the command does not have it. */
  readonly wait?: boolean;
}

/** What is about a run, beside a dry run. Throws Failure `usage/invalid`. */
export function refuseIdleInDryRun(args: RunFlags, more: Readonly<Record<string, boolean>> = {}): void {
  if (!args['dry-run']) return;
  const idle = {
    '--events': args.events !== undefined,
    '--deadline': args.deadline !== undefined,
    '--no-wait': args.wait === false,
    '--sign-key': args['sign-key'] !== undefined,
    ...more,
  };
  refuseIdle(idle, 'with --dry-run, which starts no run', 'leave it out of the dry run');
}

/** Whether a flag opens what ansible-vault encrypted. */
export function listVaultFlags(args: {
  readonly 'vault-password-file'?: readonly string[] | undefined;
  readonly 'vault-id'?: readonly string[] | undefined;
  readonly 'ask-vault-pass'?: boolean | undefined;
}): Readonly<Record<string, boolean>> {
  return {
    '--vault-password-file': args['vault-password-file'] !== undefined,
    '--vault-id': args['vault-id'] !== undefined,
    '--ask-vault-pass': args['ask-vault-pass'] === true,
  };
}

// A reference to a secret as it is written, `{ env: NAME }` -> where the secret is. PURE. The same forms everywhere: in an inventory, and in a
// setting of the environment. What it refers to is read when it is needed (secrets.ts).
import { parse } from 'yaml';
import { Failure } from '../../model/failure.ts';
import type { SecretRef } from '../../model/target.ts';
import { passwordSchema, type WrittenPassword } from '../schema.ts';

/** `resolvePath`: what a relative path is relative to. Nothing named means: ask. */
export function toSecretRef(
  { env, file, command, keyring }: Exclude<WrittenPassword, string>,
  resolvePath: (path: string) => string,
): SecretRef {
  if (env !== undefined) return { kind: 'env', name: env };
  if (file !== undefined) return { kind: 'file', path: resolvePath(file) };
  if (command !== undefined) return { kind: 'command', argv: command };
  if (keyring !== undefined) return { kind: 'keyring', name: keyring };
  return { kind: 'prompt' };
}

/** Of the setting `name`. Throws Failure `usage/invalid`, which never shows the text: it may be the secret itself. */
export function readSecretSetting(text: string, name: string): SecretRef {
  const read = passwordSchema.safeParse(parseOrNull(text));
  if (read.success && typeof read.data !== 'string') return toSecretRef(read.data, (path) => path);
  throw new Failure('usage/invalid', `${name}: expected where the password is, not the password`, {
    hint: `${name}='{ env: NAME }', '{ file: PATH }', '{ command: [PROGRAM, ARGUMENT] }', '{ keyring: NAME }' or '{ prompt: true }'`,
  });
}

function parseOrNull(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch {
    return null;
  }
}

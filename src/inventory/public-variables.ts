// The variables of a host as the rest of the house may see and print them: nothing in them that looks like a secret.
import { isSecretPath } from '../yaml/words.ts';
import { isMapping, vaultedMark, hideVaulted } from './variables.ts';
import type { Variable } from './variables.ts';

/** Stands where a secret was. */
export const hidden = '(hidden)';

/**
 * Plain values by name. Values that were encrypted, or whose own or enclosing key is called like a secret, are replaced, at any depth; so
 * is every variable in `secrets`: one that a password means, whatever it is called.
 */
export function hideSecrets(
  variables: ReadonlyMap<string, Variable>,
  secrets: ReadonlySet<string>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...variables].map(([name, { value, place }]) => {
      const shown = hideVaulted(value, place);
      return [name, secrets.has(name) && shown !== vaultedMark ? hidden : hideSecretsIn(name, shown)];
    }),
  );
}

function hideSecretsIn(key: string, value: unknown): unknown {
  if (value === vaultedMark) return value;
  if (isSecretPath([key])) return hidden;
  if (Array.isArray(value)) return value.map((one: unknown) => hideSecretsIn('', one));
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hideSecretsIn(name, one)]));
}

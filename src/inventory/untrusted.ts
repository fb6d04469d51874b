// An inventory that comes from others, a pull request for instance: which hosts there are, and nothing by which a secret is found, sent
// or shown to somebody else. Its hosts are reached as the protected inventory reaches the same listener. Pure.
import { Failure, type Issue } from '../model/failure.ts';
import type { Connection, Target } from '../model/target.ts';
import type { Inventory } from './inventory.ts';
import type { WinrmKey, WinrmSettings } from './schema.ts';

/** Who may have written an inventory: whoever runs this, or anybody. */
export type Trust = 'protected' | 'untrusted';

export interface Refusal {
  readonly key: WinrmKey;
  readonly message: string;
}

const secretKeys = [
  'client_certificate_file',
  'client_key_file',
  'client_pfx_file',
  'kerberos_keytab',
] as const satisfies readonly WinrmKey[];

/** The settings of one host that an untrusted inventory may not have. */
export function untrustedSettings(get: <K extends WinrmKey>(key: K) => WinrmSettings[K]): readonly Refusal[] {
  const refused: Refusal[] = [];
  const refuse = (isRefused: boolean, key: WinrmKey, message: string): void => {
    if (isRefused) refused.push({ key, message: `${message}; write it in the protected inventory (-i)` });
  };
  const password = get('password');
  const isAsked = typeof password === 'object' && 'prompt' in password;
  refuse(password !== undefined && !isAsked, 'password', 'an untrusted inventory names no password, nor where one is');
  for (const key of secretKeys) {
    refuse(get(key) !== undefined, key, 'an untrusted inventory names no key, certificate or keytab');
  }
  refuse(
    get('auth') === 'basic',
    'auth',
    'an untrusted inventory does not choose basic, which gives the password away',
  );
  refuse(get('ca_file') !== undefined, 'ca_file', 'an untrusted inventory does not say whom to trust');
  refuse(get('tls_fingerprint') !== undefined, 'tls_fingerprint', 'an untrusted inventory does not say whom to trust');
  refuse(
    get('certificate_validation') === 'ignore',
    'certificate_validation',
    'an untrusted inventory does not switch the check of certificates off',
  );
  return refused;
}

/**
 * The hosts of `untrusted`, with its groups and variables, each reached as `known`, the protected inventory, reaches that listener with
 * that account. Throws Failure `inventory/untrusted`, which lists the hosts whose listener and account `known` has not.
 */
export function reachAsProtected(untrusted: Inventory, known: Inventory): Inventory {
  const connections = new Map<string, Connection>();
  for (const { connection } of known.targets) {
    if (!connections.has(makeKey(connection))) connections.set(makeKey(connection), connection);
  }
  const byName = new Map(known.targets.map((one) => [one.name, one.connection]));
  const issues: Issue[] = [];
  const targets = untrusted.targets.flatMap((target): readonly Target[] => {
    const named = byName.get(target.name);
    const isSame = named !== undefined && makeKey(named) === makeKey(target.connection);
    const connection = isSame ? named : connections.get(makeKey(target.connection));
    if (connection === undefined) issues.push(unknownListener(target));
    return connection === undefined ? [] : [{ ...target, connection }];
  });
  if (issues.length > 0) throw unknownListeners(issues);
  return {
    ...untrusted,
    targets,
    warnings: [...known.warnings, ...untrusted.warnings],
    // Where the secrets of its hosts are found again.
    files: known.files,
    sha256: untrusted.sha256,
  };
}

/** Where a secret would go, and whose it is. */
function makeKey({ address, port, scheme, username, auth }: Connection): string {
  return JSON.stringify([address, port, scheme, username, auth]);
}

function unknownListener({ name, origin, connection }: Target): Issue {
  const { address, port, scheme, username, auth } = connection;
  const place = `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`;
  const message = `${name}: the protected inventory has no ${place} with account ${username} and ${auth}`;
  return { ...origin, message: message.replaceAll(/\p{C}/gu, '?') };
}

function unknownListeners(issues: readonly Issue[]): Failure {
  const count = issues.length === 1 ? 'one host' : `${issues.length} hosts`;
  return new Failure('inventory/untrusted', `the protected inventory does not have ${count} of the untrusted one`, {
    hint: 'add them to the protected inventory (-i), or take them out; no secret was read and nothing was sent',
    issues,
  });
}

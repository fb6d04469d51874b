// I/O: the domain this machine belongs to, as Windows or the configuration of Kerberos says it, and who is logged on. It asks no network,
// and what is no plain name is no guess. Sources: Windows' USERDNSDOMAIN; krb5.conf(5), libdefaults, default_realm.
import { userInfo } from 'node:os';
import { readInput } from '../../../files/read-input.ts';

export interface GuessedDomain {
  /** In capitals, as Kerberos writes it. */
  readonly realm: string;
  /** The variable or the file that says so. */
  readonly from: string;
  /** `user@REALM`; null where whoever is logged on is nobody of that domain, as root is. */
  readonly account: string | null;
}

/** What distributions and manuals write there before anybody has set it. */
const placeholders = ['ATHENA.MIT.EDU', 'EXAMPLE.COM', 'EXAMPLE.ORG'];

/** KRB5_CONFIG may name a pipe or a device, and no guess is worth waiting for. */
const limits = { maxBytes: 1024 * 1024, silenceMs: 1_000 };

/** Null where nothing says so. Never rejects. */
export async function guessDomain(): Promise<GuessedDomain | null> {
  const { env, platform } = process;
  if (platform === 'win32') return describeDomain(env['USERDNSDOMAIN'] ?? '', 'USERDNSDOMAIN');
  const named = env['KRB5_CONFIG'] ?? '';
  for (const file of (named === '' ? '/etc/krb5.conf' : named).split(':')) {
    const text = await readInput(file, limits).then(String, () => '');
    const guessed = describeDomain(readDefaultRealm(text), file);
    if (guessed !== null) return guessed;
  }
  return null;
}

/** PURE. Empty where krb5.conf names none. */
function readDefaultRealm(text: string): string {
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    section = /^\s*\[(\w+)\]/.exec(line)?.[1] ?? section;
    const found = /^\s*default_realm\s*=\s*(\S+)\s*$/.exec(line)?.[1];
    if (section === 'libdefaults' && found !== undefined) return found;
  }
  return '';
}

/** What is written into a file must be a name and nothing more. */
function describeDomain(name: string, from: string): GuessedDomain | null {
  const realm = name.toUpperCase();
  if (!/^[A-Z0-9-]+(?:\.[A-Z0-9-]+)+$/.test(realm) || placeholders.includes(realm)) return null;
  const user = readUser();
  return { realm, from, account: user === null ? null : `${user}@${realm}` };
}

/** Of `CORP\anna` and `anna@corp.example` the name alone. */
function readUser(): string | null {
  try {
    const user = userInfo().username.replace(/^.*\\/, '').replace(/@.*$/, '');
    return /^[A-Za-z0-9][\w.-]*$/.test(user) && !['root', 'SYSTEM'].includes(user) ? user : null;
  } catch {
    // A container's user may have no name.
    return null;
  }
}

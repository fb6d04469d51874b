// Settings that are written and have no effect in the connection of their host: a CA file over http, a PEM file beside a PFX file. Taken in
// silence, whoever wrote them would believe that they count. Only what is harmless stands here: what would be unsafe, or can't work,
// is refused by model/connection-rules.ts. Pure. With auth ntlm kerberos_service and kerberos_hostname do count: NTLM names its target by them
// (winrm/auth/logon.ts).
import { explainNoKerberos } from '../../model/connection-rules.ts';
import type { Connection } from '../../model/target.ts';
import type { WinrmKey, WinrmSettings } from '../schema.ts';

export interface IdleSetting {
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
  /** Of the settings that make it so those that are written; none: a default does. */
  readonly because: readonly WinrmKey[];
}

/** What the settings come to. `username`: undefined where none is given. */
export interface ResolvedSettings extends Pick<Connection, 'scheme' | 'auth' | 'address'> {
  readonly username: string | undefined;
}

type Get = <K extends WinrmKey>(key: K) => WinrmSettings[K];
type Judge = (get: Get, resolved: ResolvedSettings) => IdleSetting | null;

/** By setting; those that are not here count in every connection, or are refused where they can't. */
const judges: Readonly<Partial<Record<WinrmKey, Judge>>> = {
  ca_file: (get, resolved) => judgeOverHttp(get, resolved) ?? judgePinned(get) ?? judgeIgnored(get),
  // Beside a fingerprint, and where any certificate will do, the server is still told this name (SNI).
  tls_server_name: judgeOverHttp,
  tls_min_version: judgeOverHttp,
  certificate_validation: (get, resolved) =>
    judgeOverHttp(get, resolved) ?? (get('certificate_validation') === 'validate' ? judgePinned(get) : null),
  client_certificate_file: (get, { auth }) => (auth === 'certificate' ? judgeBesidePfx(get) : null),
  client_key_file: judgeKeyFile,
  kerberos_service: judgeKerberosName,
  kerberos_hostname: judgeKerberosName,
  kerberos_keytab: judgeKeytab,
  password: (get, { auth }) =>
    auth === 'kerberos' && get('kerberos_keytab') !== undefined
      ? idle('beside kerberos_keytab with auth: kerberos', 'leave one of them out', ['kerberos_keytab'])
      : null,
};

export const judgedKeys = Object.keys(judges) as readonly WinrmKey[];

/** Null: the setting, which is written, counts. */
export function judgeSetting(key: WinrmKey, get: Get, resolved: ResolvedSettings): IdleSetting | null {
  return judges[key]?.(get, resolved) ?? null;
}

function judgeOverHttp(get: Get, { scheme }: ResolvedSettings): IdleSetting | null {
  if (scheme === 'https') return null;
  const because = written(get, 'scheme');
  return idle(
    'over http',
    'write scheme: https, or leave it out',
    because.length === 0 ? written(get, 'port') : because,
  );
}

function judgePinned(get: Get): IdleSetting | null {
  if (get('tls_fingerprint') === undefined) return null;
  return idle('beside tls_fingerprint, which alone decides', 'leave one of them out', ['tls_fingerprint']);
}

function judgeIgnored(get: Get): IdleSetting | null {
  if (get('certificate_validation') !== 'ignore') return null;
  const because = ['certificate_validation'] as const;
  return idle('with certificate_validation: ignore, which accepts any certificate', 'leave one of them out', because);
}

function judgeBesidePfx(get: Get): IdleSetting | null {
  if (get('client_pfx_file') === undefined) return null;
  return idle('beside client_pfx_file', 'leave one of them out', ['client_pfx_file']);
}

function judgeKeyFile(get: Get, { auth }: ResolvedSettings): IdleSetting | null {
  const hasCertificate = get('client_certificate_file') !== undefined;
  const fix = 'write client_certificate_file too, or leave it out';
  if (auth === 'certificate') {
    return judgeBesidePfx(get) ?? (hasCertificate ? null : idle('without client_certificate_file', fix, []));
  }
  // Beside either certificate it is refused with it.
  if (hasCertificate || get('client_pfx_file') !== undefined) return null;
  return idle(`with auth: ${auth}`, 'it is for auth: certificate; leave it out', written(get, 'auth'));
}

function judgeKerberosName(get: Get, { auth }: ResolvedSettings): IdleSetting | null {
  if (auth !== 'basic' && auth !== 'certificate') return null;
  return idle(`with auth: ${auth}`, 'it is for auth: negotiate, kerberos and ntlm; leave it out', written(get, 'auth'));
}

/** With any other auth it is refused. */
function judgeKeytab(get: Get, { auth, address, username }: ResolvedSettings): IdleSetting | null {
  if (auth !== 'negotiate' || username === undefined) return null;
  const hostname = get('kerberos_hostname') ?? null;
  const without = explainNoKerberos({ address, username, hostname, isFromCache: false });
  if (without === null) return null;
  const fix =
    without.setting === 'address'
      ? 'write kerberos_hostname, or a name as address'
      : 'write username: user@REALM, or leave it out';
  return idle(`where NTLM is used: ${without.reason}`, fix, written(get, without.setting));
}

function written(get: Get, key: WinrmKey): readonly WinrmKey[] {
  return get(key) === undefined ? [] : [key];
}

function idle(where: string, fix: string, because: readonly WinrmKey[]): IdleSetting {
  return { message: `has no effect ${where}`, fix, because };
}

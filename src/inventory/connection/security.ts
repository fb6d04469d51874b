// The settings of one host by which it and we prove who we are -> that part of its Connection. It reads no secret and no file; which
// combinations are unsafe stands in model/connection-rules.ts.
import { basename } from 'node:path';
import type { RuledSetting } from '../../model/connection-rules.ts';
import { readFingerprint, readProxy } from '../../model/text/connection-text.ts';
import type { AuthMethod, ClientCertificate, Connection, KerberosSettings, TlsSettings } from '../../model/target.ts';
import type { WinrmKey, WinrmSettings } from '../schema.ts';

export interface SecuritySettings {
  get<K extends WinrmKey>(key: K): WinrmSettings[K];
  /** A path of that key, seen from the file it was written in; undefined when it wasn't given. */
  pathOf(
    key: 'kerberos_keytab' | 'client_certificate_file' | 'client_key_file' | 'client_pfx_file',
  ): string | undefined;
}

type Security = Pick<Connection, 'kerberos' | 'tls' | 'clientCertificate' | 'proxy'>;

/** Only what was written, so that a plan shows what is out of the ordinary and nothing else. */
export function readSecurity(settings: SecuritySettings, auth: AuthMethod): Security {
  const kerberos = readKerberos(settings, auth);
  const tls = readTls(settings);
  const clientCertificate = readClientCertificate(settings);
  const proxy = settings.get('proxy');
  const way = proxy === undefined ? null : readProxy(proxy);
  return {
    ...(kerberos === null ? {} : { kerberos }),
    ...(tls === null ? {} : { tls }),
    ...(clientCertificate === null ? {} : { clientCertificate }),
    ...(way === null ? {} : { proxy: way }),
  };
}

/** The name to show for an account that needs none: a ticket or a certificate says who it is. Undefined: it must be written. */
export function chooseAccountName(settings: SecuritySettings, auth: AuthMethod): string | undefined {
  if (auth === 'kerberos') return '';
  if (auth !== 'certificate') return undefined;
  return basename(settings.pathOf('client_pfx_file') ?? settings.pathOf('client_certificate_file') ?? '');
}

/** The keys by which a broken rule may have come into the file, the likeliest first. */
export const ruleKeys: Readonly<Record<RuledSetting, readonly WinrmKey[]>> = {
  auth: ['auth'],
  validation: ['certificate_validation'],
  fingerprint: ['tls_fingerprint'],
  minVersion: ['tls_min_version'],
  clientCertificate: ['client_certificate_file', 'client_key_file', 'client_pfx_file'],
  keytab: ['kerberos_keytab'],
  proxy: ['proxy'],
  username: ['username', 'auth'],
};

function readKerberos(settings: SecuritySettings, auth: AuthMethod): KerberosSettings | null {
  const service = settings.get('kerberos_service') ?? null;
  const hostname = settings.get('kerberos_hostname') ?? null;
  const keytab = settings.pathOf('kerberos_keytab');
  const takesTickets = auth === 'kerberos' || auth === 'negotiate';
  const withPassword = takesTickets && settings.get('password') !== undefined;
  if (service === null && hostname === null && keytab === undefined && !withPassword) return null;
  return {
    service,
    hostname,
    ticketFrom: keytab === undefined ? { kind: withPassword ? 'password' : 'cache' } : { kind: 'keytab', file: keytab },
  };
}

function readTls(settings: SecuritySettings): TlsSettings | null {
  const fingerprint = settings.get('tls_fingerprint');
  const minVersion = settings.get('tls_min_version');
  const validation = settings.get('certificate_validation');
  if (fingerprint === undefined && minVersion === undefined && validation === undefined) return null;
  return {
    fingerprint: fingerprint === undefined ? null : readFingerprint(fingerprint),
    minVersion: minVersion ?? '1.2',
    validation: validation ?? 'validate',
  };
}

function readClientCertificate(settings: SecuritySettings): ClientCertificate | null {
  const encrypted = settings.get('password') !== undefined;
  const pfx = settings.pathOf('client_pfx_file');
  if (pfx !== undefined) return { kind: 'pfx', file: pfx, encrypted };
  const certificateFile = settings.pathOf('client_certificate_file');
  // One PEM file may hold both.
  const keyFile = settings.pathOf('client_key_file') ?? certificateFile;
  if (certificateFile === undefined || keyFile === undefined) return null;
  return { kind: 'pem', certificateFile, keyFile, encrypted };
}

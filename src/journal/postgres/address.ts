// `postgres://user@host:5432/database?sslmode=verify-full` -> where the database is and how it is reached. PURE. What libpq would do without
// saying so, an unverified or an optional TLS, is refused in words: TLS is verified, or it is off by name.
// Source: PostgreSQL's manual, 34.1.1.2 Connection URIs.
import { Failure } from '../../model/failure.ts';

export interface DatabaseAddress {
  /** A name, an IP address, or the directory of a socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Null: as the system's user is called. */
  readonly user: string | null;
  /** Null: PGPASSWORD, then the password file. */
  readonly password: string | null;
  /** `socket`: there is nothing to listen to. */
  readonly tls: 'verified' | 'off' | 'socket';
  /** A file with the authorities to trust; null: the system's. */
  readonly authorities: string | null;
  /** For messages: without a password. */
  readonly place: string;
}

const defaultPort = 5432;
const known = ['sslmode', 'sslrootcert', 'host', 'port', 'user'];

function isDatabaseAddress(text: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(text);
}

/** Throws Failure `usage/invalid`. */
export function readAddress(text: string): DatabaseAddress {
  const url = parse(text);
  const found = url.searchParams;
  const unknown = [...found.keys()].find((key) => !known.includes(key));
  if (unknown !== undefined) throw refuse(`${unknown} is not known here; known are ${known.join(', ')}`);
  const host = found.get('host') ?? decode(url.hostname).replaceAll(/^\[|\]$/g, '');
  if (host === '') throw refuse('it names no host', 'a socket is named so: postgres:///DATABASE?host=/run/postgresql');
  const database = decode(url.pathname.slice(1));
  if (database === '') throw refuse('it names no database');
  // A URL without a host has no place for a port, so a socket's stands behind, as in libpq.
  const port = readPort(found.get('port') ?? url.port);
  const user = url.username === '' ? found.get('user') : decode(url.username);
  return {
    host,
    port,
    database,
    user,
    password: url.password === '' ? null : decode(url.password),
    tls: host.startsWith('/') ? 'socket' : readMode(found.get('sslmode')),
    authorities: found.get('sslrootcert'),
    place: placeOf(host, port, database, user),
  };
}

/** An address again, without the password: what is copied out of a message is read as the same place. */
function placeOf(host: string, port: number, database: string, user: string | null): string {
  const who = user === null ? '' : `${encodeURIComponent(user)}@`;
  if (host.startsWith('/')) {
    const folder = encodeURIComponent(host).replaceAll('%2F', '/');
    const socket = [`host=${folder}`, ...(user === null ? [] : [`user=${encodeURIComponent(user)}`])];
    if (port !== defaultPort) socket.push(`port=${String(port)}`);
    return `postgres:///${encodeURIComponent(database)}?${socket.join('&')}`;
  }
  const name = host.includes(':') ? `[${host}]` : host;
  return `postgres://${who}${name}${port === defaultPort ? '' : `:${String(port)}`}/${encodeURIComponent(database)}`;
}

function readPort(text: string): number {
  if (text === '') return defaultPort;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw refuse('its port is no number from 1 to 65535');
  return port;
}

function parse(text: string): URL {
  if (!isDatabaseAddress(text)) {
    throw new Failure('usage/invalid', '--state: expected postgres://USER@HOST/DATABASE', {
      hint: 'a directory is named with --state-dir DIRECTORY',
    });
  }
  try {
    return new URL(text);
  } catch {
    // The text may have a password in it.
    throw refuse('it is no address');
  }
}

function readMode(mode: string | null): 'verified' | 'off' {
  if (mode === null || mode === 'verify-full') return 'verified';
  if (mode === 'disable') return 'off';
  throw refuse(
    `sslmode=${mode} would take any server for the right one`,
    'sslmode=verify-full (the default) or, where nobody can listen, sslmode=disable',
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refuse('a % in it stands for nothing', 'a % of its own is written %25');
  }
}

function refuse(problem: string, hint = 'postgres://USER@HOST:5432/DATABASE'): Failure {
  return new Failure('usage/invalid', `--state, or FENCEPOST_STATE: ${problem}`, { hint });
}

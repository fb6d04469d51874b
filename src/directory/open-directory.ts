// I/O: from a controller's name to a directory that can be searched: socket, TLS with a verified certificate (from the start, or by
// StartTLS), logon. Several controllers are tried in turn; a refused logon ends that, so that no account gets locked.
import * as tls from 'node:tls';
import type { LookupFunction, Socket } from 'node:net';
import { asFailure, Failure } from '../model/failure.ts';
import { createConnectFailure, formatHostPort } from '../winrm/http/connect-failures.ts';
import { openSocket } from '../winrm/http/socket.ts';
import { createTlsOptions, loadTrustContext, readPeerCertificate } from '../winrm/http/trust.ts';
import { bind, type BindParts, type DirectoryAccount } from './bind.ts';
import { openConnection, type LdapConnection } from './connection.ts';
import { createResultFailure, resultCodes } from './failures.ts';
import { writeStartTls } from './messages.ts';
import { createDirectory, type Directory } from './search.ts';

export type DirectoryTls = 'ldaps' | 'starttls' | 'none';

export interface Controller {
  readonly host: string;
  /** Null: 636 for `ldaps`, 389 otherwise. */
  readonly port: number | null;
}

export interface DirectoryAccess {
  readonly account: DirectoryAccount;
  readonly tls: DirectoryTls;
  /** Null: the system's. */
  readonly caFile: string | null;
  /** For the connection, and for each answer. */
  readonly timeoutMs: number;
  /** Left out: the system's name resolution. */
  readonly lookup?: LookupFunction | undefined;
}

/** What another controller could do better. */
const passesOn = /^(?:connect|tls|directory)\//;
const isFinal = new Set(['directory/stronger-auth']);

/** The first that answers. `onSkip` is told of each that does not. Rejects with the Failure of the last one, or of a refused logon. */
export async function openDirectory(
  controllers: readonly Controller[],
  access: DirectoryAccess,
  parts: BindParts,
  onSkip: (failure: Failure) => void,
): Promise<Directory> {
  let last: Failure | null = null;
  for (const controller of controllers) {
    if (last !== null) onSkip(last);
    try {
      return await openOne(controller, access, parts);
    } catch (thrown) {
      last = asFailure(thrown);
      if (!passesOn.test(last.code) || isFinal.has(last.code)) throw last;
    }
  }
  throw last ?? new Failure('directory/no-controller', 'no domain controller to ask');
}

async function openOne(controller: Controller, access: DirectoryAccess, parts: BindParts): Promise<Directory> {
  const { host } = controller;
  const port = controller.port ?? (access.tls === 'ldaps' ? 636 : 389);
  const where = formatHostPort(host, port);
  const { timeoutMs } = access;
  const socket = await connect(host, port, access, where);
  let connection = openConnection(socket, where, timeoutMs);
  try {
    let secured = socket;
    if (access.tls === 'starttls') {
      secured = await startTls(connection, host, access, where);
      connection = openConnection(secured, where, timeoutMs);
    }
    const certificate = secured instanceof tls.TLSSocket ? (readPeerCertificate(secured)?.raw ?? null) : null;
    await bind(connection, access.account, { host, port, where, timeoutMs, certificate }, parts);
    return createDirectory(connection, where, timeoutMs);
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
}

async function connect(host: string, port: number, access: DirectoryAccess, where: string): Promise<Socket> {
  try {
    return await openSocket(
      {
        scheme: access.tls === 'ldaps' ? 'https' : 'http',
        address: host,
        port,
        caFile: access.caFile,
        tlsServerName: null,
        connectMs: access.timeoutMs,
        protocols: [],
        lookup: access.lookup,
      },
      where,
    );
  } catch (thrown) {
    throw inDirectoryWords(asFailure(thrown));
  }
}

async function startTls(
  connection: LdapConnection,
  host: string,
  access: DirectoryAccess,
  where: string,
): Promise<tls.TLSSocket> {
  const { result } = await connection.ask(writeStartTls);
  if (result.code !== resultCodes.success) throw createResultFailure(result, where, 'StartTLS');
  const context = await loadTrustContext({ caFile: access.caFile });
  const socket = connection.release();
  return await new Promise((resolve, reject) => {
    const secured = tls.connect({ socket, ...createTlsOptions(host, context, undefined, []) });
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      secured.destroy();
      reject(inDirectoryWords(createConnectFailure(error, where, 'https', access.timeoutMs)));
    };
    const timer = setTimeout(() => {
      fail(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }));
    }, access.timeoutMs);
    const onClose = (): void => {
      fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    };
    secured.once('error', fail);
    secured.once('close', onClose);
    secured.once('secureConnect', () => {
      clearTimeout(timer);
      secured.off('close', onClose);
      resolve(secured);
    });
  });
}

const hints: Readonly<Record<string, string>> = {
  'connect/name': 'check --domain and --server, and that this machine asks a DNS server that knows the domain',
  'connect/refused':
    'LDAP listens on 389, with TLS on 636; a controller without a certificate has no 636: try --tls starttls or none',
  'connect/timeout': 'check the firewalls in between (TCP 389 and 636), or name another controller with --server',
  'tls/untrusted': 'name the CA that signed the certificate of the controller: --ca-file PATH',
  'tls/wrong-name': 'name the controller as its certificate does: --server dc01.corp.example',
  'tls/failed':
    'the controller may have no certificate for LDAP: try --tls none, which Kerberos and NTLM seal themselves',
};

/** The same Failure: what to do is not what one does with WinRM. */
function inDirectoryWords(failure: Failure): Failure {
  const { code, message, where, hint, retry, cause } = failure;
  return new Failure(code, message, { where, hint: hints[code] ?? hint, retry, cause });
}

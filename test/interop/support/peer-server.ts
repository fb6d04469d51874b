// Starts test/interop/servers/winrm_server.py and talks to it. The server ends with its standard input, so it can't outlive a test run.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pythonVenv } from './python-venv.ts';

const program = fileURLToPath(new URL('../servers/winrm_server.py', import.meta.url));

export const peerAccount = { domain: 'PEER', user: 'winrm', password: 'Grün-Pass-1!' };

export interface PeerOptions {
  readonly acceptor: 'pyspnego' | 'gss-ntlmssp' | 'kerberos' | 'basic' | 'certificate';
  readonly scheme?: 'http' | 'https';
  readonly mood?:
    | 'none'
    | 'type3-body-ignored'
    | 'type3-body-400'
    | 'answers-in-clear'
    | 'access-denied'
    | 'wrong-bindings'
    | 'no-proof'
    | 'false-proof'
    | 'breaks-seal';
  /** Of the service, for `kerberos`. */
  readonly keytab?: string;
  /** Schemes, for `kerberos`. Default: Negotiate and Kerberos. */
  readonly offers?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

interface PeerRequest {
  readonly connection: number;
  readonly what: string;
  readonly sealed: boolean;
  readonly bytes: number;
  readonly path: string;
  readonly content_type: string;
  readonly chunked: boolean;
}

/** A Kerberos logon as the peer saw it. */
interface PeerLogon {
  readonly peer: string;
  readonly service: string;
  readonly mutual: boolean;
  readonly confidential: boolean;
  readonly delegated: boolean;
  readonly bound: boolean;
  readonly scheme: string;
}

interface PeerLog {
  readonly requests: readonly PeerRequest[];
  readonly connections: number;
  /** Command lines that were started, in order. */
  readonly ran: readonly string[];
  readonly logons: readonly PeerLogon[];
  /** Shells that still exist. */
  readonly shells: number;
}

interface ClientFiles {
  readonly pem: string;
  readonly key: string;
  readonly pfx: string;
}

export const clientPassphrase = 'key-Pass-1!';

export interface PeerServer {
  readonly port: number;
  readonly caFile: string | null;
  /** Over https: certificates for clients, their keys under `clientPassphrase`. */
  readonly clients: Readonly<Record<'ops' | 'unmapped' | 'foreign', ClientFiles>>;
  /** All requests so far; waits until the shells are gone when `afterDelete`. */
  log(options?: { readonly afterDelete?: boolean }): Promise<PeerLog>;
  stop(): Promise<void>;
}

export async function startPeer(options: PeerOptions): Promise<PeerServer> {
  const { python } = await pythonVenv();
  const flags = [
    '--acceptor',
    options.acceptor,
    '--scheme',
    options.scheme ?? 'http',
    '--mood',
    options.mood ?? 'none',
    ...(options.keytab === undefined ? [] : ['--keytab', options.keytab]),
    ...(options.offers === undefined ? [] : ['--offers', options.offers.join(',')]),
  ];
  const { domain, user, password } = peerAccount;
  const child = spawn(python, [program, ...flags, '--domain', domain, '--user', user, '--password', password], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment, PYTHONUTF8: '1' },
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve();
    }),
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function nextLine(): Promise<unknown> {
    const line = await lines.next();
    if (line.done === true) throw new Error(`the peer server ended:\n${complaints}`);
    return JSON.parse(line.value);
  }

  const started = (await nextLine()) as {
    readonly port: number;
    readonly ca_file: string | null;
    readonly clients: PeerServer['clients'];
  };

  async function askLog(): Promise<PeerLog> {
    child.stdin.write('log\n');
    return (await nextLine()) as PeerLog;
  }

  return {
    port: started.port,
    caFile: started.ca_file,
    clients: started.clients,
    async log({ afterDelete = false } = {}) {
      const giveUpMs = performance.now() + 5000;
      for (;;) {
        const seen = await askLog();
        if (!afterDelete || seen.shells === 0) return seen;
        if (performance.now() > giveUpMs) throw new Error(`${seen.shells} shells are still there:\n${complaints}`);
      }
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

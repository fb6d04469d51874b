// Starts test/interop/servers/winrm_server.py and talks to it. The server ends with its standard input, so it can't outlive a test run.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pythonVenv } from './python-venv.ts';

const program = fileURLToPath(new URL('../servers/winrm_server.py', import.meta.url));

export const peerAccount = { domain: 'PEER', user: 'winrm', password: 'Grün-Pass-1!' };

export interface PeerOptions {
  readonly acceptor: 'pyspnego' | 'gss-ntlmssp' | 'basic';
  readonly scheme?: 'http' | 'https';
  readonly mood?:
    'none' | 'type3-body-ignored' | 'type3-body-400' | 'answers-in-clear' | 'access-denied' | 'wrong-bindings';
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

interface PeerLog {
  readonly requests: readonly PeerRequest[];
  readonly connections: number;
  /** Command lines that were started, in order. */
  readonly ran: readonly string[];
  /** Shells that still exist. */
  readonly shells: number;
}

export interface PeerServer {
  readonly port: number;
  readonly caFile: string | null;
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
  ];
  const { domain, user, password } = peerAccount;
  const child = spawn(python, [program, ...flags, '--domain', domain, '--user', user, '--password', password], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONUTF8: '1' },
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

  const started = (await nextLine()) as { readonly port: number; readonly ca_file: string | null };

  async function askLog(): Promise<PeerLog> {
    child.stdin.write('log\n');
    return (await nextLine()) as PeerLog;
  }

  return {
    port: started.port,
    caFile: started.ca_file,
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

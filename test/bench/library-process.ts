// The library's client over a fleet: one command line on every host, so many at once.
import { connect } from '../../src/winrm/client.ts';

/** Its arguments, as JSON in argv; the Python driver takes the same on stdin. */
export interface FanoutTask {
  readonly ports: readonly number[];
  readonly username: string;
  readonly password: string;
  readonly commandLine: string;
  /** What every answer has in it. */
  readonly expected: string;
  /** Hosts at once. */
  readonly concurrency: number;
  /** Over https, the authority that signed the servers' certificates. */
  readonly caFile?: string;
}

const { ports, username, password, commandLine, expected, concurrency, caFile } = JSON.parse(
  process.argv[2] ?? '',
) as FanoutTask;
const left = ports.values();
const workers = Array.from({ length: concurrency }, async () => {
  for (const port of left) {
    const shell = await connect({
      host: '127.0.0.1',
      port,
      username,
      password,
      ...(caFile === undefined ? {} : { scheme: 'https', caFile }),
    });
    try {
      const { stdout } = await shell.run(commandLine, { repeatable: true });
      if (!stdout.includes(expected)) throw new Error('an answer is not whole');
    } finally {
      await shell.close();
    }
  }
});
await Promise.all(workers);

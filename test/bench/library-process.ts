// The library's client over a fleet: one command line on every host, as many at once as there are hosts.
import { connect } from '../../src/winrm/client.ts';

/** Its arguments, as JSON in argv; the Python driver takes the same on stdin. */
export interface FanoutTask {
  readonly ports: readonly number[];
  readonly username: string;
  readonly password: string;
  readonly commandLine: string;
}

const { ports, username, password, commandLine } = JSON.parse(process.argv[2] ?? '') as FanoutTask;
const answers = await Promise.all(
  ports.map(async (port) => {
    const shell = await connect({ host: '127.0.0.1', port, username, password });
    try {
      return await shell.run(commandLine, { repeatable: true });
    } finally {
      await shell.close();
    }
  }),
);
if (answers.some((one) => one.stdout === '')) throw new Error('an answer is empty');

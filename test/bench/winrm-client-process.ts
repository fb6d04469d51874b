// npm's winrm-client over the same fleet as library-process.ts: one command line on every host, so many at once.
import { pathToFileURL } from 'node:url';
import type { FanoutTask } from './library-process.ts';

export interface WinrmClientTask extends FanoutTask {
  /** Its main file, wherever it was installed. */
  readonly module: string;
}

type RunCommand = (
  command: string,
  host: string,
  username: string,
  password: string,
  port: number,
  usePowershell: boolean,
  useHttps: boolean,
) => Promise<string>;

const task = JSON.parse(process.argv[2] ?? '') as WinrmClientTask;
const { default: client } = (await import(pathToFileURL(task.module).href)) as { default: { runCommand: RunCommand } };
const left = task.ports.values();
const workers = Array.from({ length: task.concurrency }, async () => {
  for (const port of left) {
    const output = await client.runCommand(
      task.commandLine,
      '127.0.0.1',
      task.username,
      task.password,
      port,
      false,
      task.caFile !== undefined,
    );
    if (!output.includes(task.expected)) throw new Error('an answer is not whole');
  }
});
await Promise.all(workers);

// A process that carries out one command line after another, so that a test does not pay for loading the CLI each time. Each has its own
// environment, working directory and output; what belongs to a process (signals, streams that break, death) is tested in processes of
// their own (`fresh` in cli.ts).
import { runFencepost } from '../../dist/cli/fencepost.js';

const streams = { stdout: process.stdout, stderr: process.stderr };

/** The pieces printed by the command under way, in order. */
let printed = [];

for (const [name, stream] of Object.entries(streams)) {
  stream.write = (piece, encoding, done) => {
    const text = typeof piece === 'string' ? piece : Buffer.from(piece).toString('utf8');
    if (text !== '') printed.push([name, text]);
    const told = typeof encoding === 'function' ? encoding : done;
    if (told !== undefined) process.nextTick(told, null);
    return true;
  };
}

process.on('message', async ({ args, env, cwd }) => {
  printed = [];
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  const exitCode = await runFencepost(args);
  process.send({ exitCode, printed });
});
process.on('disconnect', () => process.exit());

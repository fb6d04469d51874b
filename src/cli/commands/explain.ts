import type { Argv } from 'yargs';
import { commonOptions, type Command, type CommonArguments } from '../options.ts';

type Arguments = CommonArguments & { code: string | undefined };

export const explainCommand: Command<Arguments> = {
  command: 'explain [code]',
  describe: 'What a code or a verdict means, its usual causes, and what to run against it; without one: all of them',
  builder: (yargs: Argv) =>
    yargs
      .positional('code', { type: 'string', describe: 'As messages print it in brackets, or a verdict' })
      .options(commonOptions)
      .example('$0 explain auth/refused', 'why a logon is refused, and what to check'),
  async run(args) {
    const { explain } = await import('./explain/show-explanation.ts');
    const { text, exitCode } = explain(args.code ?? null, args.json);
    process.stdout.write(text);
    return exitCode;
  },
};

import { defineCommand } from '../define-command.ts';
import { commonOptions } from '../options.ts';

export const explainCommand = defineCommand({
  command: 'explain [code]',
  describe: 'What a code or a verdict means, its usual causes, and what to run against it; without one: all of them',
  positionals: { code: { type: 'string', describe: 'As messages print it in brackets, or a verdict' } },
  options: commonOptions,
  examples: [['explain auth/refused', 'why a logon is refused, and what to check']],
  async run(args) {
    const { explain } = await import('./explain/show-explanation.ts');
    const { text, exitCode } = explain(args.code ?? null, args.json);
    process.stdout.write(text);
    return exitCode;
  },
});

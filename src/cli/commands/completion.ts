import type { Argv } from 'yargs';
import { exitCodes } from '../exit-codes.ts';
import { commonOptions, type Command, type CommonArguments } from '../options.ts';

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

type Arguments = CommonArguments & { shell: (typeof shells)[number] | undefined };

export const completionCommand: Command<Arguments> = {
  command: 'completion [shell]',
  describe: 'Print a script that completes commands, flags, hosts, groups and runs in your shell',
  builder: (yargs: Argv) =>
    yargs
      .positional('shell', { choices: shells, describe: 'Which shell [default: the one you are in]' })
      .options(commonOptions)
      .example('$0 completion bash >> ~/.bashrc', 'bash')
      .example('$0 completion zsh >> ~/.zshrc', 'zsh')
      .example('$0 completion fish > ~/.config/fish/completions/fencepost.fish', 'fish')
      .example('$0 completion powershell >> $PROFILE', 'PowerShell'),
  async run(args) {
    const { completionScript, currentShell } = await import('./completion/completion-scripts.ts');
    const { jsonDocument } = await import('../json.ts');
    const shell = args.shell ?? currentShell();
    const script = completionScript(shell);
    process.stdout.write(args.json ? jsonDocument('completion', { shell, script }) : script);
    return exitCodes.done;
  },
};

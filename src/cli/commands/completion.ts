import { defineCommand } from '../define-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { commonOptions } from '../options.ts';

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

export const completionCommand = defineCommand({
  command: 'completion [shell]',
  describe: 'Complete commands, flags, hosts, groups and runs in your shell: print the script, or install it',
  positionals: { shell: { choices: shells, describe: 'Which shell [default: the one you are in]' } },
  options: {
    install: { type: 'boolean', describe: 'Put the script where your shell loads it, and say where' },
    uninstall: { type: 'boolean', describe: 'Take it away again' },
    ...commonOptions,
  },
  conflicts: ['install', 'uninstall'],
  examples: [
    ['completion --install', 'for the shell you are in; again after an update'],
    ['completion powershell --install', 'for PowerShell'],
    ['completion bash >> ~/.bashrc', 'by hand: bash'],
    ['completion zsh >> ~/.zshrc', 'zsh'],
    ['completion fish > ~/.config/fish/completions/fencepost.fish', 'fish'],
    ['completion powershell >> $PROFILE', 'PowerShell'],
  ],
  async run(args) {
    const { completionScript, currentShell } = await import('./completion/completion-scripts.ts');
    const { jsonDocument } = await import('../json.ts');
    const { results } = await import('../io/standard-streams.ts');
    const shell = args.shell ?? currentShell();
    if (args.install === true || args.uninstall === true) {
      const { installCompletion, uninstallCompletion } = await import('./completion/install-completion.ts');
      const { renderCompletionFiles } = await import('../../report/setup/completion-text.ts');
      const files = args.install === true ? await installCompletion(shell) : await uninstallCompletion(shell);
      const script = completionScript(shell);
      results.write(
        args.json ? jsonDocument('completion', { shell, script, files }) : renderCompletionFiles(files, shell),
      );
      return exitCodes.done;
    }
    const script = completionScript(shell);
    results.write(args.json ? jsonDocument('completion', { shell, script }) : script);
    return exitCodes.done;
  },
});

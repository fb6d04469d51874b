import { defineCommand } from '../define-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { commonOptions } from '../options.ts';

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

export const completionCommand = defineCommand({
  command: 'completion [shell]',
  describe: 'Print a script that completes commands, flags, hosts, groups and runs in your shell',
  positionals: { shell: { choices: shells, describe: 'Which shell [default: the one you are in]' } },
  options: commonOptions,
  examples: [
    ['completion bash >> ~/.bashrc', 'bash'],
    ['completion zsh >> ~/.zshrc', 'zsh'],
    ['completion fish > ~/.config/fish/completions/fencepost.fish', 'fish'],
    ['completion powershell >> $PROFILE', 'PowerShell'],
  ],
  async run(args) {
    const { completionScript, currentShell } = await import('./completion/completion-scripts.ts');
    const { jsonDocument } = await import('../json.ts');
    const { results } = await import('../io/standard-streams.ts');
    const shell = args.shell ?? currentShell();
    const script = completionScript(shell);
    results.write(args.json ? jsonDocument('completion', { shell, script }) : script);
    return exitCodes.done;
  },
});

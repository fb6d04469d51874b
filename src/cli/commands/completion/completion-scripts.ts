// The script a shell loads to complete fencepost's words: yargs' own for bash and zsh, ours for fish (yargs' loses the word under the
// cursor while it is empty) and PowerShell. Each asks `fencepost --get-yargs-completions WORDS` (complete.ts) at every press of the
// key; none knows a command itself.
import yargs from 'yargs';

export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

/** By $SHELL; PowerShell where there is none, as on Windows. */
export function currentShell(): Shell {
  const shell = process.env['SHELL'];
  if (shell === undefined || shell === '') return process.platform === 'win32' ? 'powershell' : 'bash';
  return (['zsh', 'fish', 'bash'] as const).find((one) => shell.includes(one)) ?? 'bash';
}

export function completionScript(shell: Shell): string {
  if (shell === 'powershell') return powershellScript;
  return shell === 'fish' ? fishScript : yargsScript(shell);
}

function yargsScript(shell: 'bash' | 'zsh'): string {
  // yargs decides by these, when a parser is made, for which shell it writes.
  process.env['SHELL'] = shell;
  delete process.env['ZSH_NAME'];
  const command = `completion ${shell}`;
  let script = '';
  yargs([command])
    .scriptName('fencepost')
    .exitProcess(false)
    .completion(command)
    .parseSync([command], {}, (_error, _args, output) => {
      script = output;
    });
  return `${script.trimEnd()}\n`;
}

/** `-F` lets fish complete file names, where a flag or a command takes one (fish documentation, complete). */
const fishScript = `# fencepost completion fish > ~/.config/fish/completions/fencepost.fish
function __fencepost_complete
  set -l before (commandline -opc)
  env SHELL=fish fencepost --get-yargs-completions $before (commandline -ct)
end
complete -c fencepost -f -a '(__fencepost_complete)'
complete -c fencepost -s i -l inventory -r -F
complete -c fencepost -s p -l playbook -r -F
complete -c fencepost -l out -r -F
complete -c fencepost -l log-file -r -F
complete -c fencepost -l state-dir -r -F
complete -c fencepost -n '__fish_seen_subcommand_from apply lab init' -F
`;

/** Register-ArgumentCompleter -Native (about_Functions_Argument_Completion); an empty last word has to be added by hand. */
const powershellScript = `# fencepost completion powershell >> $PROFILE
Register-ArgumentCompleter -Native -CommandName fencepost -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '""' }
  & fencepost --get-yargs-completions @words 2>$null |
    Where-Object { $_ -like "$wordToComplete*" } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`;

// A PowerShell script as one command line that needs no quoting: -EncodedCommand takes it as UTF-16 in base64. PURE. Progress is switched
// off, because with its output redirected Windows PowerShell writes progress records as CLIXML to stderr (pywinrm strips them there).
const prefix = "$ProgressPreference='SilentlyContinue';";

/** Never a profile, never a question: nobody could answer it. */
export function writePowershellLine(script: string): string {
  const encoded = Buffer.from(prefix + script, 'utf16le').toString('base64');
  return `powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand ${encoded}`;
}

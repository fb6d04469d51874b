// The programs a simulated server has, by name without extension. Small ones stand here; the others have a file each.
import { isCodePage } from '../cmd/code-page.ts';
import { find, findstr } from './findstr.ts';
import { netsh } from './netsh.ts';
import { netstat } from './netstat.ts';
import { ping } from './ping.ts';
import { powershell } from './powershell.ts';
import { printError, joinLines, printOut } from './program.ts';
import type { Program } from './program.ts';
import { reg } from './reg.ts';
import { net, sc } from './sc.ts';
import { schtasks } from './schtasks.ts';
import { tasklist } from './tasklist.ts';
import { whoami } from './whoami.ts';

/** All programs. `setCodePage` is what `chcp` does to the console it runs in. */
export function listPrograms(
  codePage: () => number,
  setCodePage: (page: number) => void,
): ReadonlyMap<string, Program> {
  const chcp: Program = ({ words }) => {
    const wanted = words[0];
    if (wanted !== undefined) {
      if (!/^\d+$/.test(wanted) || !isCodePage(Number(wanted))) return printOut(joinLines('Invalid code page'), 1);
      setCodePage(Number(wanted));
    }
    return printOut(joinLines(`Active code page: ${codePage()}`));
  };
  return new Map<string, Program>([
    ['chcp', chcp],
    ['find', find],
    ['findstr', findstr],
    ['hostname', ({ machine }) => printOut(joinLines(machine.name.split('.', 1)[0] ?? machine.name))],
    ['more', ({ stdin }) => printOut(stdin)],
    ['net', net],
    ['netsh', netsh],
    ['netstat', netstat],
    ['ping', ping],
    ['powershell', powershell],
    ['reg', reg],
    ['sc', sc],
    ['schtasks', schtasks],
    ['tasklist', tasklist],
    // Over WinRM there is no console to wait at.
    [
      'timeout',
      () => printError(joinLines('ERROR: Input redirection is not supported, exiting the process immediately.')),
    ],
    ['whoami', whoami],
  ]);
}

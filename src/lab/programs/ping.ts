// `ping -n COUNT 127.0.0.1`, as scripts use it to wait: the first echo leaves at once and each other one a second after the one before, so
// COUNT echoes take COUNT-1 seconds; the loopback answers always. Other hosts are not found here. Source: facts windows.md section 10.
import { joinLines, printOut } from './program.ts';
import type { ProgramCall, ProgramResult } from './program.ts';

const usualCount = 4;

export function ping({ words }: ProgramCall): ProgramResult {
  const at = words.findIndex((word) => word.toLowerCase() === '-n');
  const count = at === -1 ? usualCount : Number(words[at + 1]);
  const host = words.at(-1) ?? '';
  if (!Number.isInteger(count) || count < 1) return printOut(joinLines('Bad value for option -n.'), 1);
  if (host !== '127.0.0.1') return printOut(joinLines(`Ping request could not find host ${host}.`), 1);
  const replies = Array.from({ length: count }, () => `Reply from ${host}: bytes=32 time<1ms TTL=128`);
  return {
    ...printOut(joinLines('', `Pinging ${host} with 32 bytes of data:`, ...replies)),
    tookMs: (count - 1) * 1000,
  };
}

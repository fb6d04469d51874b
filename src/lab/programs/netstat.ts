// `netstat -ano[q] [-p tcp|tcpv6|udp|udpv6]`: columns and widths as netstat-ano-ko-1 and netstat-an-de-1-mangled show them; German
// translates the state words, Korean doesn't (windows.md section 5). Connections are those the scenario made.
import type { MachineSocket } from '../machine/machine.ts';
import { findWording } from '../phrases/wordings.ts';
import { joinLines, printOut } from './program.ts';
import type { ProgramCall, ProgramResult } from './program.ts';

const oldReleases: readonly string[] = ['2008r2', '2012', '2012r2'];
const usage = 'NETSTAT [-a] [-b] [-e] [-f] [-n] [-o] [-p proto] [-r] [-s] [-t] [interval]';

export function netstat(call: ProgramCall): ProgramResult {
  const flags = call.words.join(' ').toLowerCase();
  const all = /-\w*a/.test(flags);
  // Which release brought -q was not recorded; one that does not know it prints its usage.
  const withBound = /-\w*q/.test(flags);
  if (withBound && oldReleases.includes(call.machine.release)) return printOut(joinLines('', usage, ''), 1);
  const withProcess = /-\w*o/.test(flags);
  const only = /-p\s+(tcpv6|tcp|udpv6|udp)/.exec(flags)?.[1] ?? null;
  const words = findWording(call.machine).netstat;
  const sockets = sortSockets(call.machine.sockets).filter(
    (socket) =>
      (withBound || socket.state !== 'BOUND') &&
      (all || socket.state === 'ESTABLISHED') &&
      (only === null || only === nameProtocol(socket)),
  );
  const rows = sockets.map((socket) => {
    const state = translateState(socket, words);
    const tail = withProcess ? `${state.padEnd(15)} ${socket.processId}` : state;
    return `  ${socket.protocol.toUpperCase().padEnd(7)}${padColumn(writeLocalAddress(socket))}${padColumn(socket.remote)}${tail}`;
  });
  const columns = withProcess ? `${words.columns}PID` : words.columns.trimEnd();
  return printOut(joinLines('', words.title, '', columns, ...rows));
}

/** 23 wide, and at least two blanks after a longer address. */
function padColumn(text: string): string {
  return `${text}  `.padEnd(23);
}

function writeLocalAddress(socket: MachineSocket): string {
  return `${socket.localAddress}:${socket.localPort}`;
}

function nameProtocol(socket: MachineSocket): string {
  return socket.family === 'ipv4' ? socket.protocol : `${socket.protocol}v6`;
}

function translateState(
  socket: MachineSocket,
  words: { readonly listening: string; readonly established: string },
): string {
  if (socket.state === 'LISTENING') return words.listening;
  if (socket.state === 'ESTABLISHED') return words.established;
  return socket.state ?? '';
}

/** TCP before UDP, IPv4 before IPv6, then by port. */
function sortSockets(sockets: readonly MachineSocket[]): MachineSocket[] {
  const rank = ({ protocol, family, localPort }: MachineSocket): number =>
    (protocol === 'udp' ? 0x20000 : 0) + (family === 'ipv6' ? 0x10000 : 0) + localPort;
  return [...sockets].sort((a, b) => rank(a) - rank(b));
}

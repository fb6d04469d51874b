// Who has a port open: the question and its reader. netstat's state words are localized (facts: windows.md section 5), so a
// socket listens when its remote port is 0. A socket bound without listening only `-q` lists, which older Windows does not know: it is
// asked beside the list and tells by what it has more (windows.md section 5; `-q` there [U]).
import type { Socket } from '../model/facts.ts';
import type { Family } from '../model/host-state.ts';
import { findAny } from './cmd/find-any.ts';
import { lineProblem, linesBeforeTitles, quoteWords, splitLines, valueWithNoise } from './cmd/lines.ts';
import type { Line, Reading } from './cmd/lines.ts';

/** Above this many ports the filter costs more of the command line than the rows it saves. */
const mostFilteredPorts = 20;

/**
 * The question for all listening sockets and every socket on one of `ports`, local or remote. A busy Exchange server has ten
 * thousand connections, so the host filters: a listening row has remote port 0, which `":0 "` finds in either family.
 */
export function showSockets(ports: readonly number[]): string {
  const distinct = [...new Set(ports)].sort((a, b) => a - b);
  if (distinct.length > mostFilteredPorts) return 'netstat -ano';
  return `netstat -ano | ${findAny([...distinct, 0].map((port) => `:${port} `))}`;
}

/** Whether one of these ports is listened on: findstr ends with 1 when none is. */
export function findListening(ports: readonly number[]): string {
  const patterns = [...new Set(ports)].sort((a, b) => a - b).map((port) => `/c:":${port} .*:0 "`);
  return `netstat -ano | findstr /r ${patterns.join(' ')}`;
}

/** A local and a remote address with their ports: the line is a row, whatever became of its first word. */
const twoAddresses = /[\d\]*]:[\d*]+ \S*[\d\]*]:[\d*]+(?: |$)/;
/** Above an unfiltered list stand its name and those of the columns. */
const titles = 2;
/**
 * The question for the same ports with sockets that are bound without listening; null for so many ports that the host can't filter.
 * Windows before 10 prints its usage, of which the filter leaves nothing.
 */
export function showBoundSockets(ports: readonly number[]): string | null {
  const distinct = [...new Set(ports)].sort((a, b) => a - b);
  if (distinct.length === 0 || distinct.length > mostFilteredPorts) return null;
  return `netstat -anoq | ${findAny(distinct.map((port) => `:${port} `))}`;
}

/**
 * What this list has more than `known`: sockets without a remote end of a process that has nothing else on that port. Its state word
 * is localized, so it is not asked for. An answer that is no list tells nothing.
 */
export function readBoundSockets(text: string, known: readonly Socket[]): readonly Socket[] {
  const reading = readSockets(text);
  if ('problem' in reading) return [];
  const isKnown = (one: Socket): boolean =>
    known.some((other) => other.localPort === one.localPort && other.processId === one.processId);
  return reading.value
    .filter((one) => one.listening && !isKnown(one))
    .map((one) => ({ ...one, listening: false, bound: true }));
}

const ipv4Address = /^(\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})$/;
/** With a zone after the percent sign on link-local ones. */
const ipv6Address = /^\[([0-9A-Fa-f:.]{2,45}(?:%\w{1,64})?)\]:(\d{1,5})$/;

interface SocketAddress {
  readonly family: Family;
  readonly address: string;
  readonly port: number;
}

/**
 * Reads the rows of `netstat -ano`, filtered or not: all of them, also those that only the remote port let through.
 * An answer without a row is a problem, for a host that answers WinRM listens somewhere.
 */
export function readSockets(text: string): Reading<readonly Socket[]> {
  const sockets: Socket[] = [];
  const before: Line[] = [];
  const after: Line[] = [];
  for (const line of splitLines(text)) {
    if (/^(?:TCP|UDP)(?: |$)/.test(line.text)) {
      const socket = readRow(line);
      if ('problem' in socket) return socket;
      sockets.push(socket.value);
    } else if (twoAddresses.test(line.text)) {
      return lineProblem(line, 'a row that begins with TCP or UDP');
    } else if (line.text !== '') {
      (sockets.length > 0 ? after : before).push(line);
    }
  }
  if (sockets.length === 0) return { problem: `no row of netstat: ${quoteWords(text)}` };
  return valueWithNoise(sockets, [...linesBeforeTitles(before, titles), ...after]);
}

function readRow(line: Line): Reading<Socket> {
  const words = line.text.split(' ');
  const [protocolWord, localWord = '', remoteWord = ''] = words;
  const local = readSocketAddress(localWord);
  const protocol = protocolWord === 'TCP' ? 'tcp' : 'udp';
  const remote = protocol === 'udp' && remoteWord === '*:*' ? null : readSocketAddress(remoteWord);
  const processId = words.at(-1) ?? '';
  if (local === null || (remote === null && protocol === 'tcp')) return lineProblem(line, 'two addresses with ports');
  if (!/^\d{1,10}$/.test(processId)) return lineProblem(line, 'a process id at the end');
  return {
    value: {
      family: local.family,
      protocol,
      localAddress: local.address,
      localPort: local.port,
      // UDP has no listening; a UDP socket simply has its port.
      listening: protocol === 'tcp' && remote?.port === 0,
      processId: Number(processId),
    },
  };
}

function readSocketAddress(word: string): SocketAddress | null {
  const ipv4 = ipv4Address.exec(word);
  const match = ipv4 ?? ipv6Address.exec(word);
  if (match === null) return null;
  const [, address = '', port] = match;
  if (Number(port) > 65535) return null;
  return { family: ipv4 === null ? 'ipv6' : 'ipv4', address, port: Number(port) };
}

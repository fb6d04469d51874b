// Which TCP ports Exchange itself uses and which rows its setup makes, by name: what may be said of a port without asking the host.
// It judges nothing. Source: facts windows.md sections 4 and 8 (published code of Exchange; the rows are inferred, not seen).
import { overlaps, type PortRange } from '../port-range.ts';

/** Services whose port is stored in the directory (ProxyTargetPort), so that it differs from server to server. */
const configuredServices: Readonly<Record<string, { readonly command: string; readonly later: number }>> = {
  msexchangeimap4be: { command: 'Get-ImapSettings', later: 1993 },
  msexchangepop3be: { command: 'Get-PopSettings', later: 1995 },
};

export interface PortSetting {
  /** What shows the port, in the Exchange Management Shell. */
  readonly command: string;
  /** What setup has given it since 2013 CU23 at the latest. */
  readonly later: number;
}

/** How the port of a back-end service is set; null for a service whose port is no such setting. */
export function findPortSetting(service: string): PortSetting | null {
  return configuredServices[service.toLowerCase()] ?? null;
}

interface NamedRow {
  readonly range: PortRange;
  readonly whose: string;
}

/**
 * Exchange reserves the ports of its front ends and of Unified Messaging, and hands Windows the number in the wrong byte order: 143 = 0x008f
 * becomes 0x8f00 = 36608.
 */
const exchangeRows: readonly NamedRow[] = [
  { range: { firstPort: 36608, portCount: 1 }, whose: 'IMAP4 (143)' },
  { range: { firstPort: 57603, portCount: 1 }, whose: 'IMAP4 over TLS (993)' },
  { range: { firstPort: 28160, portCount: 1 }, whose: 'POP3 (110)' },
  { range: { firstPort: 58115, portCount: 1 }, whose: 'POP3 over TLS (995)' },
  { range: { firstPort: 50195, portCount: 2 }, whose: 'Unified Messaging (5060)' },
  { range: { firstPort: 50707, portCount: 7 }, whose: 'Unified Messaging (5062)' },
];

/** `Exchange's own, for IMAP4 (143)`; null: not one of the rows that Exchange setup makes. */
export function nameExchangeRow(range: PortRange): string | null {
  const row = exchangeRows.find((one) => one.range.firstPort === range.firstPort && overlaps(one.range, range));
  if (row === undefined || range.portCount > row.range.portCount) return null;
  return `Exchange's own, for ${row.whose}`;
}

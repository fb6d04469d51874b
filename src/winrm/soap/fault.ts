// SOAP faults: read from a message, recognised by their numbers, and turned into a Failure with a fix. The numbers and their
// meanings stand in fault-codes.ts. Nothing here looks at a fault's text. Source: MS-WSMV 2.2.4.43, 3.1.4.1.31; wsman.md 2.11.
import { Failure } from '../../model/failure.ts';
import { cutText } from '../../model/text/cut-text.ts';
import type { Envelope } from './envelope.ts';
import { enumerationTimedOut, findKnownFault, operationTimedOut } from './fault-codes.ts';
import { ns } from './namespaces.ts';
import { child, descend, textOf } from './xml.ts';
import type { XmlElement } from './xml.ts';

export interface WsManFault {
  /** WSManFault's Code or MSFT_WmiError's error_Code, unsigned decimal; null when the fault carries no number. */
  readonly code: number | null;
  /** The innermost SOAP code without its prefix: `TimedOut`, `InvalidSelectors`, `MustUnderstand`; null when there is none. */
  readonly subcode: string | null;
  /** In the language the server chose: for people only. */
  readonly reason: string;
  /** What the provider (the shell plug-in, WMI) said, when that is more than the reason. */
  readonly providerText: string | null;
  readonly machine: string | null;
}

/** The fault that a message carries, or null when it carries none. */
export function readFault(envelope: Envelope): WsManFault | null {
  const { fault } = envelope;
  if (fault === null) return null;
  const reasonElement = child(fault, ns.soap, 'Reason');
  const reason = oneLine(reasonElement === null ? null : textOf(reasonElement, ns.soap, 'Text')) ?? '';
  const detail = child(fault, ns.soap, 'Detail');
  const wsman = detail === null ? null : descend(detail, ns.fault, 'WSManFault');
  const wmi = detail === null ? null : descend(detail, ns.wmiError, 'MSFT_WmiError');
  const said =
    (wsman === null ? null : readProviderText(wsman)) ??
    oneLine(wmi === null ? null : textOf(wmi, ns.wmiError, 'Message'));
  const machine = wsman?.attributes.get('Machine')?.trim() ?? '';
  return {
    code: readNumber(wsman?.attributes.get('Code')) ?? (wmi === null ? null : readWmiCode(wmi)),
    subcode: readSubcode(fault),
    reason,
    providerText: said === reason ? null : said,
    machine: machine === '' ? null : cutText(machine),
  };
}

/** True for the fault that says "nothing yet": not an error on Receive, ask again (wsman.md 0.7). */
export function isOperationTimeout(fault: WsManFault): boolean {
  return fault.code === operationTimedOut || (fault.code === null && fault.subcode === 'TimedOut');
}

/** The same for a Pull: WS-Management's fault, or WS-Enumeration's own. */
export function isEnumerationTimeout(fault: WsManFault): boolean {
  return fault.code === enumerationTimedOut || isOperationTimeout(fault);
}

/** A fault as a Failure. `where` is the host it came from, or null. By number, and by SOAP code where there is no number. */
export function createFaultFailure(fault: WsManFault, where: string | null): Failure {
  const known = findKnownFault(fault.code, fault.subcode);
  const number = fault.code === null ? (fault.subcode ?? 'no code') : String(fault.code);
  const said = fault.providerText ?? fault.reason;
  const message = `the server refused the request: ${known.meaning} (${number})${said === '' ? '' : `; it said: ${said}`}`;
  return new Failure(known.failure, message, { where, hint: known.fix, retry: known.retry });
}

/** The longest subcode of WS-Management has 32 characters. */
const longestCode = 64;

function readSubcode(fault: XmlElement): string | null {
  let at = child(fault, ns.soap, 'Code');
  let found: string | null = null;
  while (at !== null) {
    found = textOf(at, ns.soap, 'Value') ?? found;
    at = child(at, ns.soap, 'Subcode');
  }
  return found === null || found === '' ? null : cutText(found.slice(found.indexOf(':') + 1), longestCode);
}

function readProviderText(wsman: XmlElement): string | null {
  const message = child(wsman, ns.fault, 'Message');
  if (message === null) return null;
  return oneLine(joinText(message));
}

function joinText(from: XmlElement): string {
  return [from.text, ...from.children.map(joinText)].join(' ');
}

function oneLine(text: string | null): string | null {
  const joined = text?.replace(/\s+/g, ' ').trim() ?? '';
  return joined === '' ? null : cutText(joined);
}

// WinRM 3 quotas carry error_Code; MessageID repeats it as `HRESULT 0x803381a5` (WinRb/wmi_error_v2.xml).
function readWmiCode(wmi: XmlElement): number | null {
  const code = readNumber(textOf(wmi, ns.wmiError, 'error_Code') ?? undefined);
  if (code !== null && code !== 0) return code;
  const hex = /^HRESULT 0x([0-9a-f]{8})$/i.exec(textOf(wmi, ns.wmiError, 'MessageID') ?? '')?.[1];
  return hex === undefined ? code : Number.parseInt(hex, 16);
}

function readNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,10}$/.test(text.trim()) ? Number(text.trim()) : null;
}

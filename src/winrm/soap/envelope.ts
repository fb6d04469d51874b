// A SOAP 1.2 envelope with its WS-Addressing headers, in and out. What the body means is left to requests.ts, responses.ts
// and fault.ts. Sources: SOAP 1.2 part 1 section 5, WS-Addressing 2004/08; MS-WSMV 3.1.4.1.
import { Failure } from '../../model/failure.ts';
import { ns } from './namespaces.ts';
import { child, readXml, textOf } from './xml.ts';
import type { XmlElement } from './xml.ts';

export interface Envelope {
  /** Null where the header has none: Identify (knife-windows samples) and some hand-made servers. */
  readonly action: string | null;
  readonly messageId: string | null;
  readonly relatesTo: string | null;
  readonly header: XmlElement;
  readonly body: XmlElement;
  /** The `s:Fault` in the body; null when the body has none. */
  readonly fault: XmlElement | null;
}

/** Far above MaxEnvelopeSize (500 KB by default, MS-WSMV 2.2.4.34 note 8), so that only a runaway answer meets it. */
const maxEnvelopeCharacters = 8 * 1024 * 1024;

const emptyHeader: XmlElement = { namespace: ns.soap, name: 'Header', attributes: new Map(), children: [], text: '' };

const hint = 'check that the address, port and path are those of a WinRM listener';

/** Reads a SOAP message. Throws Failure `wire/invalid` when it is no XML or no SOAP 1.2 envelope. */
export function readEnvelope(text: string, maxCharacters = maxEnvelopeCharacters): Envelope {
  const root = readXml(text, { maxCharacters });
  if (root.namespace !== ns.soap || root.name !== 'Envelope') {
    throw new Failure('wire/invalid', `expected a SOAP envelope, got an element "${root.name}"`, { hint });
  }
  const header = child(root, ns.soap, 'Header') ?? emptyHeader;
  const body = child(root, ns.soap, 'Body');
  if (body === null) throw new Failure('wire/invalid', 'expected a SOAP body, got none', { hint });
  return {
    action: textOf(header, ns.addressing, 'Action'),
    messageId: textOf(header, ns.addressing, 'MessageID'),
    relatesTo: textOf(header, ns.addressing, 'RelatesTo'),
    header,
    body,
    fault: child(body, ns.soap, 'Fault'),
  };
}

// The prefixes Windows itself uses; some clients compare them literally (wsman.md section 10).
const declarations = [
  ['s', ns.soap],
  ['a', ns.addressing],
  ['x', ns.transfer],
  ['w', ns.wsman],
  ['rsp', ns.shell],
  ['p', ns.wsmanMicrosoft],
]
  .map(([prefix, uri]) => ` xmlns:${String(prefix)}="${String(uri)}"`)
  .join('');

/**
 * A SOAP message from ready-made header and body content. Prefixes that content may use: s, a, x, w, rsp, p.
 * `language`: xml:lang on the envelope, as Windows answers; null leaves it out, as requests do.
 */
export function writeEnvelope(header: string, body: string, language: string | null = null): string {
  const lang = language === null ? '' : ` xml:lang="${language}"`;
  return `<s:Envelope${lang}${declarations}><s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

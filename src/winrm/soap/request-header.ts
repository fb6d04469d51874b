// The SOAP header of every request to a resource: a shell, or a CIM class. Header order is the one of the native client
// (ms-wsmv/4.7.*); mustUnderstand as MS-WSMV 3.1.4.1 demands it. No ids are made here.
import { writeDuration } from './duration.ts';
import { anonymousRole } from './namespaces.ts';
import { element, escapeXml } from './xml.ts';

export interface RequestBase {
  /** Where the request goes. Windows doesn't check it (wsman.md 2.1). */
  readonly url: string;
  /** `uuid:` and an upper-case GUID; at most 2 KB. */
  readonly messageId: string;
  /** `uuid:` and an upper-case GUID, the same for all requests of one session; null leaves it out (before Windows 8). */
  readonly sessionId: string | null;
  /** How long the server may hold the request before it answers with a timeout fault. Below 500 it is raised to 500. */
  readonly operationTimeoutMs: number;
  /** Largest answer wanted, in bytes; at least 8192. The server takes the smaller one of this and its own limit. */
  readonly maxEnvelopeBytes: number;
  /** Language of fault texts, `en-US`. Only the value on Create counts, and it must stay the same [MS-WSMV 3.1.4.5.2]. */
  readonly locale: string;
}

export type NamedValue = readonly [name: string, value: string];

export interface HeaderInput {
  readonly action: string;
  readonly resourceUri: string;
  /** Which instance of the resource; names are compared without case [MS-WSMV 3.1.4.1.2]. */
  readonly selectors: readonly NamedValue[];
  readonly options: readonly NamedValue[];
}

export function writeHeader(base: RequestBase, { action, resourceUri, selectors, options }: HeaderInput): string {
  const must = { 's:mustUnderstand': 'true' };
  // Locale and DataLocale with mustUnderstand=true are answered with UnsupportedFeature [MS-WSMV 3.1.4.1.8-9].
  const language = { 'xml:lang': base.locale, 's:mustUnderstand': 'false' };
  return [
    element('a:To', {}, escapeXml(base.url)),
    element('w:ResourceURI', must, escapeXml(resourceUri)),
    element('a:ReplyTo', {}, element('a:Address', must, anonymousRole)),
    element('a:Action', must, escapeXml(action)),
    element('w:MaxEnvelopeSize', must, String(base.maxEnvelopeBytes)),
    element('a:MessageID', {}, escapeXml(base.messageId)),
    element('w:Locale', language),
    element('p:DataLocale', language),
    base.sessionId === null ? '' : element('p:SessionId', { 's:mustUnderstand': 'false' }, escapeXml(base.sessionId)),
    selectors.length === 0 ? '' : element('w:SelectorSet', {}, named('w:Selector', selectors)),
    options.length === 0 ? '' : element('w:OptionSet', must, named('w:Option', options)),
    element('w:OperationTimeout', {}, writeDuration(base.operationTimeoutMs)),
  ].join('');
}

function named(name: string, values: readonly NamedValue[]): string {
  return values.map(([key, value]) => element(name, { Name: key }, escapeXml(value))).join('');
}

// What the lab reads out of a SOAP request, and the envelope of every answer it gives. What a request means is decided in
// winrm-service.ts; which requests are refused for their headers stands in header-checks.ts. Pure.
// Source: MS-WSMV 3.1.4.1 (headers), 2.2.4 (bodies); answers as recorded in wsman-samples/pypsrp/test_client_execute_cmd.*.
import { readDuration } from '../../winrm/soap/duration.ts';
import { readEnvelope, writeEnvelope } from '../../winrm/soap/envelope.ts';
import { actions, anonymousRole, ns, shellIdSelector, wmiUri } from '../../winrm/soap/namespaces.ts';
import { child, children, element, escapeXml, textOf } from '../../winrm/soap/xml.ts';
import type { XmlElement } from '../../winrm/soap/xml.ts';
import type { SoapOperation } from '../mishaps.ts';

export interface SoapRequest {
  /** Null: an action that this server has no answer for. */
  readonly operation: SoapOperation | null;
  readonly action: string | null;
  readonly messageId: string | null;
  readonly resourceUri: string | null;
  /** Value of the ShellId selector, upper-case; null when there is none. */
  readonly shellId: string | null;
  /** All selectors, by upper-case name. */
  readonly selectors: ReadonlyMap<string, string>;
  /** w:OptionSet, by upper-case name. */
  readonly options: ReadonlyMap<string, string>;
  /** Null: no such header. `'invalid'`: not a duration, or a negative one. */
  readonly operationTimeoutMs: number | 'invalid' | null;
  /** Null: no such header, or no number in it. */
  readonly maxEnvelopeBytes: number | null;
  readonly header: XmlElement;
  readonly body: XmlElement;
}

const operationsByAction: ReadonlyMap<string, SoapOperation> = new Map([
  [actions.create, 'create'],
  [actions.command, 'command'],
  [actions.receive, 'receive'],
  [actions.send, 'send'],
  [actions.signal, 'signal'],
  [actions.delete, 'delete'],
  [actions.get, 'get'],
  [actions.enumerate, 'enumerate'],
  [actions.pull, 'pull'],
  [actions.release, 'release'],
]);

/** Reads one request. Throws Failure `wire/invalid` when it is no SOAP envelope. */
export function readSoapRequest(text: string): SoapRequest {
  const { action, messageId, header, body } = readEnvelope(text);
  const identify = child(body, ns.identity, 'Identify') !== null;
  const maxEnvelope = textOf(header, ns.wsman, 'MaxEnvelopeSize');
  const resourceUri = textOf(header, ns.wsman, 'ResourceURI');
  const selectors = readSelectors(header);
  return {
    operation: identify ? 'identify' : (operationsByAction.get(action ?? '') ?? readMethodCall(action, resourceUri)),
    action,
    messageId,
    resourceUri,
    shellId: selectors.get(shellIdSelector.toUpperCase())?.toUpperCase() ?? null,
    selectors,
    options: readOptions(header),
    operationTimeoutMs: readTimeout(textOf(header, ns.wsman, 'OperationTimeout')),
    maxEnvelopeBytes: maxEnvelope === null || !/^\d+$/.test(maxEnvelope) ? null : Number(maxEnvelope),
    header,
    body,
  };
}

/** The action of a method is its class's URI and its name [MS-WSMV 4.1.4]. */
function readMethodCall(action: string | null, resourceUri: string | null): SoapOperation | null {
  if (action === null || resourceUri?.startsWith(`${wmiUri}/`) !== true) return null;
  return action.startsWith(`${resourceUri}/`) ? 'invoke' : null;
}

/** Selector names and values are compared without regard to case (MS-WSMV 3.1.4.1.2). */
function readSelectors(header: XmlElement): Map<string, string> {
  const set = child(header, ns.wsman, 'SelectorSet');
  const found = set === null ? [] : children(set, ns.wsman, 'Selector');
  return new Map(found.map((one) => [(one.attributes.get('Name') ?? '').toUpperCase(), one.text.trim()]));
}

function readOptions(header: XmlElement): Map<string, string> {
  const set = child(header, ns.wsman, 'OptionSet');
  const options = set === null ? [] : children(set, ns.wsman, 'Option');
  return new Map(options.map((one) => [(one.attributes.get('Name') ?? '').toUpperCase(), one.text.trim()]));
}

function readTimeout(text: string | null): number | 'invalid' | null {
  if (text === null) return null;
  try {
    const timeoutMs = readDuration(text);
    return timeoutMs < 0 ? 'invalid' : timeoutMs;
  } catch {
    return 'invalid';
  }
}

export interface AnswerHead {
  readonly action: string;
  /** A new upper-case GUID. */
  readonly messageId: string;
  /** The request's MessageID, word for word; null when it had none (WinRb/wmi_error_v2 has none either). */
  readonly relatesTo: string | null;
  /** Further header elements, ready-made. */
  readonly extra?: string;
}

/** An answer's envelope around a ready-made body, in Windows' prefixes, which some clients compare (wsman.md section 10). */
export function writeSoapAnswer(head: AnswerHead, body: string): string {
  const header =
    element('a:Action', {}, escapeXml(head.action)) +
    element('a:MessageID', {}, `uuid:${head.messageId}`) +
    (head.extra ?? '') +
    element('a:To', {}, anonymousRole) +
    (head.relatesTo === null ? '' : element('a:RelatesTo', {}, escapeXml(head.relatesTo)));
  return writeEnvelope(header, body, 'en-US');
}

/** The answer to Identify has no headers at all (knife-windows/identify.*). `version`: `OS: 0.0.0 SP: 0.0 Stack: 3.0`. */
export function writeIdentifyAnswer(version: string): string {
  return (
    `<s:Envelope xmlns:s="${ns.soap}"><s:Header/><s:Body>` +
    `<wsmid:IdentifyResponse xmlns:wsmid="${ns.identity}">` +
    element('wsmid:ProtocolVersion', {}, ns.wsman) +
    element('wsmid:ProductVendor', {}, 'Microsoft Corporation') +
    element('wsmid:ProductVersion', {}, escapeXml(version)) +
    '</wsmid:IdentifyResponse></s:Body></s:Envelope>'
  );
}

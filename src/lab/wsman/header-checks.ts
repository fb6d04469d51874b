// Which requests a WinRM service refuses for their SOAP headers alone, before it looks at the body. Pure.
// Source: MS-WSMV 3.1.4.1.2-9 and 3.1.4.1.31; facts wsman.md section 2.3 and section 8, item 11.
import { anonymousRole, cmdShellUri, ns, wmiUri } from '../../winrm/soap/namespaces.ts';
import { child, textOf } from '../../winrm/soap/xml.ts';
import type { XmlElement } from '../../winrm/soap/xml.ts';
import type { SoapOperation } from '../mishaps.ts';
import type { SoapRequest } from './soap.ts';
import {
  actionNotSupported,
  encodingLimit,
  invalidResourceUri,
  invalidTimeout,
  localeMustBeHint,
  missingHeader,
  unsupportedReplyTo,
} from './soap-faults.ts';
import type { LabFault } from './soap-faults.ts';

/** Smallest MaxEnvelopeSize a client may ask for, bytes (MS-WSMV 3.1.4.1.7). */
const smallestEnvelopeBytes = 8192;

const shellOperations: readonly SoapOperation[] = ['create', 'command', 'receive', 'send', 'signal', 'delete'];

export type HeaderProblem =
  | { readonly kind: 'fault'; readonly fault: LabFault }
  | { readonly kind: 'not-understood'; readonly namespace: string; readonly name: string };

const understood: ReadonlyMap<string, readonly string[]> = new Map([
  [ns.addressing, ['To', 'Action', 'MessageID', 'ReplyTo', 'FaultTo', 'From', 'RelatesTo']],
  [ns.wsman, ['ResourceURI', 'MaxEnvelopeSize', 'OperationTimeout', 'Locale', 'SelectorSet', 'OptionSet']],
  [ns.wsmanMicrosoft, ['DataLocale', 'SessionId', 'OperationID', 'SequenceId', 'ActivityId']],
  [ns.shell, ['CompressionType']],
]);

/** The first thing wrong with the headers of a request to a shell; null: nothing. Identify has no headers to check. */
export function checkHeaders(request: SoapRequest): HeaderProblem | null {
  const { header } = request;
  const stranger = header.children.find((one) => mustBeUnderstood(one) && !isUnderstood(one));
  if (stranger !== undefined) return { kind: 'not-understood', namespace: stranger.namespace, name: stranger.name };
  const fault = findFault(request, header);
  return fault === null ? null : { kind: 'fault', fault };
}

function findFault(request: SoapRequest, header: XmlElement): LabFault | null {
  const replyTo = child(header, ns.addressing, 'ReplyTo');
  if (request.action === null || request.messageId === null || replyTo === null) return missingHeader;
  if (textOf(replyTo, ns.addressing, 'Address') !== anonymousRole) return unsupportedReplyTo;
  for (const [namespace, name] of [
    [ns.wsman, 'Locale'],
    [ns.wsmanMicrosoft, 'DataLocale'],
  ] as const) {
    const locale = child(header, namespace, name);
    if (locale !== null && mustBeUnderstood(locale)) return localeMustBeHint;
  }
  if (request.operationTimeoutMs === 'invalid') {
    return invalidTimeout(textOf(header, ns.wsman, 'OperationTimeout') ?? '');
  }
  if (request.maxEnvelopeBytes !== null && request.maxEnvelopeBytes < smallestEnvelopeBytes) return encodingLimit;
  const isWmi = request.resourceUri?.startsWith(`${wmiUri}/`) === true;
  if (request.resourceUri !== cmdShellUri && !isWmi) return invalidResourceUri;
  return request.operation === null || isWmi === shellOperations.includes(request.operation)
    ? actionNotSupported
    : null;
}

/** Clients write it with SOAP's prefix and without; Windows takes both (wsman.md section 2.3). */
function mustBeUnderstood(header: XmlElement): boolean {
  const value = header.attributes.get(`{${ns.soap}}mustUnderstand`) ?? header.attributes.get('mustUnderstand');
  return value === 'true' || value === '1';
}

function isUnderstood(header: XmlElement): boolean {
  return understood.get(header.namespace)?.includes(header.name) === true;
}

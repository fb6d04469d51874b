// The answers about CIM instances, read by namespace and never by prefix; cim-requests.ts is the twin. A fault is not judged here.
// Sources: DSP0226 sections 7-9, DSP0230 (CIM in XML); MS-WSMV 4.1; the one answer mixes w:Items and n:Items (wsman.md 7.1).
import { Failure } from '../../model/failure.ts';
import type { CimObject, CimValue } from '../../model/cim.ts';
import type { Envelope } from './envelope.ts';
import { ns } from './namespaces.ts';
import { child, children, textOf } from './xml.ts';
import type { XmlElement } from './xml.ts';

/** The one instance in the body of a GetResponse. Throws Failure `wire/invalid`. */
export function readGetResponse(envelope: Envelope): CimObject {
  const [instance] = envelope.body.children;
  if (instance === undefined) throw unexpected(envelope, 'an instance');
  return readObject(instance);
}

export interface EnumerationPart {
  readonly items: readonly CimObject[];
  /** For the next Pull; null: this was the end. */
  readonly context: string | null;
}

/** EnumerateResponse [DSP0226 8.2]. Throws Failure `wire/invalid`. */
export function readEnumerateResponse(envelope: Envelope): EnumerationPart {
  return readPart(envelope, 'EnumerateResponse', null);
}

/** PullResponse [DSP0226 8.4]. Without a context of its own `context`, the one that was asked with, stays good. */
export function readPullResponse(envelope: Envelope, context: string): EnumerationPart {
  return readPart(envelope, 'PullResponse', context);
}

/** ReleaseResponse, which is empty [DSP0226 8.5]: there is nothing to read, only a fault to miss. */
export function readReleaseResponse(envelope: Envelope): void {
  if (envelope.fault !== null) throw unexpected(envelope, 'ReleaseResponse');
}

/** What a method gave back, `ReturnValue` and all. Throws Failure `wire/invalid`. */
export function readInvokeResponse(envelope: Envelope, method: string): CimObject {
  const [output] = envelope.body.children;
  if (output?.name.toLowerCase() !== `${method}_output`.toLowerCase()) throw unexpected(envelope, `${method}_OUTPUT`);
  return readObject(output);
}

function readPart(envelope: Envelope, name: string, askedWith: string | null): EnumerationPart {
  const response = child(envelope.body, ns.enumeration, name);
  if (response === null) throw unexpected(envelope, name);
  const items = both(response, 'Items');
  const said = textOf(response, ns.enumeration, 'EnumerationContext') ?? askedWith ?? '';
  // An empty context and EndOfSequence come together on Windows; a server that sends a context along with the end has ended, too.
  const isEnd = both(response, 'EndOfSequence') !== null || said === '';
  return { items: items === null ? [] : items.children.map(readObject), context: isEnd ? null : said };
}

/** An optimized answer uses the namespace of WS-Management, a Pull that of WS-Enumeration. */
function both(response: XmlElement, name: string): XmlElement | null {
  return child(response, ns.wsman, name) ?? child(response, ns.enumeration, name);
}

/** An instance, a w:XmlFragment (a query with columns), or an embedded object. `w:Item` around an item is looked through. */
function readObject(instance: XmlElement): CimObject {
  if (instance.namespace === ns.wsman && instance.name === 'Item') {
    const [inner] = instance.children;
    if (inner !== undefined) return readObject(inner);
  }
  const properties = new Map<string, CimValue>();
  for (const one of instance.children) {
    const value = readValue(one);
    const known = properties.get(one.name);
    properties.set(
      one.name,
      known === undefined ? value : Array.isArray(known) ? [...(known as CimValue[]), value] : [known, value],
    );
  }
  return Object.fromEntries(properties);
}

function readValue(property: XmlElement): CimValue {
  const nil = property.attributes.get(`{${ns.xsi}}nil`);
  if (nil === 'true' || nil === '1') return null;
  const [only, ...more] = property.children;
  if (only === undefined) return property.text;
  // A date stands in cim:Datetime, or in an element without a namespace (wsman.md 7.1).
  const isDate = more.length === 0 && /^(?:datetime|interval)$/i.test(only.name) && only.children.length === 0;
  if (isDate && (only.namespace === ns.cim || only.namespace === '')) return only.text;
  // A reference to another instance: its selectors say which.
  const selectors = descendSelectors(property);
  return selectors ?? readObject(property);
}

function descendSelectors(property: XmlElement): CimObject | null {
  const parameters = child(property, ns.addressing, 'ReferenceParameters');
  if (parameters === null) return null;
  const set = child(parameters, ns.wsman, 'SelectorSet');
  const named = set === null ? [] : children(set, ns.wsman, 'Selector');
  return Object.fromEntries(named.map((one) => [one.attributes.get('Name') ?? '', one.text]));
}

function unexpected(envelope: Envelope, wanted: string): Failure {
  const got = envelope.body.children.map((one) => one.name).join(', ');
  return new Failure('wire/invalid', `expected ${wanted} in the answer, got ${got === '' ? 'an empty body' : got}`, {
    hint: 'check that the address and port are those of a WinRM listener',
    retry: 'new-session',
  });
}

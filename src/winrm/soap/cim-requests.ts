// The requests about CIM instances, one function each; cim-responses.ts is their twin. No ids are made here, and nothing is changed on
// a host except by invokeRequest. Sources: DSP0226 sections 7 (Get), 8 (Enumerate, Pull, Release) and 9 (methods); MS-WSMV 4.1;
// wsman.md section 7.
import { writeEnvelope } from './envelope.ts';
import { actions, ns, wmiUri, wqlDialect } from './namespaces.ts';
import { writeHeader } from './request-header.ts';
import type { NamedValue, RequestBase } from './request-header.ts';
import { element, escapeXml } from './xml.ts';

/** The resource URI of a WMI class. `namespace`: `root/cimv2`; a backslash counts as a slash. */
export function writeClassUri(namespace: string, className: string): string {
  return `${wmiUri}/${namespace.replaceAll('\\', '/').replace(/^\/+|\/+$/g, '')}/${className}`;
}

export interface ResourceInput extends RequestBase {
  readonly resourceUri: string;
  readonly selectors: readonly NamedValue[];
}

/** Get [DSP0226 7.3]: the instance that the selectors name. */
export function writeGetRequest(input: ResourceInput): string {
  return writeEnvelope(writeHeader(input, { ...input, action: actions.get, options: [] }), '');
}

export interface EnumerateInput extends ResourceInput {
  /** A query in WQL, with the resource URI of the class `*`; null: all instances of the resource. */
  readonly wql: string | null;
  /** Instances in one answer, at most. Every Pull must repeat it and MaxEnvelopeSize, or is refused (2150859181). */
  readonly maxElements: number;
}

/** Enumerate [DSP0226 8.2], optimized [8.2.3]: the first instances come with the answer. Child order follows the schema. */
export function writeEnumerateRequest(input: EnumerateInput): string {
  const { wql, maxElements } = input;
  const content =
    element('w:OptimizeEnumeration', {}) +
    element('w:MaxElements', {}, String(maxElements)) +
    (wql === null ? '' : element('w:Filter', { Dialect: wqlDialect }, escapeXml(wql)));
  return enumerationMessage(input, actions.enumerate, 'Enumerate', content);
}

export interface PullInput extends ResourceInput {
  /** That of the last answer; it may change with each [DSP0226 8.4]. */
  readonly context: string;
  readonly maxElements: number;
}

/** Pull [DSP0226 8.4]. */
export function writePullRequest(input: PullInput): string {
  const content =
    element('n:EnumerationContext', {}, escapeXml(input.context)) +
    element('n:MaxElements', {}, String(input.maxElements));
  return enumerationMessage(input, actions.pull, 'Pull', content);
}

/** Release [DSP0226 8.5]: gives up an enumeration that isn't at its end. */
export function writeReleaseRequest(input: ResourceInput & { readonly context: string }): string {
  const content = element('n:EnumerationContext', {}, escapeXml(input.context));
  return enumerationMessage(input, actions.release, 'Release', content);
}

/** The prefix is declared where it is used: other messages don't know it. */
function enumerationMessage(input: ResourceInput, action: string, name: string, content: string): string {
  const body = element(`n:${name}`, { 'xmlns:n': ns.enumeration }, content);
  return writeEnvelope(writeHeader(input, { ...input, action, options: [] }), body);
}

export interface InvokeInput extends ResourceInput {
  readonly method: string;
  /** In the order of the method's signature. Null is written as xsi:nil, several values as repeated elements. */
  readonly parameters: readonly (readonly [name: string, value: string | null | readonly string[]])[];
}

/** A method of a class, or of the instance that the selectors name [DSP0226 9; MS-WSMV 4.1.4]. Names must be XML names. */
export function writeInvokeRequest(input: InvokeInput): string {
  const { method, resourceUri, parameters } = input;
  const written = parameters.flatMap(([name, value]) =>
    value === null
      ? [element(`m:${name}`, { 'xsi:nil': 'true' })]
      : (typeof value === 'string' ? [value] : value).map((one) => element(`m:${name}`, {}, escapeXml(one))),
  );
  const body = element(`m:${method}_INPUT`, { 'xmlns:m': resourceUri, 'xmlns:xsi': ns.xsi }, written.join(''));
  return writeEnvelope(writeHeader(input, { ...input, action: `${resourceUri}/${method}`, options: [] }), body);
}

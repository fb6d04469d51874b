// XML in and out, as little of it as SOAP needs: a reader that resolves namespaces into plain elements, and writing with escapes.
// It deliberately reads no DOCTYPE (so no entities of a stranger), and stops at a depth and a size. Source: XML 1.0, Namespaces in XML 1.0.
import { parseXml, XmlDocumentType, XmlElement as ParsedElement, XmlText } from '@rgrove/parse-xml';
import { Failure } from '../../model/failure.ts';

export interface XmlElement {
  /** Namespace URI; empty when the element has none. */
  readonly namespace: string;
  /** Local name, without a prefix. */
  readonly name: string;
  /** By local name when the attribute has no namespace, else by `{namespace}local`. Namespace declarations are left out. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly inside this element, in one piece, as it stands (white space included). */
  readonly text: string;
}

export interface XmlLimits {
  /** Longest text that is read, in UTF-16 units. */
  readonly maxCharacters: number;
}

const maxDepth = 64;
/** SOAP has a handful; hundreds of thousands would keep the parser busy for seconds. */
const maxAttributes = 256;

/** Reads one XML document into its root element. Throws Failure `wire/invalid` and nothing else. */
export function readXml(text: string, limits: XmlLimits): XmlElement {
  if (text.length > limits.maxCharacters) {
    throw invalid(`expected at most ${limits.maxCharacters} characters, got ${text.length}`);
  }
  try {
    const document = parseXml(text, { preserveDocumentType: true });
    if (document.children.some((one) => one instanceof XmlDocumentType)) {
      throw invalid('expected no document type declaration, got one');
    }
    if (document.root === null) throw invalid('expected one element, got none');
    return resolved(document.root, predeclared, 1);
  } catch (error) {
    if (error instanceof Failure) throw error;
    // The parser goes down with each level, so thousands of levels end its stack.
    if (error instanceof RangeError) throw tooDeep();
    throw invalid(error instanceof Error ? (/^[^\n]*/.exec(error.message)?.[0] ?? '') : 'unreadable');
  }
}

/** Prefix to namespace URI; the empty prefix is the namespace of elements without one. */
type Scope = ReadonlyMap<string, string>;

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';
const predeclared: Scope = new Map([
  ['', ''],
  ['xml', xmlNamespace],
]);

function resolved(parsed: ParsedElement, outer: Scope, depth: number): XmlElement {
  if (depth > maxDepth) throw tooDeep();
  const written = Object.entries(parsed.attributes);
  if (written.length > maxAttributes) throw invalid(`expected at most ${maxAttributes} attributes on one element`);
  const scope = declaredIn(written, outer);
  const attributes = new Map<string, string>();
  for (const [qualified, value] of written) {
    const { prefix, local } = splitName(qualified);
    if (prefix === 'xmlns' || qualified === 'xmlns') continue;
    const key = prefix === '' ? local : `{${namespaceOf(prefix, scope)}}${local}`;
    if (attributes.has(key)) throw invalid(`expected each attribute once, got ${key} twice`);
    attributes.set(key, value);
  }
  const { prefix, local } = splitName(parsed.name);
  const children: XmlElement[] = [];
  let text = '';
  for (const one of parsed.children) {
    if (one instanceof ParsedElement) children.push(resolved(one, scope, depth + 1));
    else if (one instanceof XmlText) text += one.text;
  }
  return { namespace: namespaceOf(prefix, scope), name: local, attributes, children, text };
}

/** Namespaces in XML 1.0, sections 3 and 5: what an element declares, over what its parents did. */
function declaredIn(written: readonly (readonly [string, string])[], outer: Scope): Scope {
  let scope: Map<string, string> | null = null;
  for (const [qualified, uri] of written) {
    if (!qualified.startsWith('xmlns')) continue;
    const { prefix, local } = splitName(qualified);
    if (prefix !== 'xmlns' && qualified !== 'xmlns') continue;
    const declared = prefix === '' ? '' : local;
    const reserved = declared === 'xmlns' || uri === xmlnsNamespace || (declared === 'xml') !== (uri === xmlNamespace);
    if (reserved || (declared !== '' && uri === ''))
      throw invalid(`the namespace prefix "${declared}" can't be declared as "${uri}"`);
    scope ??= new Map(outer);
    scope.set(declared, uri);
  }
  return scope ?? outer;
}

function namespaceOf(prefix: string, scope: Scope): string {
  const uri = scope.get(prefix);
  if (uri === undefined) throw invalid(`the namespace prefix "${prefix}" is not declared`);
  return uri;
}

function splitName(qualified: string): { readonly prefix: string; readonly local: string } {
  const colon = qualified.indexOf(':');
  if (colon === -1) return { prefix: '', local: qualified };
  const local = qualified.slice(colon + 1);
  if (colon === 0 || local === '' || local.includes(':')) throw invalid(`"${qualified}" is no name with a prefix`);
  return { prefix: qualified.slice(0, colon), local };
}

function tooDeep(): Failure {
  return invalid(`expected elements at most ${maxDepth} deep`);
}

/** The first child of that namespace and name, or null. */
export function child(parent: XmlElement, namespace: string, name: string): XmlElement | null {
  return parent.children.find((one) => one.namespace === namespace && one.name === name) ?? null;
}

/** All children of that namespace and name, in order. */
export function children(parent: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  return parent.children.filter((one) => one.namespace === namespace && one.name === name);
}

/** The trimmed text of the first such child, or null when there is no such child. */
export function textOf(parent: XmlElement, namespace: string, name: string): string | null {
  return child(parent, namespace, name)?.text.trim() ?? null;
}

/** The first element of that namespace and name at any depth below `parent`, in document order, or null. */
export function descend(parent: XmlElement, namespace: string, name: string): XmlElement | null {
  for (const one of parent.children) {
    if (one.namespace === namespace && one.name === name) return one;
    const deeper = descend(one, namespace, name);
    if (deeper !== null) return deeper;
  }
  return null;
}

// What XML 1.0 section 2.2 forbids: most control characters, lone surrogates, U+FFFE and U+FFFF.
const illegal = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF\p{Surrogate}]/u;

/** Nothing to escape and nothing to refuse: nearly every text. */
const plain = /^[ !#-%'-;=?-~]*$/;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A reader turns bare ones into blanks or line feeds (XML 1.0 sections 2.11 and 3.3.3).
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/**
 * Text ready to stand between tags or in a double-quoted attribute; a reader gets exactly the same characters back.
 * Throws Failure `wire/invalid` for a character that XML 1.0 cannot carry: it is refused, never replaced.
 */
export function escapeXml(text: string): string {
  if (plain.test(text)) return text;
  const bad = illegal.exec(text);
  if (bad !== null) {
    const code = bad[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw new Failure('wire/invalid', `expected text that XML can carry, got character U+${code} at ${bad.index}`, {
      hint: 'take the control character out of the command or name',
    });
  }
  return text.replace(/[&<>"\t\n\r]/g, (found) => escapes[found] ?? found);
}

/** One element with ready-made content. `name` carries the prefix; attribute values are escaped here, `content` is not. */
export function element(name: string, attributes: Readonly<Record<string, string>>, content = ''): string {
  let written = '';
  for (const [key, value] of Object.entries(attributes)) written += ` ${key}="${escapeXml(value)}"`;
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

function invalid(what: string): Failure {
  return new Failure('wire/invalid', `the XML cannot be read: ${what}`, {
    hint: 'check that the address and port are those of a WinRM listener',
  });
}

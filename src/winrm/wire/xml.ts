// XML in and out, as little of it as SOAP needs: a reader that resolves namespaces into plain elements, and writing with escapes.
// It deliberately reads no DOCTYPE (so no entities of a stranger), and stops at a depth and a size. Source: XML 1.0, Namespaces in XML 1.0.
import { SaxesParser } from 'saxes';
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

interface Growing {
  readonly namespace: string;
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';

/** Reads one XML document into its root element. Throws Failure `wire/invalid` and nothing else. */
export function readXml(text: string, limits: XmlLimits): XmlElement {
  if (text.length > limits.maxCharacters) {
    throw invalid(`expected at most ${limits.maxCharacters} characters, got ${text.length}`);
  }
  const open: Growing[] = [];
  const roots: Growing[] = [];
  const parser = new SaxesParser({ xmlns: true, position: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw invalid('expected no document type declaration, got one');
  });
  let attributeCount = 0;
  parser.on('opentagstart', () => {
    attributeCount = 0;
  });
  parser.on('attribute', () => {
    attributeCount += 1;
    if (attributeCount > maxAttributes) throw invalid(`expected at most ${maxAttributes} attributes on one element`);
  });
  parser.on('opentag', (tag) => {
    if (open.length >= maxDepth) throw invalid(`expected elements at most ${maxDepth} deep`);
    const attributes = new Map<string, string>();
    for (const one of Object.values(tag.attributes)) {
      if (one.uri === xmlnsNamespace || one.name === 'xmlns') continue;
      attributes.set(one.uri === '' ? one.local : `{${one.uri}}${one.local}`, one.value);
    }
    const element: Growing = { namespace: tag.uri, name: tag.local, attributes, children: [], text: '' };
    const parent = open.at(-1);
    if (parent === undefined) roots.push(element);
    else parent.children.push(element);
    open.push(element);
  });
  const { shortened, restore } = setAside(text);
  parser.on('closetag', () => {
    const closed = open.pop();
    if (closed !== undefined) closed.text = restore(closed.text);
  });
  const addText = (part: string): void => {
    const parent = open.at(-1);
    if (parent !== undefined) parent.text += part;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  try {
    parser.write(shortened).close();
  } catch (error) {
    throw error instanceof Failure ? error : invalid(error instanceof Error ? error.message : 'unreadable');
  }
  const [root] = roots;
  if (root === undefined) throw invalid('expected one element, got none');
  return root;
}

// A private-use character that no server sends; a text that holds it all the same, or may by its number, is parsed as it stands.
const mark = '\uE000';
const longBase64 = /(?<=>)[A-Za-z0-9+/=]{2048,}(?=<)/g;

/**
 * What a command printed travels as one long run of base64, and the parser looks at each character of it. Such runs hold no markup and stand
 * between two tags: a short mark goes through the parser in their place.
 */
function setAside(text: string): { readonly shortened: string; readonly restore: (text: string) => string } {
  const kept: string[] = [];
  if (text.includes(mark) || text.includes('&#')) return { shortened: text, restore: (part) => part };
  const shortened = text.replace(longBase64, (run) => `${mark}${kept.push(run) - 1}${mark}`);
  const restore = (part: string): string =>
    part.includes(mark) ? part.replace(/\uE000(\d+)\uE000/g, (_, index: string) => kept[Number(index)] ?? '') : part;
  return { shortened, restore };
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
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(value)}"`)
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

function invalid(what: string): Failure {
  return new Failure('wire/invalid', `the XML cannot be read: ${what}`, {
    hint: 'check that the address and port are those of a WinRM listener',
  });
}

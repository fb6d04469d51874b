// LDAP messages as bytes: requests out, answers in. PURE. The encoding is ldapts' (BER, filters, controls); what an answer is made of is
// read here, as bytes, for ldapts reads SASL tokens as text. It knows no socket. Source: RFC 4511, RFC 2696 (paged results).
import {
  AndFilter,
  BerReader,
  BerWriter,
  EqualityFilter,
  ExtendedRequest,
  OrFilter,
  PagedResultsControl,
  PresenceFilter,
  SearchRequest,
  UnbindRequest,
} from 'ldapts';
import type { Filter as LdapFilter } from 'ldapts';
import { Failure } from '../model/failure.ts';

/** What is asked for. Values are data: no text is ever read as a filter. */
export type Filter =
  | { readonly has: string }
  | { readonly attribute: string; readonly is: string }
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] };

export interface SearchQuestion {
  readonly base: string;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: Filter;
  readonly attributes: readonly string[];
}

export interface Entry {
  readonly dn: string;
  /** Values by the attribute's name in lower case. */
  readonly attributes: ReadonlyMap<string, readonly Uint8Array[]>;
}

export interface LdapResult {
  readonly code: number;
  /** The server's own words. */
  readonly words: string;
  readonly referrals: readonly string[];
  /** Of a SASL bind; null: none. */
  readonly token: Uint8Array | null;
  /** Of a paged search; empty: that was the last page. */
  readonly cookie: Uint8Array;
}

export type LdapAnswer =
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'reference'; readonly uris: readonly string[] }
  | { readonly kind: 'result'; readonly result: LdapResult }
  /** Something newer than this; RFC 4511 section 4 has it ignored. */
  | { readonly kind: 'other' };

export interface LdapMessage {
  readonly id: number;
  readonly answer: LdapAnswer;
}

const ldapVersion = 3;
const startTlsName = '1.3.6.1.4.1.1466.20037';
const tags = {
  sequence: 0x30,
  octets: 0x04,
  integer: 0x02,
  bindRequest: 0x60,
  simple: 0x80,
  sasl: 0xa3,
  referral: 0xa3,
  serverSaslCreds: 0x87,
  controls: 0xa0,
} as const;
const resultTags: readonly number[] = [0x61, 0x65, 0x78];
const entryTag = 0x64;
const referenceTag = 0x73;

export function writeSimpleBind(id: number, name: string, password: string): Uint8Array {
  return writeBind(id, name, (writer) => {
    writer.writeBuffer(Buffer.from(password, 'utf8'), tags.simple);
  });
}

/** `token`: empty is sent as one of no bytes. */
export function writeSaslBind(id: number, mechanism: string, token: Uint8Array): Uint8Array {
  return writeBind(id, '', (writer) => {
    writer.startSequence(tags.sasl);
    writer.writeString(mechanism);
    writer.writeBuffer(Buffer.from(token), tags.octets);
    writer.endSequence();
  });
}

export function writeStartTls(id: number): Uint8Array {
  return new ExtendedRequest({ messageId: id, oid: startTlsName }).write();
}

export function writeUnbind(id: number): Uint8Array {
  return new UnbindRequest({ messageId: id }).write();
}

export interface Page {
  readonly size: number;
  readonly cookie: Uint8Array;
}

export function writeSearch(id: number, question: SearchQuestion, page: Page | null, timeLimitS: number): Uint8Array {
  const paged =
    page === null
      ? []
      : [new PagedResultsControl({ value: { size: page.size, cookie: Buffer.from(page.cookie) }, critical: true })];
  return new SearchRequest({
    messageId: id,
    baseDN: question.base,
    scope: question.scope,
    filter: toFilter(question.filter),
    attributes: [...question.attributes],
    timeLimit: timeLimitS,
    controls: paged,
  }).write();
}

/** How long the first message of these bytes is; null: that is not yet to be seen. Throws Failure `directory/unread`. */
export function measureMessage(bytes: Uint8Array): number | null {
  if (bytes.length < 2) return null;
  if (bytes[0] !== tags.sequence) throw unread('it does not begin as a message');
  const first = bytes[1] ?? 0;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw unread('the length of a message is not readable');
  if (bytes.length < 2 + count) return null;
  const length = bytes.subarray(2, 2 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  return 2 + count + length;
}

/** One whole message. Throws Failure `directory/unread`. */
export function readMessage(bytes: Uint8Array): LdapMessage {
  const reader = new BerReader(Buffer.from(bytes));
  try {
    enter(reader, tags.sequence);
    const id = readNumber(reader, tags.integer);
    const tag = reader.peek() ?? 0;
    const end = enter(reader, tag);
    const answer = readAnswer(reader, tag, end);
    return { id, answer };
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    throw unread('a message is damaged', thrown);
  }
}

function writeBind(id: number, name: string, writeChoice: (writer: BerWriter) => void): Uint8Array {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(tags.bindRequest);
  writer.writeInt(ldapVersion);
  writer.writeString(name);
  writeChoice(writer);
  writer.endSequence();
  writer.endSequence();
  return writer.buffer;
}

function toFilter(filter: Filter): LdapFilter {
  if ('has' in filter) return new PresenceFilter({ attribute: filter.has });
  if ('all' in filter) return new AndFilter({ filters: filter.all.map(toFilter) });
  if ('any' in filter) return new OrFilter({ filters: filter.any.map(toFilter) });
  return new EqualityFilter({ attribute: filter.attribute, value: filter.is });
}

function readAnswer(reader: BerReader, tag: number, end: number): LdapAnswer {
  if (tag === entryTag) return { kind: 'entry', entry: readEntry(reader) };
  if (tag === referenceTag) return { kind: 'reference', uris: readTexts(reader, end) };
  if (resultTags.includes(tag)) return { kind: 'result', result: readResult(reader, end) };
  return { kind: 'other' };
}

function readEntry(reader: BerReader): Entry {
  const dn = readText(reader);
  const end = enter(reader, tags.sequence);
  const attributes = new Map<string, readonly Uint8Array[]>();
  while (reader.offset < end) {
    enter(reader, tags.sequence);
    const name = readText(reader).toLowerCase();
    const valuesEnd = enter(reader, 0x31);
    const values: Uint8Array[] = [];
    while (reader.offset < valuesEnd) values.push(readOctets(reader, tags.octets));
    attributes.set(name, values);
  }
  return { dn, attributes };
}

function readResult(reader: BerReader, end: number): LdapResult {
  const code = readNumber(reader, 0x0a);
  readOctets(reader, tags.octets);
  const words = readText(reader);
  let referrals: readonly string[] = [];
  let token: Uint8Array | null = null;
  while (reader.offset < end) {
    const tag = reader.peek() ?? 0;
    if (tag === tags.referral) referrals = readTexts(reader, enter(reader, tag));
    else if (tag === tags.serverSaslCreds) token = readOctets(reader, tag);
    else readOctets(reader, tag);
  }
  return { code, words, referrals, token, cookie: readCookie(reader) };
}

/** Behind the result: the controls of the answer. */
function readCookie(reader: BerReader): Uint8Array {
  let cookie: Uint8Array = new Uint8Array();
  if (reader.peek() !== tags.controls) return cookie;
  const end = enter(reader, tags.controls);
  while (reader.offset < end) {
    const controlEnd = enter(reader, tags.sequence);
    const name = readText(reader);
    while (reader.offset < controlEnd) {
      const tag = reader.peek() ?? 0;
      const value = readOctets(reader, tag);
      if (name !== PagedResultsControl.type || tag !== tags.octets) continue;
      const inner = new BerReader(Buffer.from(value));
      enter(inner, tags.sequence);
      readNumber(inner, tags.integer);
      cookie = readOctets(inner, tags.octets);
    }
  }
  return cookie;
}

/** Steps into a value; where it ends. ldapts itself believes any length. */
function enter(reader: BerReader, tag: number): number {
  if (reader.readSequence(tag) === null) throw unread('a message is cut off');
  if (reader.length < 0 || reader.length > reader.remain) throw unread('a part is longer than its message');
  return reader.offset + reader.length;
}

function readOctets(reader: BerReader, tag: number): Uint8Array {
  const end = enter(reader, tag);
  const value = reader.buffer.subarray(reader.offset, end);
  reader.offset = end;
  return value;
}

function readText(reader: BerReader): string {
  return Buffer.from(readOctets(reader, tags.octets)).toString('utf8');
}

function readTexts(reader: BerReader, end: number): readonly string[] {
  const texts: string[] = [];
  while (reader.offset < end) texts.push(readText(reader));
  return texts;
}

function readNumber(reader: BerReader, tag: number): number {
  const bytes = readOctets(reader, tag);
  if (bytes.length === 0 || bytes.length > 4) throw unread('a number is not readable');
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

function unread(what: string, cause?: unknown): Failure {
  return new Failure('directory/unread', `the answer is not LDAP: ${what}`, {
    hint: 'is this a domain controller, and the port one of LDAP (389, or 636 with TLS)?',
    ...(cause === undefined ? {} : { cause }),
  });
}

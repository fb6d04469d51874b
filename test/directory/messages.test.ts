// LDAP on the wire: what is cut anywhere, or damaged anywhere, is refused in words, and never read as something else for ever.
import { BerReader, BerWriter, FilterParser, SearchRequest } from 'ldapts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureMessage, readMessage, writeSaslBind, writeSearch } from '../../src/directory/messages.ts';
import { Failure } from '../../src/model/failure.ts';

function result(code: number, words: string, cookie?: Uint8Array): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(7);
  writer.startSequence(0x65);
  writer.writeEnumeration(code);
  writer.writeString('');
  writer.writeString(words);
  writer.endSequence();
  if (cookie !== undefined) {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(0);
    value.writeBuffer(Buffer.from(cookie), 4);
    value.endSequence();
    writer.startSequence(0xa0);
    writer.startSequence();
    writer.writeString('1.2.840.113556.1.4.319');
    writer.writeBuffer(value.buffer, 4);
    writer.endSequence();
    writer.endSequence();
  }
  writer.endSequence();
  return Buffer.from(writer.buffer);
}

describe('an answer', () => {
  test('is read with its words and the cookie of its page', () => {
    const bytes = result(8, 'stronger', Buffer.from([1, 2]));
    expect(measureMessage(bytes)).toBe(bytes.length);
    const { id, answer } = readMessage(bytes);
    expect(id).toBe(7);
    expect(answer).toMatchObject({
      kind: 'result',
      result: { code: 8, words: 'stronger', cookie: Buffer.from([1, 2]) },
    });
  });

  test('that is damaged is a Failure directory/unread or another answer, and never anything else', () => {
    const whole = result(0, 'fine', Buffer.from([9]));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, length) => {
        const damaged = Buffer.from(whole.subarray(0, length));
        if (at < length) damaged[at] = byte;
        try {
          measureMessage(damaged);
          readMessage(damaged);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure);
          expect(thrown).toMatchObject({ code: 'directory/unread' });
        }
      }),
    );
  });
});

describe('a question', () => {
  test('has its values as data: a filter in them is a text', () => {
    const is = '*)(cn=*';
    const question = { base: 'DC=x', scope: 'sub', filter: { attribute: 'cn', is }, attributes: ['cn'] } as const;
    const bytes = Buffer.from(writeSearch(1, question, null, 5));
    const reader = new BerReader(bytes);
    reader.readSequence();
    reader.readInt();
    reader.readSequence();
    const read = new SearchRequest({ messageId: 1, filter: FilterParser.parseString('(a=b)') });
    read.parse(reader, []);
    expect(read.filter).toMatchObject({ attribute: 'cn', value: is });
  });

  test('of SASL carries its token byte by byte', () => {
    const token = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    expect(Buffer.from(writeSaslBind(1, 'GSS-SPNEGO', token)).includes(token)).toBe(true);
  });
});

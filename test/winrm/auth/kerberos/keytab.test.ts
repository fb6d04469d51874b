// Names read out of keytabs written here by the format's description; test/interop reads MIT's own.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '../../../../src/model/failure.ts';
import { listHosts, readKeytabNames } from '../../../../src/winrm/auth/kerberos/keytab.ts';

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const counted = (text: string): Buffer => Buffer.concat([u16(Buffer.byteLength(text)), Buffer.from(text)]);
const sized = (size: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(size);
  return bytes;
};

function entry(parts: readonly string[], realm: string): Buffer {
  const body = Buffer.concat([
    u16(parts.length),
    counted(realm),
    ...parts.map(counted),
    Buffer.from('0000000100000000020012', 'hex'),
    counted('0123456789abcdef'),
  ]);
  return Buffer.concat([sized(body.length), body]);
}

const hole = Buffer.concat([sized(-7), Buffer.alloc(7)]);
const file = (...entries: readonly Buffer[]): Buffer => Buffer.concat([u16(0x0502), ...entries]);

test('every name once, holes passed over', () => {
  const ex01 = entry(['HTTP', 'ex01.corp.example'], 'CORP.EXAMPLE');
  const read = readKeytabNames(file(ex01, hole, ex01, entry(['ops'], 'CORP.EXAMPLE')), 'k');
  expect(read).toEqual(['HTTP/ex01.corp.example@CORP.EXAMPLE', 'ops@CORP.EXAMPLE']);
});

test('hosts of the services that WinRM may be asked for by', () => {
  const names = ['HTTP/a@R', 'host/a@R', 'WSMAN/b@R', 'ops@R', 'cifs/c@R', 'http/d@R'];
  expect(listHosts(names)).toEqual(['a', 'b', 'd']);
});

test('what was written is read, and whatever is damaged is a Failure or names', () => {
  const word = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('a', 'ü', '1', '.', '-') });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), word, (parts, realm) => {
      expect(readKeytabNames(file(entry(parts, realm)), 'k')).toEqual([`${parts.join('/')}@${realm}`]);
    }),
  );
  const whole = file(entry(['HTTP', 'ex01'], 'R'), hole, entry(['ops'], 'R'));
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, length) => {
      const changed = Buffer.from(whole);
      changed[at] = value;
      try {
        readKeytabNames(changed.subarray(0, length), 'k');
      } catch (thrown) {
        expect(thrown instanceof Failure && thrown.code).toBe('auth/kerberos-ticket');
      }
    }),
  );
});

test.each([['no keytab'], [''], ['\x05\x01']])('%j is none', (text) => {
  expect(() => readKeytabNames(Buffer.from(text, 'latin1'), '/k')).toThrow(
    expect.objectContaining({ where: '/k', message: expect.stringMatching(/^not a keytab/) as string }) as Error,
  );
});

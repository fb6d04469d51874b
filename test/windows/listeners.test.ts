import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSockets, showSockets } from '../../src/windows/listeners.ts';

describe('the question', () => {
  test('finds the desired ports, each once, and whatever listens', () => {
    expect(showSockets([9955, 9933, 9955])).toBe('netstat -ano | findstr /i /c:":9933 " /c:":9955 " /c:":0 "');
    expect(showSockets([])).toBe('netstat -ano | findstr /i /c:":0 "');
  });

  test('filters up to twenty ports on the host, and none beyond', () => {
    const ports = Array.from({ length: 21 }, (_, index) => 9000 + index);
    expect(showSockets(ports.slice(1))).toContain('findstr');
    expect(showSockets(ports)).toBe('netstat -ano');
  });
});

describe('netstat rows', () => {
  test('in any states, addresses and words are read; a listener is one with remote port 0', () => {
    const port = fc.integer({ min: 1, max: 65535 });
    const ip = fc.oneof(
      fc.ipV4().map((text) => ({ text, family: 'ipv4' })),
      fc.ipV6().map((text) => ({ text: `[${text}]`, family: 'ipv6' })),
    );
    const state = fc.constantFrom('LISTENING', 'ABHÖREN', 'ABH?REN', 'À L’ÉCOUTE', '監聽中', '');
    const row = fc.record({
      local: ip,
      localPort: port,
      remotePort: fc.oneof(fc.constant(0), port),
      state,
      processId: fc.nat(99999),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 9 }), (rows) => {
        const text = rows
          .map(
            (one) =>
              `  TCP    ${one.local.text}:${one.localPort}   ${one.local.text}:${one.remotePort}  ${one.state}   ${one.processId}\r\n`,
          )
          .join('');
        expect(readSockets(text)).toEqual({
          value: rows.map((one) => ({
            family: one.local.family,
            protocol: 'tcp',
            localAddress: one.local.text.replace(/[[\]]/g, ''),
            localPort: one.localPort,
            listening: one.remotePort === 0,
            processId: one.processId,
          })),
        });
      }),
    );
  });

  test('cut off, never lose a row in silence', () => {
    const rows = [
      '  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1012',
      '  TCP    [::]:9933              [::]:0                 LISTENING       5210',
    ];
    const text = rows.join('\r\n');
    for (let length = text.indexOf('[::]:9933'); length < text.length - 4; length += 1) {
      expect(readSockets(text.slice(0, length))).toHaveProperty('problem');
    }
  });
});

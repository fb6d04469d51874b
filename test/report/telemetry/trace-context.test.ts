// TRACEPARENT of W3C Trace Context: what is exactly so, and nothing else.
import { expect, test } from 'vitest';
import { formatTraceparent, readTraceparent } from '../../../src/report/telemetry/trace-context.ts';

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

test.each([
  [`00-${trace}-${span}-01`, true],
  [`00-${trace}-${span}-00`, false],
  [` 00-${trace}-${span}-03\n`, true],
  [`01-${trace}-${span}-01-more`, true],
])('%s is read', (text, sampled) => {
  expect(readTraceparent(text)).toEqual({ traceId: trace, spanId: span, sampled });
});

test.each([
  [undefined],
  [''],
  [`00-${trace}-${span}`],
  [`00-${trace}-${span}-01-more`],
  [`ff-${trace}-${span}-01`],
  [`00-${trace.toUpperCase()}-${span}-01`],
  [`00-${'0'.repeat(32)}-${span}-01`],
  [`00-${trace}-${'0'.repeat(16)}-01`],
  [`00-${trace}-${span}-01\nX-Evil: 1`],
])('%s is not', (text) => {
  expect(readTraceparent(text)).toBeNull();
});

test('what is written is read as it was', () => {
  const context = { traceId: trace, spanId: span, sampled: true };
  expect(readTraceparent(formatTraceparent(context))).toEqual(context);
});

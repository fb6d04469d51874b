// An OTLP endpoint on loopback that reads the protobuf of traces and metrics itself, by the field numbers of opentelemetry-proto, without a
// line of OpenTelemetry's own code. It answers as the test says.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TakenSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: it has none. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly isError: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface OtlpServer {
  readonly url: string;
  readonly spans: readonly TakenSpan[];
  /** Names of metrics that came. */
  readonly metrics: readonly string[];
  /** Everything that was sent, headers too, as text of one byte per letter. */
  readonly bytes: () => string;
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const accept: Answer = (_, response) => response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end();

export async function openOtlpServer(answer: Answer = accept): Promise<OtlpServer> {
  const spans: TakenSpan[] = [];
  const metrics: string[] = [];
  let bytes = '';
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => undefined);
    request.on('end', () => {
      const body = Buffer.concat(parts);
      bytes += `${JSON.stringify(request.headers)}${body.toString('latin1')}`;
      if (request.url === '/v1/traces') spans.push(...readSpans(body));
      if (request.url === '/v1/metrics') metrics.push(...readMetricNames(body));
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    metrics,
    bytes: () => bytes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

type Fields = ReadonlyMap<number, readonly (Buffer | bigint)[]>;

/** One message of protobuf: each field with its values in order. */
function readFields(bytes: Buffer): Fields {
  const fields = new Map<number, (Buffer | bigint)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const length = { 0: -1, 1: 8, 5: 4 }[tag & 7] ?? Number(varint());
    const value = length < 0 ? varint() : bytes.subarray(at, (at += length));
    if (Buffer.isBuffer(value) && value.length !== length) throw new Error('protobuf is cut off');
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

function messages(fields: Fields, ...path: readonly number[]): readonly Fields[] {
  return path.reduce<readonly Fields[]>(
    (all, field) => all.flatMap((one) => (one.get(field) ?? []).map((value) => readFields(asBytes(value)))),
    [fields],
  );
}

function asBytes(value: Buffer | bigint | undefined): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

function first(fields: Fields, field: number): Buffer {
  return asBytes(fields.get(field)?.[0]);
}

/** ExportTraceServiceRequest.resource_spans.scope_spans.spans */
function readSpans(body: Buffer): readonly TakenSpan[] {
  return messages(readFields(body), 1, 2, 2).map((span) => ({
    traceId: first(span, 1).toString('hex'),
    spanId: first(span, 2).toString('hex'),
    parentSpanId: first(span, 4).toString('hex'),
    name: first(span, 5).toString('utf8'),
    startMs: Number(first(span, 7).readBigUInt64LE() / 1_000_000n),
    endMs: Number(first(span, 8).readBigUInt64LE() / 1_000_000n),
    attributes: Object.fromEntries(messages(span, 9).map(readAttribute)),
    isError: messages(span, 15).some((status) => status.get(3)?.[0] === 2n),
  }));
}

function readAttribute(pair: Fields): readonly [string, unknown] {
  const [value] = messages(pair, 2);
  const text = value?.get(1)?.[0];
  const number = value?.get(3)?.[0] ?? value?.get(2)?.[0];
  return [first(pair, 1).toString('utf8'), text === undefined ? Number(number) : asBytes(text).toString('utf8')];
}

/** ExportMetricsServiceRequest.resource_metrics.scope_metrics.metrics */
function readMetricNames(body: Buffer): readonly string[] {
  return messages(readFields(body), 1, 2, 2).map((metric) => first(metric, 1).toString('utf8'));
}

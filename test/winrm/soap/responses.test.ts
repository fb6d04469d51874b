// Every recorded answer of a command shell, read, and compared with what a plain text search finds in it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import { readEnvelope, writeEnvelope } from '../../../src/winrm/soap/envelope.ts';
import { createFaultFailure, readFault } from '../../../src/winrm/soap/fault.ts';
import {
  readCommandResponse,
  readCreateResponse,
  readDeleteResponse,
  readIdentifyResponse,
  readReceiveResponse,
  readSendResponse,
  readSignalResponse,
} from '../../../src/winrm/soap/responses.ts';
import type { ReceiveResponse } from '../../../src/winrm/soap/responses.ts';
import { readSample, sampleNames, samplesMissing } from '../samples.ts';
import { anyCharacter } from '../../support/any-character.ts';

const folders = ['pypsrp', 'pywinrm', 'winrm4j', 'masterzen', 'WinRb', 'ms-wsmv'];
// The specification's other resources, and PowerShell's own shell, are not ours.
const notOurs = /^(4\.[128]\.|test_psrp_)/;
const invalid: unknown = expect.objectContaining({ code: 'wire/invalid' });

interface Sample {
  readonly name: string;
  readonly text: string;
}

/** All samples whose body carries that answer, placeholders of templates filled. */
function samplesWith(mark: RegExp): readonly Sample[] {
  if (samplesMissing) return [];
  return folders.flatMap((folder) =>
    sampleNames(`wsman-samples/${folder}`, /\.(xml|erb)$/)
      .filter((name) => !notOurs.test(name))
      .map((name) => {
        const raw = readSample(`wsman-samples/${folder}`, name);
        return { name: `${folder}/${name}`, text: raw.replace(/<%=[^%]*%>/g, 'aGkNCg==') };
      })
      .filter(({ text }) => mark.test(text)),
  );
}

const creates = samplesWith(/:ResourceCreated[\s>]/);
const commands = samplesWith(/:CommandResponse[\s>]/);
const receives = samplesWith(/:ReceiveResponse[\s>]/);
const signals = samplesWith(/:SignalResponse[\s/>]/);
const sends = samplesWith(/:SendResponse[\s/>]/);
const deletes = samplesWith(/\/DeleteResponse\s*</);

describe.skipIf(samplesMissing)('recorded answers', () => {
  test('there are enough of each to mean something', () => {
    const counts = { creates, commands, receives, signals, sends, deletes };
    expect(Object.fromEntries(Object.entries(counts).map(([kind, list]) => [kind, list.length]))).toEqual({
      creates: 24,
      commands: 19,
      receives: 31,
      signals: 18,
      sends: 4,
      deletes: 19,
    });
  });

  test.each(creates)('$name', ({ text }) => {
    const shell = /Name=["']ShellId["']>\s*([^<\s]+)\s*</.exec(text)?.[1];
    const uri = /:ResourceURI>\s*([^<\s]+)\s*</.exec(text)?.[1];
    expect(readCreateResponse(readEnvelope(text))).toEqual({ shellId: shell, resourceUri: uri });
  });

  test.each(commands)('$name', ({ text }) => {
    const id = /:CommandId>\s*([^<\s]+)\s*</.exec(text)?.[1];
    expect(readCommandResponse(readEnvelope(text))).toEqual({ commandId: id });
  });

  test.each(receives)('$name', ({ text }) => {
    const read = readReceiveResponse(readEnvelope(text));
    const streams = [...text.matchAll(/<[\w-]+:Stream\b([^>]*[^/])>\s*([A-Za-z0-9+/=]+)\s*</g)];
    const found = streams.map(([, attributes, data]) => [
      /Name=["'](\w+)/.exec(attributes ?? '')?.[1],
      Buffer.from(data ?? '', 'base64').toString('hex'),
    ]);
    expect(read.chunks.map(({ stream, data }) => [stream, Buffer.from(data).toString('hex')])).toEqual(found);
    const done = text.includes('CommandState/Done');
    const exitCode = /:ExitCode>\s*(\d+)/.exec(text)?.[1];
    expect([read.done, read.exitCode]).toEqual([done, done && exitCode !== undefined ? Number(exitCode) : null]);
  });

  test.each(signals)('$name', ({ text }) => {
    expect(() => {
      readSignalResponse(readEnvelope(text));
    }).not.toThrow();
  });
  test.each(sends)('$name', ({ text }) => {
    expect(() => {
      readSendResponse(readEnvelope(text));
    }).not.toThrow();
  });
  test.each(deletes)('$name', ({ text }) => {
    expect(() => {
      readDeleteResponse(readEnvelope(text));
    }).not.toThrow();
  });

  test('the old form of a shell id is kept as it is', () => {
    const text = readSample('wsman-samples/WinRb', 'open_shell_v1.xml');
    expect(readCreateResponse(readEnvelope(text)).shellId).toBe('uuid:739990FF-1492-4CDD-80BB-6E07ADB06D85');
  });

  test.each(sampleNames('wsman-samples/knife-windows', /\.xml$/))('knife-windows/%s', (name) => {
    const text = readSample('wsman-samples/knife-windows', name);
    expect(readIdentifyResponse(readEnvelope(text))).toEqual({
      vendor: 'Microsoft Corporation',
      productVersion: /ProductVersion>([^<]+)</.exec(text)?.[1],
    });
  });
});

describe('a receive', () => {
  const state = (name: string, exit = ''): string =>
    `<rsp:CommandState State="http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/${name}">${exit}</rsp:CommandState>`;
  const read = (content: string): ReceiveResponse =>
    readReceiveResponse(readEnvelope(writeEnvelope('', `<rsp:ReceiveResponse>${content}</rsp:ReceiveResponse>`)));
  const exit = (code: string): string => state('Done', `<rsp:ExitCode>${code}</rsp:ExitCode>`);

  test.each([
    ['0', 0],
    ['1', 1],
    ['2147943401', 2147943401],
    ['4294967295', 4294967295],
    ['-1', 4294967295],
    ['-1073741510', 3221225786],
  ])('exit code %s is %i', (text, code) => {
    expect(read(exit(text))).toEqual({ chunks: [], done: true, exitCode: code });
  });

  test.each(['x', '1.5', '4294967296', '-2147483649', '0x1'])('exit code %s is refused', (text) => {
    expect(() => read(exit(text))).toThrow(invalid);
  });

  test('a command that is done without an exit code has none', () => {
    expect(read(state('Done'))).toEqual({ chunks: [], done: true, exitCode: null });
    expect(read(state('Done', '<rsp:ExitCode/>')).exitCode).toBeNull();
  });

  test('a command that runs, or is being ended, is not done', () => {
    const running = read(state('Running', '<rsp:ExitCode>0</rsp:ExitCode>'));
    expect(running).toEqual({ chunks: [], done: false, exitCode: null });
    expect(read(state('Pending')).done).toBe(false);
    expect(read('').done).toBe(false);
  });

  test('the end of both streams is not the end of the command', () => {
    expect(read('<rsp:Stream Name="stdout" End="true"/><rsp:Stream Name="stderr" End="true"/>')).toEqual({
      chunks: [],
      done: false,
      exitCode: null,
    });
  });

  test('bytes are kept in order, also inside a character', () => {
    const { chunks } = read(
      '<rsp:Stream Name="stdout">w6Q=</rsp:Stream><rsp:Stream Name="stderr"> w\n6Q= </rsp:Stream><rsp:Stream Name="stdout">ww==</rsp:Stream>',
    );
    expect(chunks.map(({ stream, data }) => [stream, ...data])).toEqual([
      ['stdout', 0xc3, 0xa4],
      ['stderr', 0xc3, 0xa4],
      ['stdout', 0xc3],
    ]);
  });

  test.each([
    '<rsp:Stream Name="stdout">hello!</rsp:Stream>',
    '<rsp:Stream Name="stdout">aGk</rsp:Stream>',
    '<rsp:Stream Name="pr">aGk=</rsp:Stream>',
    '<rsp:Stream>aGk=</rsp:Stream>',
  ])('%s is refused', (stream) => {
    expect(() => read(stream)).toThrow(invalid);
  });
});

test.each([
  readCreateResponse,
  readCommandResponse,
  readReceiveResponse,
  readSignalResponse,
  readSendResponse,
  readDeleteResponse,
  readIdentifyResponse,
])('%o refuses another answer', (reader) => {
  const other = readEnvelope(writeEnvelope('<a:Action>urn:other</a:Action>', '<rsp:Other/>'));
  expect(() => {
    reader(other);
  }).toThrow(invalid);
  const inOtherNamespace = writeEnvelope('', `<x:ReceiveResponse/><x:CommandResponse/><w:ResourceCreated/>`);
  expect(() => {
    reader(readEnvelope(inOtherNamespace));
  }).toThrow(invalid);
});

test.skipIf(samplesMissing)('a recorded message that was damaged on the way is read or becomes a Failure', () => {
  const recorded = samplesWith(/Envelope/).map(({ text }) => text);
  const damaged = fc
    .tuple(
      fc.constantFrom(...recorded),
      fc.nat(5000),
      fc.nat(40),
      fc.string({ unit: anyCharacter, maxLength: 8 }),
      fc.boolean(),
    )
    .map(([text, at, count, instead, cut]) => text.slice(0, at) + instead + (cut ? '' : text.slice(at + count)));
  fc.assert(
    fc.property(damaged, (text) => {
      try {
        const envelope = readEnvelope(text);
        const fault = readFault(envelope);
        if (fault !== null) expect(createFaultFailure(fault, null)).toBeInstanceOf(Failure);
        else readReceiveResponse(envelope);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
      }
    }),
    { numRuns: 500 },
  );
});

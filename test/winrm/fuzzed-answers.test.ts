// Recorded answers of real servers, spoiled at random, on every way by which an answer is read: each ends in a value or in a Failure with
// a name, never in another error and never in a hang.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import { tlsServerEndPoint } from '../../src/winrm/auth/channel-binding.ts';
import { createNtlmInitiator } from '../../src/winrm/auth/ntlm/context.ts';
import type { Sealing } from '../../src/winrm/auth/security-context.ts';
import { readSpnego } from '../../src/winrm/auth/spnego.ts';
import { readChallenges } from '../../src/winrm/auth/challenges.ts';
import { readSoapText } from '../../src/winrm/channel/soap-answer.ts';
import { readEnvelope } from '../../src/winrm/soap/envelope.ts';
import { createFaultFailure, readFault } from '../../src/winrm/soap/fault.ts';
import * as responses from '../../src/winrm/soap/responses.ts';
import { amount } from '../support/amount.ts';
import { certificates } from './auth/certificates.ts';
import { readSample, sampleNames, samplesMissing } from './samples.ts';
import { expectBounded } from '../support/expect-bounded.ts';

/** One change: at a share of the length, so that it fits texts of any size. */
type Spoil = { readonly at: number } & (
  | { readonly kind: 'byte'; readonly value: number }
  | { readonly kind: 'cut' | 'double' | 'drop'; readonly length: number }
  | { readonly kind: 'insert'; readonly text: string }
);

/** What means something to a reader, put where it does not belong. */
const tokens = [
  '<',
  '>',
  '&',
  '&amp;',
  ']]>',
  '<![CDATA[',
  '<!DOCTYPE a>',
  '<!--',
  '\u0000',
  '\u{1F600}',
  '"',
  '</s:Body>',
  '<s:Fault/>',
  'xmlns:s="urn:x"',
  '-1',
  '99999999999999999999',
  'NaN',
  '====',
  'Length=0',
  'Length=999999999',
  '--Encrypted Boundary--\r\n',
  '\r\n',
  'NTLMSSP\0',
  '\u00ff\u00ff\u00ff\u00ff',
];

const at = fc.double({ min: 0, max: 1, noNaN: true });
const spoil: fc.Arbitrary<Spoil> = fc.oneof(
  fc.record({ kind: fc.constant('byte' as const), at, value: fc.nat(255) }),
  fc.record({
    kind: fc.constantFrom('cut' as const, 'double' as const, 'drop' as const),
    at,
    length: fc.integer({ min: 1, max: 200 }),
  }),
  fc.record({ kind: fc.constant('insert' as const), at, text: fc.constantFrom(...tokens) }),
);
const spoils = fc.array(spoil, { minLength: 1, maxLength: 5 });

function spoiled(bytes: Buffer, changes: readonly Spoil[]): Buffer {
  return changes.reduce((now, change) => {
    const from = Math.floor(change.at * now.length);
    switch (change.kind) {
      case 'byte': {
        const changed = Buffer.from(now);
        if (from < changed.length) changed[from] = change.value;
        return changed;
      }
      case 'cut':
        return now.subarray(0, from);
      case 'drop':
        return Buffer.concat([now.subarray(0, from), now.subarray(from + change.length)]);
      case 'double':
        return Buffer.concat([now.subarray(0, from + change.length), now.subarray(from)]);
      case 'insert':
        return Buffer.concat([now.subarray(0, from), Buffer.from(change.text, 'latin1'), now.subarray(from)]);
    }
  }, bytes);
}

/** The value, or the Failure; anything else that is thrown fails the test. */
function named<T>(read: () => T): T | Failure {
  const startedMs = performance.now();
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    expect(thrown.message).not.toBe('');
    return thrown;
  } finally {
    expectBounded(startedMs);
  }
}

const readers = [
  responses.readCreateResponse,
  responses.readCommandResponse,
  responses.readReceiveResponse,
  responses.readSignalResponse,
  responses.readSendResponse,
  responses.readDeleteResponse,
  responses.readIdentifyResponse,
];

function readWhole(contentType: string, body: Buffer, sealing: Sealing | null = null): void {
  const answer = { status: 200, headers: { 'content-type': [contentType] }, body };
  const text = named(() => readSoapText(answer, sealing, 'ex01:5985'));
  if (text instanceof Failure) return;
  const envelope = named(() => readEnvelope(text));
  if (envelope instanceof Failure) return;
  const fault = named(() => readFault(envelope));
  if (fault !== null && !(fault instanceof Failure)) named(() => createFaultFailure(fault, 'ex01:5985'));
  for (const read of readers)
    named(() => {
      read(envelope);
    });
}

const folders = ['pypsrp', 'pypsrp-inline', 'WinRb', 'masterzen', 'winrm4j', 'ms-wsmv', 'knife-windows', 'pywinrm'];
const samples = folders.flatMap((folder) =>
  sampleNames(`wsman-samples/${folder}`, /\.xml$/)
    .filter((name) => !/request/i.test(name))
    .map((name) => [`wsman-samples/${folder}`, name] as const),
);

describe.skipIf(samplesMissing)('recorded answers', () => {
  test('there are some', () => {
    expect(samples.length).toBeGreaterThan(60);
  });

  test('spoiled as text: a value or a Failure', () => {
    const texts = samples.map(([folder, name]) => Buffer.from(readSample(folder, name)));
    fc.assert(
      fc.property(fc.constantFrom(...texts), spoils, (bytes, changes) => {
        readWhole('application/soap+xml;charset=UTF-8', spoiled(bytes, changes));
      }),
      { numRuns: amount({ share: 600, ci: 3000 }) },
    );
  });

  test('spoiled and called UTF-16: a value or a Failure', () => {
    const texts = samples.slice(0, 20).map(([folder, name]) => Buffer.from(readSample(folder, name), 'utf16le'));
    fc.assert(
      fc.property(fc.constantFrom(...texts), spoils, (bytes, changes) => {
        readWhole('application/soap+xml;charset=UTF-16', spoiled(bytes, changes));
      }),
      { numRuns: 300 },
    );
  });

  test('sealed ones spoiled in their frame: a Failure, or the message itself', () => {
    const lines = readSample('omi-captures', 'winrs-ntlm-encrypted-pypsrp.jsonl').trim().split('\n');
    const sealed = lines
      .map((line) => JSON.parse(line) as { dir: string; head: string; body: string })
      .filter((one) => one.dir === 'response' && one.head.includes('multipart/encrypted'))
      .map((one) => Buffer.from(one.body, 'base64'));
    expect(sealed.length).toBeGreaterThan(3);
    // The frame is what is looked at here: whatever it holds is let through.
    const open: Sealing = {
      seal: (message) => ({ signature: new Uint8Array(16), sealed: message }),
      unseal: (_signature, bytes) => bytes,
    };
    const type =
      'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"';
    fc.assert(
      fc.property(fc.constantFrom(...sealed), spoils, (bytes, changes) => {
        readWhole(type, spoiled(bytes, changes), open);
      }),
      { numRuns: amount({ share: 400, ci: 2000 }) },
    );
  });

  test('challenges spoiled: the next step is a token or a Failure', () => {
    const tokensSeen = [
      'winrs-ntlm-encrypted-pypsrp.jsonl',
      'winrs-ntlm-spnego-encrypted-pypsrp.jsonl',
      'winrs-ntlm-encrypted-ruby.jsonl',
    ].flatMap((name) => {
      const found = /WWW-Authenticate: (?:Negotiate )?([A-Za-z0-9+/=]{40,})/i.exec(
        readSample('omi-captures', name)
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => (JSON.parse(line) as { head: string }).head)
          .join('\r\n'),
      )?.[1];
      return found === undefined ? [] : [Buffer.from(found, 'base64')];
    });
    expect(tokensSeen.length).toBeGreaterThan(1);
    fc.assert(
      fc.property(fc.constantFrom(...tokensSeen), fc.boolean(), spoils, (bytes, spnego, changes) => {
        const context = createNtlmInitiator({
          username: 'VM\\winrmpeer',
          password: 'Peer-Pass-1!',
          workstation: '',
          targetName: null,
          seal: true,
          spnego,
          channelBinding: null,
          random: (length) => new Uint8Array(length),
          now: () => new Date(0),
        });
        context.step(null);
        const token = spoiled(bytes, changes);
        named(() => context.step(token));
        named(() => readSpnego(token));
      }),
      { numRuns: amount({ share: 400, ci: 2000 }) },
    );
  });
});

test('WWW-Authenticate of any kind is read or passed over', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom('Negotiate', 'Basic realm="a', 'Kerberos ====', ',', ' ', '"'));
  fc.assert(
    fc.property(fc.array(fc.array(word).map((words) => words.join(' '))), (headers) => {
      named(() => readChallenges(headers));
    }),
    { numRuns: amount({ share: 200, ci: 1000 }) },
  );
});

test('a damaged certificate gives a binding or a Failure', () => {
  const known = certificates.map(({ der }) => Buffer.from(der, 'base64'));
  fc.assert(
    fc.property(fc.constantFrom(...known), spoils, (bytes, changes) => {
      named(() => tlsServerEndPoint(spoiled(bytes, changes)));
    }),
    { numRuns: amount({ share: 200, ci: 1000 }) },
  );
});

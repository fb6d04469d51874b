// Every sealed exchange that was recorded between a Microsoft-made server and six clients is opened from the password alone, in both
// directions, and compared with the plain text where that was recorded too.
import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/model/failure.ts';
import { ntlmAcceptor } from '../../src/winrm/auth/ntlm/acceptor.ts';
import { ntlmFlags, hasFlags } from '../../src/winrm/auth/ntlm/flags.ts';
import { avFlagMic, avFlags } from '../../src/winrm/auth/ntlm/av-pairs.ts';
import { readAuthenticate, readChallenge, readNegotiate } from '../../src/winrm/auth/ntlm/messages.ts';
import {
  exchangeKey,
  messageIntegrityCode,
  ntowfV2,
  readNtResponse,
  verifyNtlmV2,
} from '../../src/winrm/auth/ntlm/response.ts';
import { ntlmSealing } from '../../src/winrm/auth/ntlm/seal.ts';
import type { NtlmSealing } from '../../src/winrm/auth/ntlm/seal.ts';
import { isBareNtlm, readSpnego } from '../../src/winrm/auth/spnego.ts';
import { isSealedContentType, readSealedBody } from '../../src/winrm/channel/sealed-body.ts';
import { readEnvelope } from '../../src/winrm/soap/envelope.ts';
import { readSample, sampleNames, samplesMissing } from './samples.ts';

const folder = 'omi-captures';
const login = { domain: 'VM', user: 'winrmpeer', password: 'Peer-Pass-1!' };

interface Line {
  readonly conn: number;
  readonly dir: 'request' | 'response';
  readonly head: string;
  readonly body: string;
}

/** What was learned on one TCP connection. */
interface Link {
  negotiate: Uint8Array | null;
  challenge: Uint8Array | null;
  mechTypeList: Uint8Array | null;
  server: NtlmSealing | null;
  client: NtlmSealing | null;
}

interface Opened {
  readonly direction: 'request' | 'response';
  readonly text: string;
}

interface Read {
  readonly sealed: readonly Opened[];
  readonly handshakes: number;
  readonly mechListMics: number;
  readonly micsVerified: number;
}

function headers(head: string, name: string): readonly string[] {
  return head
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).trim());
}

/** `spoil` may change a sealed body before it is opened; it gets the number of the message, from 0. */
function openCapture(
  name: string,
  password = login.password,
  spoil: (body: Buffer, index: number) => void = () => undefined,
): Read {
  const links = new Map<number, Link>();
  const sealed: Opened[] = [];
  const counts = { handshakes: 0, mechListMics: 0, micsVerified: 0 };
  for (const json of readSample(folder, name).trim().split('\n')) {
    const line = JSON.parse(json) as Line;
    const link = links.get(line.conn) ?? {
      negotiate: null,
      challenge: null,
      mechTypeList: null,
      server: null,
      client: null,
    };
    links.set(line.conn, link);
    for (const header of headers(line.head, line.dir === 'request' ? 'authorization' : 'www-authenticate')) {
      const token = /^Negotiate ([A-Za-z0-9+/=]+)$/.exec(header)?.[1];
      if (token !== undefined) takeToken(link, Buffer.from(token, 'base64'), password, counts);
    }
    const contentType = headers(line.head, 'content-type')[0] ?? '';
    if (!isSealedContentType(contentType)) continue;
    const sealing = line.dir === 'request' ? link.server : link.client;
    if (sealing === null) throw new Error(`sealed body before the handshake in ${name}`);
    const body = Buffer.from(line.body, 'base64');
    spoil(body, sealed.length);
    const { message } = readSealedBody({ contentType, body, sealing });
    sealed.push({ direction: line.dir, text: Buffer.from(message).toString('utf8') });
  }
  return { sealed, ...counts };
}

function takeToken(
  link: Link,
  token: Uint8Array,
  password: string,
  counts: { handshakes: number; mechListMics: number; micsVerified: number },
): void {
  if (isBareNtlm(token)) {
    takeMessage(link, token, password, counts);
    return;
  }
  const wrapped = readSpnego(token);
  if (wrapped.kind === 'init') link.mechTypeList = wrapped.mechTypeList;
  const inner = wrapped.kind === 'init' ? wrapped.mechToken : wrapped.responseToken;
  if (inner !== null) takeMessage(link, inner, password, counts);
  const mic = wrapped.kind === 'resp' ? wrapped.mechListMic : null;
  if (mic === null) return;
  // The client's comes with its third message, the server's in an answer without a token.
  const verifier = inner === null ? link.client : link.server;
  verifier?.verifyMechList(link.mechTypeList ?? new Uint8Array(), mic);
  const maker = inner === null ? link.server : link.client;
  expect(Buffer.from(maker?.signMechList(link.mechTypeList ?? new Uint8Array()) ?? []).equals(mic)).toBe(true);
  counts.mechListMics += 1;
}

function takeMessage(
  link: Link,
  message: Uint8Array,
  password: string,
  counts: { handshakes: number; micsVerified: number },
): void {
  const type = message[8];
  if (type === 1) {
    readNegotiate(message);
    link.negotiate = message;
  } else if (type === 2) {
    link.challenge = message;
  } else {
    if (link.challenge === null || link.negotiate === null) throw new Error('AUTHENTICATE before CHALLENGE');
    const authenticate = readAuthenticate(message);
    expect(authenticate.user).toBe(login.user);
    expect(authenticate.domain.toUpperCase()).toBe(login.domain);
    const ntowf = ntowfV2(password, authenticate.user, authenticate.domain);
    const { serverChallenge } = readChallenge(link.challenge);
    const base = verifyNtlmV2(ntowf, serverChallenge, authenticate.ntResponse);
    if (base === null) throw new Failure('auth/refused', 'wrong password');
    expect(hasFlags(authenticate.flags, ntlmFlags.keyExchange)).toBe(true);
    const key = exchangeKey(base, authenticate.encryptedSessionKey);
    if ((avFlags(readNtResponse(authenticate.ntResponse).avPairs) & avFlagMic) !== 0) {
      const mic = messageIntegrityCode(key, link.negotiate, link.challenge, message);
      expect(Buffer.from(mic).toString('hex')).toBe(Buffer.from(authenticate.mic ?? []).toString('hex'));
      counts.micsVerified += 1;
    }
    link.server = ntlmSealing(key, authenticate.flags, 'server');
    link.client = ntlmSealing(key, authenticate.flags, 'client');
    counts.handshakes += 1;
  }
}

// File, sealed messages, handshakes, signatures over the list of mechanisms, messages with a MIC.
const captures: readonly (readonly [string, number, number, number, number])[] = [
  ['ntlm-encrypted-enumerate-pypsrp.jsonl', 6, 1, 0, 1],
  ['ntlm-encrypted-enumerate-upstream-framing.jsonl', 6, 1, 0, 1],
  ['ntlm-encrypted-receive-fault-unknown-shell.jsonl', 2, 1, 0, 1],
  ['ntlm-spnego-encrypted-enumerate-pypsrp.jsonl', 6, 1, 2, 1],
  ['ntlm-unencrypted-enumerate-pypsrp.jsonl', 0, 1, 0, 1],
  ['winrs-ntlm-encrypted-ansible-raw.jsonl', 14, 1, 0, 0],
  ['winrs-ntlm-encrypted-ansible-win_command.jsonl', 16, 1, 0, 0],
  ['winrs-ntlm-encrypted-masterzen-go.jsonl', 14, 7, 0, 0],
  ['winrs-ntlm-encrypted-pypsrp.jsonl', 14, 1, 0, 1],
  ['winrs-ntlm-encrypted-pywinrm.jsonl', 14, 1, 0, 0],
  ['winrs-ntlm-encrypted-ruby.jsonl', 14, 1, 0, 0],
  ['winrs-ntlm-spnego-encrypted-pypsrp.jsonl', 14, 1, 2, 1],
];

describe.skipIf(samplesMissing)('recorded exchanges', () => {
  test('every recording is named here', () => {
    const listed = [...captures.map(([name]) => name), 'ntlm-wrong-password-pypsrp.jsonl'].sort();
    expect(sampleNames(folder, /\.jsonl$/)).toEqual(listed);
  });

  test.each(captures)('%s opens from the password alone', (name, sealedCount, handshakes, mechListMics, mics) => {
    const read = openCapture(name);
    expect([read.sealed.length, read.handshakes, read.mechListMics, read.micsVerified]).toEqual([
      sealedCount,
      handshakes,
      mechListMics,
      mics,
    ]);
    for (const { text } of read.sealed) expect(readEnvelope(text).body.name).toBe('Body');
  });

  test.each(sampleNames(folder, /\.plain\.txt$/))('%s is what the seals hold, word for word', (name) => {
    const { sealed } = openCapture(name.replace('.plain.txt', '.jsonl'));
    const plain = readSample(folder, name)
      .split(/^##### /m)
      .slice(1)
      .map((part) => ({
        direction: part.startsWith('-->') ? 'request' : 'response',
        text: part.slice(part.indexOf('\n') + 1).replace(/\n\n?$/, ''),
      }));
    expect(plain.length).toBe(14);
    expect(sealed).toEqual(plain);
  });

  test('a wrong password is found out by the proof', () => {
    expect(() => openCapture('ntlm-wrong-password-pypsrp.jsonl')).toThrow('wrong password');
    expect(() => openCapture('winrs-ntlm-encrypted-pypsrp.jsonl', 'Peer-Pass-2!')).toThrow('wrong password');
  });

  test.each([0, 1, 6, 13])('one changed bit in sealed message %i breaks its seal', (number) => {
    const name = 'winrs-ntlm-encrypted-ruby.jsonl';
    const spoilAt = (offset: number) => () =>
      openCapture(name, login.password, (body, index) => {
        const at = body.indexOf('octet-stream\r\n') + 'octet-stream\r\n'.length + offset;
        if (index === number) body[at] = (body[at] ?? 0) ^ 1;
      });
    const signed = [4 + 0, 4 + 4, 4 + 11, 4 + 12, 4 + 16, 4 + 16 + 200];
    for (const offset of signed) expect(spoilAt(offset)).toThrow(expect.objectContaining({ code: 'wire/unsealed' }));
  });

  // The proof rests on the server's nonce alone, so that a recorded client without a MIC can be let in once more.
  test.each(['ansible-raw', 'masterzen-go', 'pywinrm', 'ruby'])(
    'the acceptor lets the recorded %s in and opens its first message',
    (client) => {
      const lines = readSample(folder, `winrs-ntlm-encrypted-${client}.jsonl`)
        .trim()
        .split('\n')
        .map((json) => JSON.parse(json) as Line);
      const tokens = lines.flatMap(({ head }) =>
        [...headers(head, 'authorization'), ...headers(head, 'www-authenticate')].flatMap((header) => {
          const token = /^Negotiate (TlRM[A-Za-z0-9+/=]+)$/.exec(header)?.[1];
          return token === undefined ? [] : [Buffer.from(token, 'base64')];
        }),
      );
      const [negotiate = Buffer.of(), challenge = Buffer.of(), authenticate = Buffer.of()] = tokens;
      const acceptor = ntlmAcceptor({
        accounts: (user) => (user === login.user ? login.password : null),
        names: { nbDomain: 'VM', nbComputer: 'WORKSTATION', dnsDomain: '', dnsComputer: 'vm' },
        random: () => readChallenge(challenge).serverChallenge,
        now: () => new Date('2026-11-24T00:00:00Z'),
        channelBinding: null,
        requireChannelBinding: false,
      });
      expect(acceptor.step(negotiate)).not.toBeNull();
      expect(acceptor.step(authenticate)).toBeNull();
      expect(acceptor).toMatchObject({ done: true, refusal: null, account: { user: login.user } });
      const first = lines.find(({ head }) => isSealedContentType(headers(head, 'content-type')[0] ?? ''));
      if (first === undefined || acceptor.sealing === null) return expect.unreachable();
      const { message } = readSealedBody({
        contentType: headers(first.head, 'content-type')[0] ?? '',
        body: Buffer.from(first.body, 'base64'),
        sealing: acceptor.sealing,
      });
      expect(readEnvelope(Buffer.from(message).toString('utf8')).action).toMatch(/\/transfer\/Create$/);
    },
  );
});

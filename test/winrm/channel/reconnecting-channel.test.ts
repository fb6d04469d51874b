import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import type { Retry } from '../../../src/model/failure.ts';
import type { Channel, ChannelSend } from '../../../src/winrm/channel/channel.ts';
import { createReconnectingChannel } from '../../../src/winrm/channel/reconnecting-channel.ts';
import type { SoapChannel, SendOptions } from '../../../src/winrm/channel/reconnecting-channel.ts';
import { failureOf } from '../../support/failure-of.ts';

type Outcome = string | null | Failure;

/** A link whose n-th connection gives these outcomes, one a message; it counts as closed once it failed, or when told to. */
function linkOver(connections: readonly (readonly Outcome[])[], known = new Set<string>()) {
  const sent: { readonly connection: number; readonly options: ChannelSend }[] = [];
  const open: boolean[] = [];
  const link: SoapChannel = createReconnectingChannel({
    where: 'ex01:5985',
    wantsEmptyHandshake: known,
    openChannel(): Promise<Channel> {
      const connection = open.length;
      const outcomes = connections[connection];
      if (outcomes === undefined) return Promise.reject(failure('none', 'new-session'));
      open.push(true);
      let n = 0;
      return Promise.resolve({
        get isOpen() {
          return open[connection] === true;
        },
        request(_message: string, options: ChannelSend): Promise<string | null> {
          sent.push({ connection, options });
          const outcome = n < outcomes.length ? (outcomes[n] ?? null) : 'ok';
          n += 1;
          if (!(outcome instanceof Failure)) return Promise.resolve(outcome);
          open[connection] = false;
          return Promise.reject(outcome);
        },
        close() {
          open[connection] = false;
        },
      });
    },
  });
  return { link, sent, open };
}

function failure(effect: 'none' | 'unknown', retry: Retry): Failure {
  return new Failure('connect/lost', `${effect} ${retry}`, { effect, retry });
}

const send: SendOptions = { what: 'command', note: null };

describe('on a connection used before', () => {
  test('what was surely not carried out is sent again, once, on a new connection', async () => {
    const { link, sent } = linkOver([['one', failure('none', 'new-session')], ['two']]);
    expect(await link.send('<a/>', send)).toBe('one');
    expect(await link.send('<b/>', send)).toBe('two');
    expect(sent.map((one) => one.connection)).toEqual([0, 0, 1]);
    expect(sent[2]?.options.note).toBe('again on a new connection after connect/lost');
  });

  test('only once', async () => {
    const { link, sent } = linkOver([
      ['one', failure('none', 'new-session')],
      [failure('none', 'new-session')],
      ['three'],
    ]);
    await link.send('<a/>', send);
    await failureOf(link.send('<b/>', send));
    expect(sent).toHaveLength(3);
  });

  test.each([
    ['unknown', 'new-session'],
    ['none', 'never'],
    ['none', 'same-request'],
  ] as const)('effect %s, retry %s: reported', async (effect, retry) => {
    const { link, sent } = linkOver([['one', failure(effect, retry)], ['two']]);
    await link.send('<a/>', send);
    expect(await failureOf(link.send('<b/>', send))).toMatchObject({ effect, retry });
    expect(sent).toHaveLength(2);
  });

  test('an abort is never followed by another try', async () => {
    const { link, sent } = linkOver([['one', failure('none', 'new-session')], ['two']]);
    await link.send('<a/>', send);
    await failureOf(link.send('<b/>', { ...send, signal: AbortSignal.abort() }));
    expect(sent).toHaveLength(2);
  });
});

test('on a new connection nothing is sent again', async () => {
  const { link, sent } = linkOver([[failure('none', 'new-session')], ['two']]);
  await failureOf(link.send('<a/>', send));
  expect(sent).toHaveLength(1);
  expect(await link.send('<a/>', send)).toBe('two');
});

test('a connection known to be closed is replaced before anything is written', async () => {
  const { link, sent, open } = linkOver([['one'], ['two']]);
  await link.send('<a/>', send);
  open[0] = false;
  expect(await link.send('<b/>', send)).toBe('two');
  expect(sent.map((one) => one.connection)).toEqual([0, 1]);
});

describe('a server that takes no message with the last token', () => {
  test('gets it after the handshake, and is remembered', async () => {
    const known = new Set<string>();
    const { link, sent } = linkOver([[null], ['ok']], known);
    expect(await link.send('<a/>', send)).toBe('ok');
    expect(sent.map((one) => [one.connection, one.options.separately])).toEqual([
      [0, false],
      [1, true],
    ]);
    expect([...known]).toEqual(['ex01:5985']);

    const next = linkOver([['ok']], known);
    await next.link.send('<a/>', send);
    expect(next.sent[0]?.options.separately).toBe(true);
  });

  test('is not remembered when that was not the cause', async () => {
    const known = new Set<string>();
    const { link } = linkOver([[null], [failure('none', 'new-session')]], known);
    await failureOf(link.send('<a/>', send));
    expect(known.size).toBe(0);
  });
});

test('with care, the handshake is finished first', async () => {
  const { link, sent } = linkOver([['ok']]);
  await link.send('<a/>', { ...send, careful: true });
  expect(sent[0]?.options.separately).toBe(true);
});

test('close closes the connection, and a later message opens another', async () => {
  const { link, open } = linkOver([['ok'], ['ok']]);
  await link.send('<a/>', send);
  link.close();
  link.close();
  expect(open).toEqual([false]);
  await link.send('<b/>', send);
  expect(open).toEqual([false, true]);
});

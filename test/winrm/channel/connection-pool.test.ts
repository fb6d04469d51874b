// Which connection a message takes, when another is made, and what happens to those that wait.
import { expect, test } from 'vitest';
import type { SoapChannel } from '../../../src/winrm/channel/reconnecting-channel.ts';
import { createConnectionPool } from '../../../src/winrm/channel/connection-pool.ts';
import { failureOf } from '../../support/failure-of.ts';

function lanes(limit: number) {
  const channels: {
    readonly messages: string[];
    closed: boolean;
    answer: (text: string) => void;
    fail: (e: Error) => void;
  }[] = [];
  const channel = createConnectionPool(
    'ex01:5985',
    () => {
      const nobody = (): void => undefined;
      const own = {
        messages: [] as string[],
        closed: false,
        answer: nobody as (text: string) => void,
        fail: nobody as (error: Error) => void,
      };
      channels.push(own);
      const made: SoapChannel = {
        where: 'ex01:5985',
        send: (message) => {
          own.messages.push(message);
          return new Promise((resolve, reject) => {
            own.answer = resolve;
            own.fail = reject;
          });
        },
        close: () => void (own.closed = true),
      };
      return made;
    },
    limit,
  );
  const send = (message: string, signal?: AbortSignal) => channel.send(message, { what: 'get', note: null, signal });
  return {
    channels,
    send,
    close: () => {
      channel.close();
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('one after the other share one connection', async () => {
  const { channels, send } = lanes(4);
  for (const message of ['a', 'b', 'c']) {
    const sent = send(message);
    await turn();
    channels[0]?.answer(message);
    expect(await sent).toBe(message);
  }
  expect(channels.map((one) => one.messages)).toEqual([['a', 'b', 'c']]);
});

test('a message that meets a busy connection gets another, up to the limit; then it waits for the first that is free', async () => {
  const { channels, send } = lanes(2);
  const sent = [send('a'), send('b'), send('c'), send('d')];
  await turn();
  expect(channels.map((one) => one.messages)).toEqual([['a'], ['b']]);
  channels[1]?.answer('b');
  await turn();
  expect(channels[1]?.messages).toEqual(['b', 'c']);
  channels[0]?.fail(new Error('broken'));
  await expect(sent[0]).rejects.toThrow('broken');
  await turn();
  expect(channels[0]?.messages).toEqual(['a', 'd']);
  channels[0]?.answer('d');
  channels[1]?.answer('c');
  expect(await Promise.all(sent.slice(1))).toEqual(['b', 'c', 'd']);
});

test('whoever waits may leave, and is not served afterwards', async () => {
  const { channels, send } = lanes(1);
  const first = send('a');
  const stop = new AbortController();
  const second = failureOf(send('b', stop.signal));
  const third = send('c');
  stop.abort();
  expect(await second).toMatchObject({ code: 'interrupted', effect: 'none' });
  channels[0]?.answer('a');
  await first;
  await turn();
  expect(channels[0]?.messages).toEqual(['a', 'c']);
  channels[0]?.answer('c');
  await third;
});

test('closing turns away who waits, closes what rests, and what is busy when it is done', async () => {
  const { channels, send, close } = lanes(2);
  const [busy, rests] = [send('a'), send('b')];
  await turn();
  channels[1]?.answer('b');
  await rests;
  close();
  expect(channels.map((one) => one.closed)).toEqual([false, true]);
  channels[0]?.answer('a');
  expect(await busy).toBe('a');
  expect(channels[0]?.closed).toBe(true);
  expect((await failureOf(send('c'))).code).toBe('interrupted');
});

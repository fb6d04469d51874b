import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '../../../src/model/failure.ts';
import { sendBytes, sendInput } from '../../../src/winrm/shell/stdin.ts';
import type { Piece } from '../../../src/winrm/shell/stdin.ts';
import { countTries } from '../../../src/winrm/retries.ts';
import { failureOf } from '../../support/failure-of.ts';

const newTries = () =>
  countTries(
    () => Promise.resolve(),
    () => 0.5,
  );

async function pieces(piece: Piece, maxBytes = Number.POSITIVE_INFINITY): Promise<readonly Piece[]> {
  const sent: Piece[] = [];
  const send = (one: Piece): Promise<void> => {
    if (one.data.length > maxBytes) return Promise.reject(new Failure('wire/too-large', 'HTTP 413'));
    sent.push(one);
    return Promise.resolve();
  };
  await sendInput({ send, newTries }, piece);
  return sent;
}

test('whatever the size and the limit of the host, all bytes arrive in order and the end comes once, last', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 400_000 }),
      fc.boolean(),
      fc.integer({ min: 4096, max: 200_000 }),
      async (size, end, max) => {
        const data = Uint8Array.from({ length: size }, (_, index) => index % 251);
        const sent = await pieces({ data, end }, max);
        expect(Buffer.concat(sent.map((one) => one.data)).equals(data)).toBe(true);
        expect(sent.filter((one) => one.end)).toEqual(end ? sent.slice(-1) : []);
        expect(sent.every((one) => one.data.length <= sendBytes)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

test('a busy shell is asked again; a lost Send never', async () => {
  let count = 0;
  const piece = { data: Buffer.from('x'), end: true };
  const send = (failure: Failure) => () => ((count += 1) === 1 ? Promise.reject(failure) : Promise.resolve());
  await sendInput({ send: send(new Failure('wire/fault', 'busy', { retry: 'same-request' })), newTries }, piece);
  expect(count).toBe(2);
  count = 0;
  const lost = new Failure('connect/lost', 'lost', { retry: 'new-session', effect: 'unknown' });
  expect(await failureOf(sendInput({ send: send(lost), newTries }, piece))).toBe(lost);
  expect(count).toBe(1);
});

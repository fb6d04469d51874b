// Delivery beside the work: what fails is tried again within bounds, what is refused holds up nothing, nothing is sent twice or out of order, and
// whatever the outbox or a receiver does, neither listener nor finish throws. Time is a clock that jumps.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOutboxInNeed } from '../../../src/journal/outbox/outbox-in-need.ts';
import type { Outbox } from '../../../src/journal/outbox/outbox.ts';
import { Failure } from '../../../src/model/failure.ts';
import type { Channel } from '../../../src/model/notifications/channel.ts';
import { compareLetters, type Letter, type SendResult } from '../../../src/model/notifications/letter.ts';
import { makeNote, noteEvents, type Note } from '../../../src/model/notifications/note.ts';
import { createStopControl } from '../../../src/run/fleet/stop.ts';
import { createNotifier, type NotifierOptions } from '../../../src/workflows/notify/notifier.ts';
import { memoryClock } from '../../support/memory-clock.ts';
import { memoryStore } from '../../support/memory-store.ts';

const later: SendResult = { kind: 'later', reason: 'it answered HTTP 503', afterMs: null };
const refused: SendResult = { kind: 'refused', reason: 'it answered HTTP 400' };
const sent: SendResult = { kind: 'sent' };

function channel(name: string, events: Channel['events'] = noteEvents): Channel {
  const way = { kind: 'webhook', url: { kind: 'env', name: 'X' }, token: null, caFile: null, proxy: null } as const;
  return { name, events, way };
}

function note(index: number, event: Note['event'] = 'drift'): Note {
  return makeNote({
    key: `k${String(index)}`,
    event,
    at: '2026-12-05T22:00:00.000Z',
    severity: 'info',
    title: `note ${String(index)}`,
    from: 'operator@jump01',
    run: null,
    facts: [],
    meaning: 'x',
    next: null,
  });
}

function memoryOutbox(): Outbox & { readonly waiting: Map<string, Letter> } {
  const waiting = new Map<string, Letter>();
  const marked = new Set<string>();
  const idOf = ({ channel: name, note: { key } }: Letter): string => `${name} ${key}`;
  return {
    waiting,
    add(letter) {
      const id = idOf(letter);
      if (marked.has(id) || waiting.has(id)) return Promise.resolve('known');
      waiting.set(id, letter);
      return Promise.resolve('added');
    },
    pending: () =>
      Promise.resolve({ letters: [...waiting.values()].toSorted(compareLetters), setAside: [], unread: [] }),
    acknowledge(letter) {
      marked.add(idOf(letter));
      waiting.delete(idOf(letter));
      return Promise.resolve();
    },
    take: (one) => Promise.resolve(waiting.has(idOf(one)) ? 'taken' : 'gone'),
    giveBack: () => Promise.resolve(),
    clean: () => Promise.resolve([]),
  };
}

/** Of the notifier: what ends at once is waited for. */
const cutOffMs = 1500;

interface Scene extends Partial<NotifierOptions> {
  readonly answers?: readonly SendResult[];
  readonly outbox?: Outbox;
  readonly send?: (letter: Letter, signal: AbortSignal) => Promise<SendResult>;
}

function open({ answers = [], outbox = memoryOutbox(), send, ...options }: Scene) {
  const warnings: string[] = [];
  const traced: string[] = [];
  const attempts: string[] = [];
  const left = [...answers];
  const clock = memoryClock();
  const notifier = createNotifier(
    { channels: [channel('room')], known: null, ...options },
    {
      outbox: createOutboxInNeed(outbox, (text) => warnings.push(text)),
      // The clock jumps: a limit that is slept for would be over at once.
      clock: {
        ...clock,
        sleep: (ms, signal) =>
          (ms >= 10_000 && ms !== 60_000) || ms === cutOffMs ? never(signal) : clock.sleep(ms, signal),
      },
      trace: (text) => traced.push(text),
      store: memoryStore(),
      interrupts: { stop: createStopControl(), signal: new AbortController().signal },
      from: 'operator@jump01',
      warn: (text) => warnings.push(text),
      send(one, letter, signal) {
        attempts.push(`${one.name} ${letter.note.key}`);
        return send?.(letter, signal) ?? Promise.resolve(left.shift() ?? sent);
      },
    },
  );
  return {
    notifier,
    warnings,
    traced,
    attempts,
    clock,
    tell: (one: Note) => {
      notifier.tell(() => one);
    },
  };
}

function never(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal?.addEventListener('abort', () => {
      resolve();
    });
  });
}

describe('a channel', () => {
  test('is told its own events and those that the playbook asks for', async () => {
    const channels = [channel('all'), channel('some', ['drift']), channel('quiet', [])];
    const asked = [{ channel: 'quiet', events: ['window-missed'] as const }];
    const { tell, notifier, attempts } = open({ channels, asked });
    tell(note(1, 'drift'));
    tell(note(2, 'window-missed'));
    const results = await notifier.finish();
    expect(attempts.toSorted()).toEqual(['all k1', 'all k2', 'quiet k2', 'some k1']);
    expect(results).toEqual(
      [
        ['all', 2],
        ['some', 1],
        ['quiet', 1],
      ].map(([name, count]) => ({ channel: name, sent: count, left: 0, problem: null })),
    );
  });

  test('that fails and recovers gets everything, once and in order', async () => {
    const { tell, notifier, attempts, warnings, traced } = open({ answers: [later, later, sent] });
    for (const index of [1, 2, 3]) tell(note(index));
    expect(await notifier.finish()).toMatchObject([{ sent: 3, left: 0 }]);
    expect(attempts).toEqual(['room k1', 'room k1', 'room k1', 'room k2', 'room k3']);
    expect(warnings).toEqual([]);
    expect(traced).toEqual(
      [1, 2].map((attempt) => `notification to room, attempt ${String(attempt)}: it answered HTTP 503`),
    );
  });

  test('that stays away is tried a bounded number of times, with growing pauses, and is one line at the end', async () => {
    const outbox = memoryOutbox();
    const { tell, notifier, attempts, warnings, clock } = open({ outbox, send: () => Promise.resolve(later) });
    for (const index of [1, 2, 3]) tell(note(index));
    await notifier.finish();
    expect(attempts.length).toBeLessThanOrEqual(8);
    expect(new Set(attempts)).toEqual(new Set(['room k1']));
    expect(clock.sleeps.every((ms, index, all) => index === 0 || ms <= 2 * (all[index - 1] ?? 0) || ms === 500)).toBe(
      true,
    );
    expect(warnings).toEqual([
      '3 notifications could not be delivered to room: it answered HTTP 503. Kept: the next fencepost apply, verify or watch sends what is left.',
    ]);
    expect(outbox.waiting.size).toBe(3);
    // The next process.
    const next = open({ outbox });
    await next.notifier.finish();
    expect(next.attempts).toEqual(['room k1', 'room k2', 'room k3']);
  });

  test('that asks to wait is waited for, a minute at most', async () => {
    const { tell, notifier, clock } = open({
      answers: [{ ...later, afterMs: 7000 }, { ...later, afterMs: 9_000_000 }, sent],
    });
    tell(note(1));
    expect(await notifier.finish()).toMatchObject([{ sent: 1 }]);
    expect(clock.sleeps).toEqual([7000, 60_000]);
  });

  test('that refuses one note still gets the others', async () => {
    const { tell, notifier, attempts, warnings } = open({
      send: (letter) => Promise.resolve(letter.note.key === 'k1' ? refused : sent),
    });
    for (const index of [1, 2]) tell(note(index));
    expect(await notifier.finish()).toMatchObject([{ sent: 1, left: 1, problem: 'it answered HTTP 400' }]);
    // Once when it came, once more at the end.
    expect(attempts.filter((one) => one === 'room k1').length).toBeLessThanOrEqual(3);
    expect(attempts.filter((one) => one === 'room k2')).toHaveLength(1);
    expect(warnings).toHaveLength(1);
  });

  test('that never answers is cut off at the end, and what is left is kept', async () => {
    const { tell, notifier } = open({
      endMs: 50,
      send: async (_letter, signal) => {
        await never(signal);
        return later;
      },
    });
    tell(note(1));
    expect(await notifier.finish()).toMatchObject([{ sent: 0, left: 1, problem: 'there was no time left' }]);
  });

  test('to which another process sends is left to it while it does, and taken up when it is free', async () => {
    let busy = 3;
    const free = memoryOutbox();
    const outbox: Outbox = {
      ...free,
      take(letter) {
        busy -= 1;
        return busy >= 0 ? Promise.resolve('busy') : free.take(letter);
      },
    };
    const { tell, notifier, attempts } = open({ outbox });
    tell(note(1));
    expect(await notifier.finish()).toMatchObject([{ sent: 1, left: 0 }]);
    expect(attempts).toEqual(['room k1']);
  });
});

test.each([
  ['refused', () => Promise.resolve(refused)],
  ['away', () => Promise.resolve(later)],
  [
    'silent',
    async (_: Letter, signal: AbortSignal) => {
      await never(signal);
      return later;
    },
  ],
])('what a receiver did not take (%s) is free for another process when the work is done', async (_, send) => {
  const own = new Set<string>();
  const free = memoryOutbox();
  const outbox: Outbox = {
    ...free,
    take(letter) {
      own.add(letter.channel);
      return free.take(letter);
    },
    async giveBack(name) {
      // It takes a while, for which the end has to wait.
      await new Promise(setImmediate);
      own.delete(name);
    },
  };
  const started = new AbortController();
  const { tell, notifier } = open({
    outbox,
    endMs: 50,
    send(letter, signal) {
      started.abort();
      return send(letter, signal);
    },
  });
  tell(note(1));
  await never(started.signal);
  await notifier.finish();
  expect([...own]).toEqual([]);
});

describe('a disk that takes nothing', () => {
  const broken = (): Promise<never> => Promise.reject(new Failure('journal/unwritable', 'no space (ENOSPC)'));
  const outbox: Outbox = {
    add: broken,
    pending: broken,
    take: broken,
    giveBack: broken,
    acknowledge: broken,
    clean: broken,
  };

  test('keeps nobody from hearing of it, and is one warning', async () => {
    const { tell, notifier, warnings, attempts } = open({ outbox });
    for (const index of [1, 2, 3, 2]) tell(note(index));
    expect(await notifier.finish()).toEqual([{ channel: 'room', sent: 3, left: 0, problem: null }]);
    expect(attempts).toEqual(['room k1', 'room k2', 'room k3']);
    expect(warnings).toEqual(['notifications are not kept now, only sent: no space (ENOSPC)']);
  });

  test('and a receiver that is away: what is lost is said to be lost', async () => {
    const { tell, notifier, warnings } = open({ outbox, send: () => Promise.resolve(later) });
    tell(note(1));
    await notifier.finish();
    expect(warnings.at(-1)).toBe(
      '1 notification could not be delivered to room: it answered HTTP 503. 1 of them could not be kept either and will not be sent.',
    );
  });

  test('no mark: what was sent is not sent again by the same process', async () => {
    const unmarked = { ...memoryOutbox(), acknowledge: broken };
    const { tell, notifier, attempts } = open({ outbox: unmarked });
    for (const index of [1, 2]) tell(note(index));
    expect(await notifier.finish()).toMatchObject([{ sent: 2, left: 0 }]);
    expect(attempts).toEqual(['room k1', 'room k2']);
  });

  test('and comes back while people are told: what waited is kept there, and what was sent is marked', async () => {
    const kept = memoryOutbox();
    let isAway = true;
    const away: Outbox = {
      ...kept,
      add: (letter) => (isAway ? broken() : kept.add(letter)),
      pending: () => (isAway ? broken() : kept.pending()),
      acknowledge: (letter) => (isAway ? broken() : kept.acknowledge(letter)),
    };
    const { tell, notifier } = open({
      outbox: away,
      send: ({ note: { key } }) => {
        if (key === 'k2') isAway = false;
        return Promise.resolve(key === 'k1' ? sent : later);
      },
    });
    for (const index of [1, 2]) tell(note(index));
    expect(await notifier.finish()).toMatchObject([{ sent: 1, left: 1 }]);
    expect([...kept.waiting.keys()]).toEqual(['room k2']);
    expect(await kept.add({ channel: 'room', sequence: 1, writtenAt: '2026-12-05T22:00:00.000Z', note: note(1) })).toBe(
      'known',
    );
  });

  test('no lock: it is sent all the same', async () => {
    const { tell, notifier, attempts, traced } = open({ outbox: { ...memoryOutbox(), take: broken } });
    tell(note(1));
    expect(await notifier.finish()).toMatchObject([{ sent: 1, left: 0 }]);
    expect(attempts).toEqual(['room k1']);
    expect(traced).toEqual([expect.stringContaining('without being taken')]);
  });
});

test('whatever receivers answer: each note at least once or still kept, never again once taken, in order', async () => {
  const answers = fc.array(fc.constantFrom(sent, later, refused), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.array(answers, { minLength: 1, maxLength: 4 }), fc.nat(6), async (lives, count) => {
      const outbox = memoryOutbox();
      const taken: string[] = [];
      const refusals = new Set<string>();
      for (const [life, given] of [...lives, []].entries()) {
        const left = [...given];
        const { tell, notifier } = open({
          outbox,
          send: (letter) => {
            const result = left.shift() ?? sent;
            if (result.kind === 'sent') taken.push(letter.note.key);
            if (result.kind === 'refused') refusals.add(letter.note.key);
            return Promise.resolve(result);
          },
        });
        if (life === 0) for (let index = 0; index < count; index += 1) tell(note(index));
        await notifier.finish();
      }
      expect(taken.toSorted()).toEqual(Array.from({ length: count }, (_, index) => `k${String(index)}`));
      // Only one that was refused may come behind later ones.
      const patient = taken.filter((key) => !refusals.has(key));
      expect(patient).toEqual(patient.toSorted());
    }),
  );
});

// I/O: the outbox as a table that a team shares: a letter is a row under its own name, so that whoever tells of a happening tells it once, and any
// machine with the channel sends it. A process that takes a letter has its channel until it gives it back, or for as long as one attempt and the
// pause behind it may last, by the database's clock. Runs must not wait for any of it: a database that is slow is left alone for a while.
import { randomBytes, randomUUID } from 'node:crypto';
import { Failure } from '../../model/failure.ts';
import { compareLetters, type Letter } from '../../model/notifications/letter.ts';
import { identifyLetter, parseLetter, writeLetter } from '../outbox/letter-text.ts';
import { outboxLimits, type Outbox } from '../outbox/outbox.ts';
import type { Database, Query } from './database.ts';

/** Longer than an attempt (workflows/notify/deliver.ts waits a minute at most between two). Stated in docs/notifications.md. */
const takenMs = 90_000;
const answerMs = 3000;

interface LetterRow {
  readonly id: string;
  readonly body: string;
}

/** `patienceMs`: a question that takes longer is given up, and no other is asked before it has ended. */
export function createDatabaseOutbox(
  database: Pick<Database, 'transact' | 'address'>,
  patienceMs: number = answerMs,
): Outbox {
  const { place } = database.address;
  const taker = randomUUID();
  const ask = askInTime(database, patienceMs);

  /** Of two that find it, one is told. */
  async function setAside(id: string, query: Query): Promise<readonly string[]> {
    const aside = `${id}.damaged-${randomBytes(4).toString('hex')}`;
    const moved = await query(
      `UPDATE fencepost.letter SET id = $2, state = 'damaged', taker = NULL, taken_until = NULL,
         settled_at = clock_timestamp() WHERE id = $1 AND state = 'waiting' RETURNING id`,
      [id, aside],
    );
    return moved.length === 0 ? [] : [`${place}, notification ${aside}`];
  }

  return {
    add: (letter) =>
      ask(async (query) => {
        const id = identifyLetter(letter);
        // Asked first, for whoever may look and not write: what is known to it is not told again.
        const known = await query('SELECT id FROM fencepost.letter WHERE id = $1', [id]);
        if (known.length > 0) return 'known';
        const added = await query(
          'INSERT INTO fencepost.letter (id, channel, body) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING RETURNING id',
          [id, letter.channel, writeLetter(letter)],
        );
        return added.length > 0 ? 'added' : 'known';
      }),
    pending: () =>
      ask(async (query) => {
        // Who can't mark what was sent, an auditor or on a replica, leaves it to others: it would be sent again and again.
        const rows = await query<LetterRow>(
          `SELECT id, body FROM fencepost.letter WHERE state = 'waiting'
           AND has_table_privilege('fencepost.letter', 'UPDATE') AND NOT pg_is_in_recovery()`,
        );
        const letters: Letter[] = [];
        const damaged: string[] = [];
        for (const { id, body } of rows) {
          const letter = parseLetter(body, id);
          if (letter !== null) letters.push(letter);
          else damaged.push(...(await setAside(id, query)));
        }
        return { letters: letters.toSorted(compareLetters), setAside: damaged, unread: [] };
      }),
    take: (letter) =>
      ask(async (query) => {
        const id = identifyLetter(letter);
        // All of its channel, in one order: of two that would take two letters of it at once, the second finds the first.
        const rows = await query<{ id: string; held: boolean }>(
          `SELECT id, coalesce(taker <> $2 AND taken_until > clock_timestamp(), false) AS held
           FROM fencepost.letter WHERE channel = $1 AND state = 'waiting' ORDER BY id FOR UPDATE`,
          [letter.channel, taker],
        );
        if (!rows.some((one) => one.id === id)) return 'gone';
        if (rows.some((one) => one.held)) return 'busy';
        await query(
          `UPDATE fencepost.letter SET taker = $2, taken_until = clock_timestamp() + $3 * interval '1 ms' WHERE id = $1`,
          [id, taker, takenMs],
        );
        return 'taken';
      }),
    async giveBack(channel) {
      await ask((query) =>
        query('UPDATE fencepost.letter SET taker = NULL, taken_until = NULL WHERE channel = $1 AND taker = $2', [
          channel,
          taker,
        ]),
      );
    },
    async acknowledge(letter) {
      // One that was sent from memory has no row yet; whoever adds it afterwards finds the mark. What was in it is not kept.
      await ask((query) =>
        query(
          `INSERT INTO fencepost.letter (id, channel, state, settled_at) VALUES ($1, $2, 'sent', clock_timestamp())
           ON CONFLICT (id) DO UPDATE SET state = 'sent', body = NULL, taker = NULL, taken_until = NULL,
             settled_at = clock_timestamp()`,
          [identifyLetter(letter), letter.channel],
        ),
      );
    },
    // By the database's clock: one machine whose clock is wrong must not give up what all the others wait for.
    clean: () =>
      ask(async (query) => {
        const dropped = await removeOldLetters(query);
        return dropped.flatMap(({ id, body }) => parseLetter(body, id) ?? []).toSorted(compareLetters);
      }),
  };
}

/** Marks that are too old: $1 is outboxLimits.markMs. */
const oldMarks = `state <> 'waiting' AND settled_at < clock_timestamp() - $1 * interval '1 ms'`;
/** Letters that are too old or too many, unless one is being sent: $1 is outboxLimits.letterMs, $2 outboxLimits.letters. */
const oldLetters = `state = 'waiting' AND (taken_until IS NULL OR taken_until < clock_timestamp())
  AND (written_at < clock_timestamp() - $1 * interval '1 ms' OR id IN (
    SELECT id FROM fencepost.letter WHERE state = 'waiting' ORDER BY written_at DESC, id DESC OFFSET $2))`;

/** Resolves with those that waited: they are given up. */
export async function removeOldLetters(query: Query): Promise<readonly LetterRow[]> {
  const { letterMs, markMs, letters } = outboxLimits;
  await query(`DELETE FROM fencepost.letter WHERE ${oldMarks}`, [markMs]);
  return query<LetterRow>(`DELETE FROM fencepost.letter WHERE ${oldLetters} RETURNING id, body`, [letterMs, letters]);
}

/** Those that the next command with a channel removes; marks too. */
export async function countOldLetters(query: Query): Promise<number> {
  const { letterMs, markMs, letters } = outboxLimits;
  const rows = [
    ...(await query<{ count: string }>(`SELECT count(*) FROM fencepost.letter WHERE ${oldMarks}`, [markMs])),
    ...(await query<{ count: string }>(`SELECT count(*) FROM fencepost.letter WHERE ${oldLetters}`, [
      letterMs,
      letters,
    ])),
  ];
  return rows.reduce((sum, { count }) => sum + Number(count), 0);
}

/**
 * One question after the other, so that notes never hold more than one of the connections that a run needs. One that takes too long is given up
 * for its caller, and until it has ended every other is refused at once.
 */
function askInTime(
  { transact, address }: Pick<Database, 'transact' | 'address'>,
  patienceMs: number,
): <T>(work: (query: Query) => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let isStuck = false;
  const tooSlow = (): Failure =>
    new Failure('state/unavailable', `the database did not answer within ${String(patienceMs / 1000)} s`, {
      where: address.place,
      hint: 'look at the server; runs and verdicts do not depend on notifications',
    });
  return async (work) => {
    if (isStuck) throw tooSlow();
    const given = { up: false };
    const answer = last.then(() => {
      if (given.up) throw tooSlow();
      return transact(work);
    });
    const ended = answer.then(
      () => undefined,
      () => undefined,
    );
    last = ended;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        given.up = true;
        isStuck = true;
        void ended.then(() => (isStuck = false));
        reject(tooSlow());
      }, patienceMs);
    });
    try {
      return await Promise.race([answer, limit]);
    } finally {
      clearTimeout(timer);
    }
  };
}

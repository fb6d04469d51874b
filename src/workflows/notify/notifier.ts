// Tells channels what happens, beside the work: notes are written to the outbox in the order they come, sent in the background, and at the
// end for a bounded time. Whatever goes wrong here is a line on stderr and in the log; it delays no host and changes no outcome or exit code.
import type { OutboxInNeed } from '../../journal/outbox/outbox-in-need.ts';
import type { RunStore } from '../../journal/store.ts';
import type { Channel } from '../../model/notifications/channel.ts';
import type { Letter } from '../../model/notifications/letter.ts';
import type { Note } from '../../model/notifications/note.ts';
import type { Listener } from '../../model/seams.ts';
import type { AskedNotes } from '../../model/strategy.ts';
import { counted } from '../../model/text/counted.ts';
import type { Interrupts } from '../seams.ts';
import { deliverLetters, type DeliveryPace, type DeliverySeams } from './deliver.ts';
import { readUnfinishedRun } from './find-dead-runs.ts';
import { noteUnfinishedRun, type NoteOrigin } from './other-notes.ts';
import { createRunNarrator, type KnownRun } from './run-notes.ts';

export interface NotifierSeams extends DeliverySeams {
  readonly outbox: OutboxInNeed;
  readonly store: RunStore;
  readonly interrupts: Pick<Interrupts, 'stop' | 'signal'>;
  /** `operator@jump01` */
  readonly from: string;
  /** One line for the operator. */
  readonly warn: (text: string) => void;
}

export interface NotifierOptions {
  readonly channels: readonly Channel[];
  /** What a playbook asks for beyond the channels' own events. */
  readonly asked?: readonly AskedNotes[] | undefined;
  readonly known: KnownRun | null;
  /** How long the end waits for what is not delivered yet, at most. */
  readonly endMs?: number;
}

interface ChannelResult {
  readonly channel: string;
  readonly sent: number;
  readonly left: number;
  /** Why letters are left; null: none is. */
  readonly problem: string | null;
}

export interface Notifier {
  readonly listener: Listener;
  /** A note that follows from no event of a run; null: there is nothing to tell. */
  tell(make: (origin: NoteOrigin) => Note | null): void;
  /** Delivers what can be delivered now, for a bounded time, and says what could not. Never rejects. */
  finish(): Promise<readonly ChannelResult[]>;
}

/** While a run is under way: five attempts over half a minute for each letter, then again with the next. */
const calmPace = { tries: 5, pauseMs: 2000 };
/** At the end. */
const lastPace = { tries: 3, pauseMs: 500 };
const defaultEndMs = 10_000;
/** After a second Ctrl-C. */
const abortedEndMs = 1000;
/** What is being sent when the time is over ends with it, and is given back. */
const cutOffMs = 1500;
const busyMs = 250;

interface Line {
  readonly channel: Channel;
  running: Promise<void> | null;
  isDue: boolean;
  sent: number;
  problem: string | null;
}

export function createNotifier(options: NotifierOptions, seams: NotifierSeams): Notifier {
  const { outbox, clock, interrupts, from, warn, store } = seams;
  const { channels, asked = [], endMs = defaultEndMs } = options;
  const over = new AbortController();
  const hurry = new AbortController();
  const narrator = createRunNarrator(from, options.known);
  const lines = channels.map((channel): Line => ({ channel, running: null, isDue: false, sent: 0, problem: null }));
  let writing = Promise.resolve();
  let sequence = 0;
  const current = (): typeof calmPace => (hurry.signal.aborted ? lastPace : calmPace);
  const pace: DeliveryPace = {
    tries: () => current().tries,
    pauseMs: () => current().pauseMs,
    signal: over.signal,
    hurry: hurry.signal,
  };

  const deliver = async (line: Line): Promise<void> => {
    while (line.isDue && !over.signal.aborted) {
      line.isDue = false;
      const { sent, problem, isBusy, damaged } = await deliverLetters(line.channel, pace, seams);
      line.sent += sent;
      line.problem = problem;
      for (const file of damaged) warn(`a damaged notification was set aside: ${file}`);
      if (!isBusy) continue;
      await clock.sleep(busyMs, over.signal);
      line.isDue = hurry.signal.aborted;
    }
  };
  const wake = (line: Line): void => {
    line.isDue = true;
    line.running ??= deliver(line).finally(() => {
      line.running = null;
    });
  };
  const write = (note: Note, line: Line): void => {
    const letter = { channel: line.channel.name, sequence: (sequence += 1), writtenAt: clock.now(), note };
    writing = writing
      .then(async () => {
        if ((await outbox.add(letter)) === 'added') wake(line);
      })
      .catch((thrown: unknown) => {
        warn(`notifications: ${describe(thrown)}`);
      });
  };
  const wants = ({ name, events }: Channel, event: Note['event']): boolean =>
    event !== 'test' &&
    (events.includes(event) || asked.some((one) => one.channel === name && one.events.some((each) => each === event)));
  const tellAll = (notes: readonly Note[]): void => {
    for (const note of notes) {
      for (const line of lines) if (wants(line.channel, note.event)) write(note, line);
    }
  };
  const onStop = (): void => {
    if (interrupts.stop.reason === 'interrupted') tellAll(narrator.interrupted(clock.now()));
  };
  interrupts.stop.signal.addEventListener('abort', onStop);
  // What an earlier process could not deliver.
  for (const line of lines) wake(line);

  return {
    listener: {
      event(event) {
        tellAll(narrator.event(event));
      },
      progress: () => undefined,
    },
    tell(make) {
      const note = make({ from, at: clock.now() });
      if (note !== null) tellAll([note]);
    },
    async finish() {
      interrupts.stop.signal.removeEventListener('abort', onStop);
      const deadline = new AbortController();
      const limit = clock.sleep(interrupts.signal.aborted ? abortedEndMs : endMs, deadline.signal);
      const onAbort = (): void => {
        over.abort();
      };
      if (!interrupts.signal.aborted) interrupts.signal.addEventListener('abort', onAbort);
      try {
        await Promise.race([deliverRest(), limit]);
      } catch (thrown) {
        warn(`notifications: ${describe(thrown)}`);
      } finally {
        over.abort();
        deadline.abort();
        interrupts.signal.removeEventListener('abort', onAbort);
        await cutOff();
      }
      return await sayWhatIsLeft();
    },
  };

  async function cutOff(): Promise<void> {
    const running = lines.flatMap((line) => line.running ?? []);
    if (running.length === 0) return;
    const limit = new AbortController();
    await Promise.race([Promise.all(running), clock.sleep(cutOffMs, limit.signal)]).catch(() => undefined);
    limit.abort();
  }

  async function deliverRest(): Promise<void> {
    const open = narrator.unfinished();
    const ended = open === null ? null : await readUnfinishedRun(open.run, store);
    if (ended !== null) tellAll([noteUnfinishedRun(ended, true, { from, at: clock.now() })]);
    await writing;
    hurry.abort();
    // One that gave up for now tries once more.
    for (const line of lines) wake(line);
    await Promise.all(lines.flatMap((line) => line.running ?? []));
  }

  async function sayWhatIsLeft(): Promise<readonly ChannelResult[]> {
    try {
      const dropped = await outbox.clean(clock.now()).catch((): readonly Letter[] => []);
      if (dropped.length > 0) {
        warn(
          `${counted(dropped.length, 'notification')} given up: too old, or too many waited; the oldest is of ${dropped[0]?.writtenAt ?? '?'}`,
        );
      }
      const { letters, unread } = await outbox.pending();
      for (const file of unread) warn(`a notification can't be read now: ${file}`);
      return lines.map(({ channel: { name }, sent, problem }) => {
        const left = letters.filter((one) => one.channel === name).length;
        const lost = outbox.unkept().filter((one) => one.channel === name).length;
        const why = left === 0 ? null : (problem ?? 'there was no time left');
        if (why !== null) {
          const rest = 'the next fencepost apply, verify or watch sends what is left';
          const fate = lost === 0 ? `Kept: ${rest}` : `${lost} of them could not be kept either and will not be sent`;
          warn(`${counted(left, 'notification')} could not be delivered to ${name}: ${why}. ${fate}.`);
        }
        return { channel: name, sent, left, problem: why };
      });
    } catch (thrown) {
      const problem = describe(thrown);
      warn(`notifications: ${problem}`);
      return lines.map(({ channel: { name }, sent }) => ({ channel: name, sent, left: 0, problem }));
    }
  }
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

// Delivers what waits in the outbox to one channel, in order: tries again with growing pauses, stops at the first letter that does not get
// through, and marks what was acknowledged. One process at a time per channel: each letter is taken before it is sent. What to do about what
// is left is for whoever calls it.
import type { Outbox } from '../../journal/outbox/outbox.ts';
import type { Channel } from '../../model/notifications/channel.ts';
import type { Letter, SendResult } from '../../model/notifications/letter.ts';
import type { Clock } from '../../model/seams.ts';

/** Sends one letter once. Never rejects; ends soon after the signal. */
export type SendLetter = (channel: Channel, letter: Letter, signal: AbortSignal) => Promise<SendResult>;

export interface DeliverySeams {
  readonly outbox: Outbox;
  readonly send: SendLetter;
  readonly clock: Clock;
  /** One attempt that failed, for the log. */
  readonly trace: (text: string) => void;
}

export interface DeliveryPace {
  /** Attempts per letter. */
  readonly tries: () => number;
  /** The pause after the first attempt; it doubles after each. */
  readonly pauseMs: () => number;
  /** Ends everything: nothing is sent any more. */
  readonly signal: AbortSignal;
  /** Ends a pause: the next attempt is made at once. */
  readonly hurry: AbortSignal;
}

export interface Delivery {
  readonly sent: number;
  /** Why letters are left; null: none is. */
  readonly problem: string | null;
  /** Another process sends to this channel. */
  readonly isBusy: boolean;
  readonly damaged: readonly string[];
}

/** No receiver is waited for longer between two attempts, whatever it asks for. */
const longestPauseMs = 60_000;

/** Never rejects. */
export async function deliverLetters(channel: Channel, pace: DeliveryPace, seams: DeliverySeams): Promise<Delivery> {
  const { outbox } = seams;
  let damaged: readonly string[] = [];
  let sent = 0;
  let problem: string | null = null;
  try {
    const { letters, setAside } = await outbox.pending();
    damaged = setAside;
    for (const letter of letters.filter((one) => one.channel === channel.name)) {
      const result = await deliverLetter(channel, letter, pace, seams);
      if (result.kind === 'busy') return { sent, problem: result.reason, isBusy: true, damaged };
      if (result.kind === 'sent') sent += 1;
      else if (result.kind !== 'gone') problem ??= result.reason;
      // One that is refused for what it is must not hold up the others; a receiver that is away does not get them out of order.
      if (result.kind === 'later') break;
    }
    return { sent, problem, isBusy: false, damaged };
  } catch (thrown) {
    return { sent, problem: describe(thrown), isBusy: false, damaged };
  } finally {
    await outbox.giveBack(channel.name).catch(() => undefined);
  }
}

type LetterResult = SendResult | { readonly kind: 'busy'; readonly reason: string } | { readonly kind: 'gone' };

async function deliverLetter(
  channel: Channel,
  letter: Letter,
  { tries, pauseMs, signal, hurry }: DeliveryPace,
  { send, outbox, clock, trace }: DeliverySeams,
): Promise<LetterResult> {
  for (let attempt = 1; ; attempt += 1) {
    if (signal.aborted) return { kind: 'later', reason: 'there was no time left', afterMs: null };
    const standing = await outbox.take(letter).catch((thrown: unknown) => {
      // What takes no lock: a note that comes twice is better than none.
      trace(`a notification to ${channel.name} is sent without being taken: ${describe(thrown)}`);
      return 'taken' as const;
    });
    if (standing === 'busy') return { kind: 'busy', reason: 'another fencepost process is sending to it' };
    if (standing === 'gone') return { kind: 'gone' };
    const result = await send(channel, letter, signal);
    if (result.kind === 'sent') {
      await outbox.acknowledge(letter);
      return result;
    }
    trace(`notification to ${channel.name}, attempt ${attempt}: ${result.reason}`);
    if (result.kind === 'refused' || attempt >= tries()) return result;
    const asked = result.afterMs ?? 0;
    const pause = Math.min(longestPauseMs, Math.max(pauseMs() * 2 ** (attempt - 1), asked));
    await clock.sleep(pause, hurry.aborted ? signal : AbortSignal.any([signal, hurry]));
  }
}

function describe(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

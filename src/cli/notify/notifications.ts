// The notifications of one command: closed until it opens them with the channels of the operator's policy; what they need is loaded then.
import type { SecretReader } from '../../inventory/secrets/secrets.ts';
import type { State } from '../../journal/state.ts';
import type { Operator } from '../../model/outcome.ts';
import type { Note } from '../../model/notifications/note.ts';
import type { Listener } from '../../model/seams.ts';
import type { Notifier, NotifierOptions, NotifierSeams } from '../../workflows/notify/notifier.ts';
import type { NoteOrigin } from '../../workflows/notify/other-notes.ts';
import type { Interrupts } from '../../workflows/seams.ts';
import { systemClock } from '../io/clock.ts';

export interface Notifications {
  readonly listener: Listener;
  /** What a notifier is made of, for a command that makes its own. */
  prepare(): Promise<NotifierSeams>;
  /** From here on channels are told; without any nothing happens. May be called once. */
  open(options: NotifierOptions): Promise<void>;
  /** Does nothing while they are closed. */
  tell(make: (origin: NoteOrigin) => Note | null): void;
  /** Never rejects. */
  close(): Promise<void>;
}

export interface NotificationParts {
  /** Its runs are told of, and letters wait in it. */
  readonly state: Pick<State, 'runs' | 'openOutbox'>;
  readonly interrupts: Pick<Interrupts, 'stop' | 'signal'>;
  readonly operator: Operator;
  readonly readSecret: SecretReader;
  readonly say: (text: string) => void;
  readonly trace: (text: string) => void;
}

/** A wait that takes longer is named. */
const silentMs = 1500;

export function createNotifications(parts: NotificationParts): Notifications {
  const { state, interrupts, operator, readSecret, say, trace } = parts;
  let notifier: Notifier | null = null;
  const prepare = async (): Promise<NotifierSeams> => {
    const { createOutboxInNeed } = await import('../../journal/outbox/outbox-in-need.ts');
    const { createSendLetter } = await import('./send-letter.ts');
    const { user, machine } = operator;
    const warn = (text: string): void => {
      say(`warning: ${text}\n`);
    };
    const outbox = await state.openOutbox({ user, now: () => systemClock.now() });
    return {
      outbox: createOutboxInNeed(outbox, warn),
      send: createSendLetter((ref, name) => {
        const connection = { username: `the channel ${name}`, scheme: 'https', address: name, port: 0 } as const;
        return readSecret(ref, { name, connection });
      }),
      clock: systemClock,
      trace,
      store: state.runs,
      interrupts,
      from: `${user}@${machine}`,
      warn,
    };
  };
  return {
    listener: {
      event(event) {
        notifier?.listener.event(event);
      },
      progress: () => undefined,
    },
    prepare,
    async open(options) {
      if (options.channels.length === 0) return;
      const { createNotifier } = await import('../../workflows/notify/notifier.ts');
      notifier = createNotifier(options, await prepare());
    },
    tell(make) {
      notifier?.tell(make);
    },
    async close() {
      if (notifier === null) return;
      const waiting = setTimeout(() => {
        say('Waiting a few seconds for notifications to be delivered.\n');
      }, silentMs);
      await notifier.finish();
      clearTimeout(waiting);
    },
  };
}

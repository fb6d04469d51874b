// I/O: one letter to its channel, once. Mail is loaded when a channel has it. It never rejects: whatever happens is a result.
import type { SendLetter } from '../../workflows/notify/deliver.ts';
import { identifyLetter } from '../../journal/outbox/letter-text.ts';
import { cutText } from '../../model/text/cut-text.ts';
import { listenForAbort } from '../../model/interruption/abort-listener.ts';
import { visibleText } from '../../model/text/visible-text.ts';
import { Failure } from '../../model/failure.ts';
import type { SendResult } from '../../model/notifications/letter.ts';
import type { SecretRef } from '../../model/target.ts';
import { sendWebhook } from './send-webhook.ts';

/** The secret behind a reference of a channel. Rejects with Failure `secret/missing`. */
export type ReadChannelSecret = (ref: SecretRef, channel: string) => Promise<string>;

export function createSendLetter(readSecret: ReadChannelSecret): SendLetter {
  const refusedLogins = new Set<string>();
  return async ({ name, way }, letter, signal) => {
    const request = { note: letter.note, id: identifyLetter(letter), signal };
    const secret = (ref: SecretRef): Promise<string> => unlessAborted(readSecret(ref, name), signal);
    try {
      if (way.kind !== 'mail') return await sendWebhook(way, request, secret);
      const { sendMail } = await import('./send-mail.ts');
      return await sendMail(way, request, secret, refusedLogins);
    } catch (thrown) {
      return judgeFailure(thrown);
    }
  };
}

/** A helper or keyring that hangs, perhaps on a question that nobody sees, holds up no end. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let forget = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    forget = listenForAbort(signal, () => {
      reject(new Failure('interrupted', 'its secret was not there in time'));
    });
  });
  return await Promise.race([work, aborted]).finally(forget);
}

/** Trying again helps against what passes; not against settings, nor against a certificate that nobody vouches for. */
function judgeFailure(thrown: unknown): SendResult {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const reason = cutText(visibleText(message), 200);
  const code = thrown instanceof Failure ? thrown.code : '';
  const mayPass = /^(?:connect|deadline|http)\/|^(?:interrupted|wire\/too-large|tls\/failed)$/.test(code);
  return mayPass ? { kind: 'later', reason, afterMs: null } : { kind: 'refused', reason };
}

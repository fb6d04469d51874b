// Readers of secrets for a process that outlives many runs: each resolves its secrets again. What one gave out stays known to the scrubber of the
// log when it is gone, for a line about it may still be on its way. The readers themselves are not kept: a runner opens one for each look at a
// run, for months.
import { createSecretReader, type SecretReader, type SecretSeams } from '../../inventory/secrets/secrets.ts';

/** Rejects as a SecretReader does. */
export type SecretReading = (...asked: Parameters<SecretReader>) => Promise<string>;

export interface LaterReaders {
  open(): SecretReading;
  /** Every value that any of them has given out. */
  revealed(): readonly string[];
}

export function createLaterReaders(seams: SecretSeams): LaterReaders {
  const revealed = new Set<string>();
  return {
    open() {
      const read = createSecretReader(seams);
      return async (ref, owner) => {
        const value = await read(ref, owner);
        revealed.add(value);
        return value;
      };
    },
    revealed: () => [...revealed],
  };
}

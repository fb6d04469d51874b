// Secrets of channels, read again for each note: a watch runs for months, in which they are changed, and a file that is missing for a moment
// must not silence it. Hosts share one reading, for 200 of them would ask 200 times.
import { createSecretReader, type SecretReader, type SecretSeams } from '../../inventory/secrets/secrets.ts';

export function createFreshSecrets(seams: SecretSeams): SecretReader {
  const revealed = new Set<string>();
  const read: (...asked: Parameters<SecretReader>) => Promise<string> = async (ref, owner) => {
    const value = await createSecretReader(seams)(ref, owner);
    revealed.add(value);
    return value;
  };
  return Object.assign(read, { revealed: (): readonly string[] => [...revealed] });
}

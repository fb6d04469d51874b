// A signers file (OpenSSH's allowed_signers), for one question: why is this key nobody's. Who a key belongs to is ssh-keygen's to say.
// Pure. Source: ssh-keygen(1), ALLOWED SIGNERS.
import { cutText, longestName } from '../model/text/cut-text.ts';

/** Why ssh-keygen finds nobody with this key, as half a sentence. `key`: base64 of its blob. */
export function explainUnknownKey(signers: string, key: string, fingerprint: string): string {
  const line = findLine(signers, key);
  if (line === null) return `the signers file does not have its key ${fingerprint}`;
  const limits = [...line.options.matchAll(/valid-(?:after|before)="?[^",]*"?/gi)].map(([option]) =>
    cutText(option, longestName),
  );
  const why = limits.length === 0 ? '' : ` (${limits.join(', ')})`;
  return `the key of ${cutText(line.principals, longestName)} is not valid now${why}`;
}

/** Why ssh-keygen refuses a signature that a known key made; `what` it is under: `the approval`. */
export function explainRefusal(signers: string, key: string, namespace: string, what: string): string {
  return (
    explainNamespace(signers, key, namespace) ?? `the signature does not fit: ${what} was changed after it was signed`
  );
}

/** Null: its line does not bar the key from this namespace. */
export function explainNamespace(signers: string, key: string, namespace: string): string | null {
  const namespaces = /namespaces="?([^"\s]*)/i.exec(findLine(signers, key)?.options ?? '')?.[1];
  if (namespaces === undefined || namespaces.split(',').includes(namespace)) return null;
  return `the signers file allows its key for ${cutText(namespaces, longestName)} only, not for ${namespace}`;
}

function findLine(signers: string, key: string): { readonly principals: string; readonly options: string } | null {
  for (const line of signers.split(/\r?\n/)) {
    const words = line.trim().split(/\s+/);
    const at = words.indexOf(key);
    if (line.trimStart().startsWith('#') || at < 2) continue;
    return { principals: words[0] ?? '', options: words.slice(1, at - 1).join(' ') };
  }
  return null;
}

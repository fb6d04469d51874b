// JSON text -> the facts of a fleet at one time, or why it is none. Apart from snapshot.ts, for whoever only writes needs no forms.
import { snapshotFile } from '../forms/snapshot-schema.ts';
import { snapshotFormat as format, snapshotVersion as version } from '../forms/snapshot-version.ts';
import { computeDigest, type Snapshot } from './snapshot.ts';

/**
 * Reads what `writeSnapshot` wrote. `errors`: every fault of the file, each as `hosts.3.facts.windows.major: ...`; another
 * format or version is the only error then, for nothing else can be judged. Never throws.
 */
export function readSnapshot(text: string): { readonly snapshot: Snapshot } | { readonly errors: readonly string[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { errors: ['it is truncated or not JSON'] };
  }
  if (typeof parsed !== 'object' || parsed === null || !('format' in parsed) || parsed.format !== format) {
    return { errors: ['it is not a snapshot written by fencepost collect --out'] };
  }
  if (!('version' in parsed) || parsed.version !== version) {
    const found = 'version' in parsed ? JSON.stringify(parsed.version) : 'none';
    return { errors: [`it has format version ${found}; this Fencepost reads version ${version}`] };
  }
  const result = snapshotFile.safeParse(parsed);
  if (!result.success) {
    return { errors: result.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`) };
  }
  // The digest is over the text as it was written, so over `parsed`: the schema's copy may have another key order.
  const { takenAt, toolVersion, digest, hosts } = result.data;
  const written = 'hosts' in parsed && Array.isArray(parsed.hosts) ? (parsed.hosts as readonly unknown[]) : [];
  if (
    digest !==
    computeDigest(
      takenAt,
      toolVersion,
      written.map((host) => JSON.stringify(host)),
    )
  ) {
    return { errors: ['its content does not match its digest: it was edited after it was written'] };
  }
  return { snapshot: { takenAt, toolVersion, hosts } };
}

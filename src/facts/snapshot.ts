// Facts of a fleet at one time -> JSON text: what `collect --out` saves, and what seeds the lab. The digest finds a file that was cut short or
// edited by accident; it is no signature. Nothing secret is in it, for nothing secret is in facts. read-snapshot.ts is the other way.
import { createHash } from 'node:crypto';
import type { HostFacts } from '../model/facts.ts';
import type { FailureRecord } from '../model/failure.ts';
import { separated } from '../model/lists/separated.ts';
import { snapshotFormat as format, snapshotVersion as version } from '../forms/snapshot-version.ts';

/** One selected host: its facts, or the failure that says why there are none. Exactly one of them is null. */
interface SnapshotHost {
  readonly target: string;
  readonly facts: HostFacts | null;
  readonly failure: FailureRecord | null;
}

export interface Snapshot {
  /** ISO 8601, UTC. */
  readonly takenAt: string;
  readonly toolVersion: string;
  /** In inventory order. */
  readonly hosts: readonly SnapshotHost[];
}

/**
 * The snapshot as JSON text, one host a line. The same snapshot gives the same text. `hosts`: each a `SnapshotHost` as JSON text, gone
 * through twice, so that the facts of thousands of hosts need not be in memory together.
 */
export function* writeSnapshot(about: Omit<Snapshot, 'hosts'>, hosts: Iterable<string>): Iterable<string> {
  const { takenAt, toolVersion } = about;
  const digest = computeDigest(takenAt, toolVersion, hosts);
  yield `${JSON.stringify({ format, version, takenAt, toolVersion, digest }).slice(0, -1)},"hosts":[\n`;
  yield* separated(hosts, ',\n');
  yield '\n]}\n';
}

/** One host of a snapshot as JSON text; `factsText`: its facts as JSON text, or `null`. */
export function writeSnapshotHost(target: string, factsText: string, failure: FailureRecord | null): string {
  return `{"target":${JSON.stringify(target)},"facts":${factsText},"failure":${JSON.stringify(failure)}}`;
}

/** Of the JSON text of takenAt, toolVersion and hosts as one list, without white space. */
export function computeDigest(takenAt: string, toolVersion: string, hosts: Iterable<string>): string {
  const hash = createHash('sha256').update(`${JSON.stringify([takenAt, toolVersion]).slice(0, -1)},[`);
  for (const part of separated(hosts, ',')) hash.update(part);
  return hash.update(']]').digest('hex');
}

// What a person takes upon himself who forces a rollback: conflicts, and ranges of which the plan says that nobody can tell whose change it was.
import type { Finding } from '../../../src/model/plan.ts';
import type { Server } from '../truth.ts';
import { namesRange, rangeSubject } from './subject.ts';

export function concedeForced(server: Server | undefined, findings: readonly Finding[]): void {
  if (server === undefined) return;
  server.conflicts.clear();
  const doubtful = findings.filter((one) => one.sentence.includes('which one is not known'));
  for (const { protocol, range } of server.plan?.desired.exclusions ?? []) {
    if (!doubtful.some((one) => namesRange(one.sentence, protocol, range))) continue;
    server.doubts.murky.add(rangeSubject(protocol, range));
  }
}

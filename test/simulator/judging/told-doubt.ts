// The doubt that a verdict may name where nothing shows what is permanent: a range that the run deleted, or added again, may have been so before
// it (decision 0038). It is taken only of a range that the run was about, and never under a verdict that calls the host as it was before.
import type { Quirks } from '../../../src/lab/machine/quirks.ts';
import { families, type Family } from '../../../src/model/host-state.ts';
import type { RunKind, Verdict } from '../../../src/model/outcome.ts';
import type { DesiredExclusion } from '../../../src/model/desired.ts';
import { untouchedVerdicts } from '../../support/untouched-verdicts.ts';
import { mayBeHidden, valuesOf, type Server } from '../truth.ts';
import { namesRange, rangeSubject } from './subject.ts';

export const calm: readonly Verdict[] = ['changed', 'unchanged'];

/** A verdict by which the host is as it would be without the run. */
export function isRestored(verdict: Verdict, kind: RunKind): boolean {
  return (kind === 'apply' ? [...untouchedVerdicts, 'undone-by-host'] : calm).includes(verdict);
}

interface ToldDoubt {
  readonly exclusion: DesiredExclusion;
  readonly isDeleted: boolean;
}

const deleted = /(?:: |; )([^:;]*) is deleted there, and may have been permanent/g;
const added = /(?:: |; )([^:;]*) is added there again, and may not have been permanent/g;

function listToldDoubts({ plan }: Server, detail: string): readonly ToldDoubt[] {
  const exclusions = plan?.desired.exclusions ?? [];
  const find = (told: RegExp, isDeleted: boolean): readonly ToldDoubt[] =>
    [...detail.matchAll(told)].flatMap(([, named = '']) =>
      exclusions
        .filter(({ protocol, range }) => namesRange(named, protocol, range))
        .map((exclusion): ToldDoubt => ({ exclusion, isDeleted })),
    );
  return [...find(deleted, true), ...find(added, false)];
}

/** A table without rows shows nothing either: it may be that it never shows any. Only the registry settles it then. */
function mayHaveBeenHidden({ persistentRegistry, oneList }: Quirks): boolean {
  return persistentRegistry !== 'kept' || !oneList;
}

/** Problems with the doubts that a verdict names. */
export function judgeToldDoubts(
  server: Server,
  { verdict, detail }: { readonly verdict: Verdict; readonly detail: string },
  kind: RunKind,
): readonly string[] {
  return listToldDoubts(server, detail).flatMap(({ exclusion: { protocol, range } }) => {
    const subject = rangeSubject(protocol, range);
    return [
      ...(server.sent.has(subject) ? [] : [`no command was about ${subject}`]),
      ...(mayHaveBeenHidden(server.machine.quirks) ? [] : [`it is shown whether ${subject} is permanent`]),
      ...(isRestored(verdict, kind) ? [`it calls a host as it was before whose ${subject} is in doubt`] : []),
    ];
  });
}

/** What the verdict has named is all that can be known of it: from then on that row is as it is now. */
export function concedeTold(server: Server, detail: string): void {
  const { machine, expected, untouched, sent } = server;
  if (!mayBeHidden(machine.quirks)) return;
  const now = valuesOf(machine);
  for (const { exclusion, isDeleted } of listToldDoubts(server, detail)) {
    const { protocol, range } = exclusion;
    const subject = rangeSubject(protocol, range);
    if (!sent.has(subject)) continue;
    // Where both families share one list, a command for one is a command for both.
    const inReach: readonly Family[] = machine.quirks.oneList ? families : exclusion.families;
    for (const family of inReach) {
      const key = subject.replace(' ', ` ${family} persistent `).concat('*');
      if (now.has(key) === isDeleted) continue;
      for (const values of [expected, untouched]) {
        if (isDeleted) values.delete(key);
        else values.set(key, 'there');
      }
    }
  }
}

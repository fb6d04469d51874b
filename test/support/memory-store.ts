// A state directory in memory. What is read of a run went through the journal's own lines, as it does from a disk: steps are derived again
// from their data, and what no run writes is damage.
import type { OpenJournal } from '../../src/journal/append.ts';
import { createEventParser, followChain, type JournalEnd } from '../../src/journal/chain.ts';
import { createOutline } from '../../src/journal/outline.ts';
import { firstPrevious, writeRecord } from '../../src/journal/record.ts';
import { planAppliedBefore, refuseDamage, type RunStore } from '../../src/journal/store.ts';
import { Failure } from '../../src/model/failure.ts';
import type { RunEvent } from '../../src/model/outcome.ts';
import type { Journal } from '../../src/model/seams.ts';
import { memoryJournal } from './memory-journal.ts';

/** What is on disk of a run. */
export interface SavedRun {
  readonly planText: string;
  readonly events: readonly RunEvent[];
}

export interface MemoryStoreOptions {
  /** What is there already, by name. */
  readonly runs?: ReadonlyMap<string, SavedRun>;
  /** What a run that is created or reopened writes to. */
  readonly journal?: Journal | undefined;
}

export interface MemoryStore extends RunStore {
  /** What a process that comes later finds. */
  saved(): ReadonlyMap<string, SavedRun>;
}

export function memoryStore({ runs: given = new Map(), journal }: MemoryStoreOptions = {}): MemoryStore {
  const runs = new Map<string, { readonly planText: string; readonly events: () => readonly RunEvent[] }>();
  for (const [run, { planText, events }] of given) runs.set(run, { planText, events: () => events });
  const claims = new Map<string, string>();

  function runNamed(run: string) {
    const found = runs.get(run);
    if (found === undefined) throw new Failure('run/unknown', 'there is no run of this name', { where: run });
    return found;
  }

  function open(run: string, planText: string, before: readonly RunEvent[]): OpenJournal {
    const own = journal ?? memoryJournal();
    runs.set(run, { planText, events: () => [...before, ...eventsOf(own)] });
    return {
      place: run,
      append: (event) => own.append(event),
      close: () => Promise.resolve(),
      get head() {
        const { records, digest } = linesOf(runNamed(run).events());
        return { records, digest };
      },
    };
  }

  function read(run: string, visit: (event: RunEvent, digest: string) => void): JournalEnd {
    const reader = followChain(createEventParser(), visit);
    for (const line of linesOf(runNamed(run).events()).lines) reader.take(Buffer.from(line));
    return reader.end();
  }

  return {
    place: 'memory',
    // eslint-disable-next-line @typescript-eslint/require-await -- rejects, as the seam does
    async createRun(run, planText) {
      return open(run, [...planText].join(''), []);
    },
    discardRun(run) {
      runs.delete(run);
      return Promise.resolve();
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- yields later, as the seam does
    async *readPlan(run) {
      yield runNamed(run).planText;
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- rejects, as the seam does
    async reopenRun(run) {
      refuseDamage(
        run,
        read(run, () => undefined),
      );
      const { planText, events } = runNamed(run);
      return open(run, planText, events());
    },
    listRuns: () =>
      Promise.resolve([...runs].flatMap(([run, { events }]) => (events().length === 0 ? [] : [run])).sort()),
    // eslint-disable-next-line @typescript-eslint/require-await -- rejects, as the seam does
    async readRun(run, visit) {
      return read(run, visit);
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- rejects, as the seam does
    async outlineRun(run) {
      const outline = createOutline();
      const end = read(run, (event) => {
        outline.event(event);
      });
      return { outline: outline.outline(), end };
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- rejects, as the seam does
    async readBeginning(run) {
      return runNamed(run).events()[0] ?? null;
    },
    planClaim: (digest) => Promise.resolve(claims.get(digest) ?? null),
    claimPlan(digest, run) {
      const by = claims.get(digest);
      if (by !== undefined) return Promise.reject(planAppliedBefore(by));
      claims.set(digest, run);
      return Promise.resolve();
    },
    saved: () => new Map([...runs].map(([run, { planText, events }]) => [run, { planText, events: events() }])),
  };
}

/** A journal of another kind keeps nothing to be read. */
function eventsOf(journal: Journal & { readonly events?: readonly RunEvent[] }): readonly RunEvent[] {
  return journal.events ?? [];
}

/** A journal as it would be on the disk. */
function linesOf(events: readonly RunEvent[]) {
  const lines: string[] = [];
  let digest = firstPrevious;
  for (const [index, event] of events.entries()) {
    const record = writeRecord(index + 1, digest, event);
    digest = record.digest;
    lines.push(record.line);
  }
  return { lines, digest, records: lines.length };
}

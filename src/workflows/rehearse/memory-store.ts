// The state directory of a rehearsal: in memory, and gone with it. What is read of a run went through the journal's own lines, as it does
// from a disk: steps are derived again from their data.
import type { OpenJournal } from '../../journal/append.ts';
import { createEventParser, followChain, type JournalEnd } from '../../journal/chain.ts';
import type { ChainHead } from '../../journal/head.ts';
import { createOutline } from '../../journal/outline.ts';
import { firstPrevious, writeRecord } from '../../journal/record.ts';
import type { RunStore } from '../../journal/store.ts';
import { Failure } from '../../model/failure.ts';
import type { RunEvent } from '../../model/outcome.ts';

interface KeptRun {
  readonly planText: string;
  readonly lines: string[];
  head: ChainHead;
}

export interface MemoryStore extends RunStore {
  events(run: string): readonly RunEvent[];
}

export function createMemoryStore(): MemoryStore {
  const runs = new Map<string, KeptRun>();

  function find(run: string): KeptRun {
    const kept = runs.get(run);
    if (kept === undefined) throw new Failure('run/unknown', 'there is no run of this name', { where: run });
    return kept;
  }

  function open(run: string, kept: KeptRun): OpenJournal {
    return {
      place: run,
      get head() {
        return kept.head;
      },
      append(event) {
        const { line, digest } = writeRecord(kept.lines.length + 1, kept.head.digest, event);
        kept.lines.push(line);
        kept.head = { records: kept.lines.length, digest };
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  }

  function read(run: string, visit: (event: RunEvent, digest: string) => void): JournalEnd {
    const reader = followChain(createEventParser(), visit);
    for (const line of find(run).lines) reader.take(Buffer.from(line));
    return reader.end();
  }

  function readEvents(run: string): readonly RunEvent[] {
    const events: RunEvent[] = [];
    read(run, (event) => events.push(event));
    return events;
  }

  return {
    place: '',
    createRun(run, planText) {
      const kept: KeptRun = {
        planText: [...planText].join(''),
        lines: [],
        head: { records: 0, digest: firstPrevious },
      };
      runs.set(run, kept);
      return Promise.resolve(open(run, kept));
    },
    discardRun(run) {
      runs.delete(run);
      return Promise.resolve();
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- yields later, as the seam does
    async *readPlan(run) {
      yield find(run).planText;
    },
    reopenRun: async (run) => Promise.resolve(open(run, find(run))),
    listRuns: () => Promise.resolve([...runs.keys()]),
    readRun: async (run, visit) => Promise.resolve(read(run, visit)),
    async outlineRun(run) {
      const outline = createOutline();
      const end = read(run, (event) => {
        outline.event(event);
      });
      return Promise.resolve({ outline: outline.outline(), end });
    },
    readBeginning: async (run) => Promise.resolve(readEvents(run)[0] ?? null),
    planClaim: () => Promise.resolve(null),
    claimPlan: () => Promise.resolve(),
    events: readEvents,
  };
}

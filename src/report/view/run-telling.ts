// The events of a run, one by one -> what its view tells of them. Pure. A journal of ten thousand hosts has a hundred thousand events, so none
// is kept but those that concern the run as a whole; of a host stay its steps, with texts that hosts have alike once.
import { createAlike } from '../../model/lists/alike.ts';
import type { EventOf, RunEvent } from '../../model/outcome.ts';
import { tellHost, type HostStory, type HostTelling } from './run-steps.ts';
import { concernsRun } from './run-timeline.ts';

export interface RunTelling {
  /** The next event of the run. */
  event(event: RunEvent): void;
  host(host: string): HostInRun;
  /** Those of its events that concern the run as a whole, in order. */
  readonly ofRun: readonly RunEvent[];
}

/** Of a verdict, what is told. */
type Ending = Pick<EventOf<'host-finished'>, 'at' | 'verdict' | 'detail' | 'failure' | 'findings'>;

export interface HostInRun {
  /** Null: nothing was started on the host. */
  readonly story: HostStory | null;
  /** Null as well when the host was started again after its last verdict: a resumed run has not come to an end with it yet. */
  readonly finished: Ending | null;
  /** The last it was in; null: none. */
  readonly batch: number | null;
}

interface ToldHost {
  readonly telling: HostTelling;
  isStarted: boolean;
  finished: Ending | null;
}

export function tellEvents(): RunTelling {
  const alike = createAlike();
  const hosts = new Map<string, ToldHost>();
  const batches = new Map<string, number>();
  const ofRun: RunEvent[] = [];

  function noteHost(event: RunEvent & { readonly host: string }): void {
    let host = hosts.get(event.host);
    if (host === undefined) {
      host = { telling: tellHost(alike), isStarted: false, finished: null };
      hosts.set(event.host, host);
    }
    host.telling.event(event);
    if (event.type === 'host-started') host.isStarted = true;
    if (event.type === 'host-started') host.finished = null;
    if (event.type !== 'host-finished') return;
    const { at, verdict, detail, failure, findings } = event;
    host.finished = { at, verdict, detail: alike.text(detail), failure, findings: alike.one(findings) };
  }

  return {
    event(event) {
      if ('host' in event) noteHost(event);
      if (event.type === 'batch-started') for (const host of event.hosts) batches.set(host, event.batch);
      if (concernsRun(event, (host) => hosts.get(host)?.isStarted === true)) ofRun.push(event);
    },
    host(host) {
      const told = hosts.get(host);
      return {
        story: told?.telling.story() ?? null,
        finished: told?.finished ?? null,
        batch: batches.get(host) ?? null,
      };
    },
    ofRun,
  };
}

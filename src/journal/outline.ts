// Events -> who began a run, how each host stands and whether it finished: what a list of runs says of one. Also the part of replay.ts that is
// about verdicts. It needs no facts and no steps, so of the events that hold them nothing else is read.
import type { RunOutline } from '../model/history.ts';
import type { EventOf, HostVerdict, RunEvent } from '../model/outcome.ts';
import { readEvent } from './read-event.ts';

/** Events of which no more than the host counts here. */
type Bulky = 'host-started' | 'command-planned';
type AboutHost = { readonly type: Bulky; readonly host: string };
export type OutlineEvent = Exclude<RunEvent, { type: Bulky }> | AboutHost;

export interface OutlineReader {
  event(event: OutlineEvent): void;
  /** Null when the events do not begin with a run. */
  outline(): RunOutline | null;
}

export function createOutline(): OutlineReader {
  let started: EventOf<'run-started'> | null = null;
  let isFirst = true;
  const startedHosts = new Set<string>();
  const verdicts = new Map<string, HostVerdict>();
  let finished: EventOf<'run-finished'> | null = null;
  let stopping: string | null = null;
  return {
    event(event) {
      if (isFirst && event.type === 'run-started') started = event;
      isFirst = false;
      switch (event.type) {
        case 'host-started':
          startedHosts.add(event.host);
          verdicts.delete(event.host);
          break;
        case 'command-planned':
          // A host that is rolled back after its verdict is in change again: until it has a new one, the old one says nothing.
          if (startedHosts.has(event.host)) verdicts.delete(event.host);
          break;
        case 'host-finished': {
          const { host, verdict, detail, failure, untouched, late, down } = event;
          verdicts.set(host, { host, verdict, detail, failure, untouched, late, down });
          break;
        }
        case 'run-resumed':
          finished = null;
          stopping = null;
          break;
        case 'run-stopping':
          stopping = event.reason;
          break;
        case 'run-finished':
          finished = event;
          break;
        default:
          break;
      }
    },
    outline() {
      if (started === null) return null;
      const inChange = [...startedHosts].filter((host) => !verdicts.has(host));
      return { started, verdicts: [...verdicts.values()], inChange, finished, stopping };
    },
  };
}

const unread: readonly string[] = [
  'shell-opened',
  'guard',
  'command-finished',
  'command-lost',
  'step-finished',
  'batch-started',
  'batch-finished',
] satisfies readonly RunEvent['type'][];
const bulky: readonly string[] = ['host-started', 'command-planned'] satisfies readonly Bulky[];

/** So much of a line is looked at to find out what it is about. */
const headBytes = 512;

/** For `followChain`: of a long event its beginning, null for one that an outline does without, all of any other. Throws SyntaxError, EventFault. */
export function parseOutlineEvent(text: Buffer): OutlineEvent | null {
  const head = /^\{"at":"[^"\\]*","type":"([a-z-]+)",(?:"host":("(?:[^"\\]|\\.)*"),)?/.exec(
    text.toString('utf8', 0, headBytes),
  );
  const [, type = '', host] = head ?? [];
  if (unread.includes(type)) return null;
  if (bulky.includes(type) && host !== undefined) return { type: type as Bulky, host: JSON.parse(host) as string };
  return readEvent(JSON.parse(text.toString('utf8')));
}

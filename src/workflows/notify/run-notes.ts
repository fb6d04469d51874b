// What people are told of a run while it is under way, from its events alone: a handful of notes whatever the size of the fleet. Of a host
// there are its name and its verdict, nothing that Windows printed. PURE: it keeps what it was told and sends nothing.
import { listNames, makeNote, type Note, type NoteEvent, type Severity } from '../../model/notifications/note.ts';
import {
  verdicts,
  type EventOf,
  type GuardState,
  type RunEvent,
  type RunKind,
  type Verdict,
} from '../../model/outcome.ts';
import { counted } from '../../model/text/counted.ts';
import { inventoryFlags } from '../inventory-flags.ts';

/** A run that this process did not start itself, but goes on with. */
export interface KnownRun {
  readonly run: string;
  readonly kind: RunKind;
  /** Of the inventory, for commands, with a space in front. */
  readonly flags: string;
}

export interface RunNarrator {
  /** The notes that follow from this event, mostly none. */
  event(event: RunEvent): readonly Note[];
  /** A person interrupted the run, which no event says. */
  interrupted(at: string): readonly Note[];
  /** The run that has started here and not finished yet, with the time of its last event; null: there is none. */
  unfinished(): { readonly run: string; readonly lastAt: string } | null;
}

const doubtful: readonly Verdict[] = ['in-doubt', 'failed-partial'];
const fine: readonly Verdict[] = ['changed', 'unchanged'];
const openGuards: readonly GuardState[] = ['planned', 'armed', 'extended'];

/** `from`: `operator@jump01`. */
export function createRunNarrator(from: string, known: KnownRun | null): RunNarrator {
  let about = known;
  let lastAt: string | null = null;
  let isFinished = false;
  let isStopTold = false;
  const told = new Map<string, Verdict>();
  const guards = new Map<string, EventOf<'guard'>>();

  const note = (at: string, event: NoteEvent, severity: Severity, parts: NoteWords): readonly Note[] => {
    if (about === null) return [];
    const { run } = about;
    return [makeNote({ ...parts, key: keyOfRunNote(run, event, at), event, at, severity, from, run })];
  };
  const kindWord = (): string => (about?.kind === 'rollback' ? 'Rollback' : 'Apply');
  const status = (): string => `fencepost status ${about?.run ?? 'last'}`;
  const stopping = (at: string, reason: string): readonly Note[] => {
    if (isStopTold) return [];
    isStopTold = true;
    return note(at, 'run-stopped', 'warning', {
      title: `${kindWord()} is stopping: ${reason}`,
      facts: [`finished so far: ${counted(told.size, 'host')}`],
      meaning:
        'No more hosts are started. Those in progress are finished or rolled back; a note follows when that is done.',
      next: status(),
    });
  };

  return {
    event(event) {
      lastAt = event.at;
      switch (event.type) {
        case 'run-started': {
          const { run, kind, inventory, hosts, of, playbook } = event;
          about = { run, kind, flags: inventoryFlags(inventory.files) };
          const changing = hosts.filter((one) => one.state === 'changes').map((one) => one.host);
          return note(event.at, 'run-started', 'info', {
            title: `${kindWord()} started: ${counted(changing.length, 'host')} to change`,
            facts: [
              ...(of === null ? [] : [`rolls back: ${of}`]),
              `playbook: ${playbook.name}`,
              `hosts: ${listNames(changing)}`,
            ],
            meaning:
              'Hosts are being changed from now on. A note follows when the run finishes, stops or needs somebody.',
            next: status(),
          });
        }
        case 'run-resumed':
          isFinished = false;
          return note(event.at, 'run-started', 'info', {
            title: `${kindWord()} resumed`,
            facts: [],
            meaning: 'An interrupted run goes on: hosts are being changed again from now on.',
            next: status(),
          });
        case 'guard':
          guards.set(event.host, event);
          return [];
        case 'host-finished':
          return tellHost(event);
        case 'run-stopping':
          return stopping(event.at, event.reason);
        case 'run-finished':
          isFinished = true;
          return [...tellDoubts(event.at), ...tellEnd(event), ...tellGuards(event.at)];
        default:
          return [];
      }
    },
    interrupted: (at) => (isFinished ? [] : stopping(at, 'interrupted')),
    unfinished: () => (about === null || lastAt === null || isFinished ? null : { run: about.run, lastAt }),
  };

  /** The first host in doubt is told at once, the others together at the end: a dead network would be a note for each. */
  function tellHost({ at, host, verdict }: EventOf<'host-finished'>): readonly Note[] {
    const isFirst = doubtful.includes(verdict) && listHosts(doubtful).length === 0;
    told.set(host, verdict);
    return isFirst ? noteDoubt(at, [host]) : [];
  }

  function tellDoubts(at: string): readonly Note[] {
    const hosts = listHosts(doubtful);
    return hosts.length > 1 ? noteDoubt(at, hosts) : [];
  }

  function noteDoubt(at: string, hosts: readonly string[]): readonly Note[] {
    return note(at, 'in-doubt', 'alarm', {
      title: `${counted(hosts.length, 'host')} half changed or in doubt; a service may be down`,
      facts: hosts.slice(0, 10).map((host) => `${host}: ${told.get(host) ?? 'in-doubt'}`),
      meaning:
        'A change was begun there and its end is not known or failed. Mail services of these hosts may be stopped.',
      next: status(),
    });
  }

  /** The counts are those of the whole run; of a resumed one not every host has a name here. */
  function tellEnd({ at, counts }: EventOf<'run-finished'>): readonly Note[] {
    const found = verdicts.flatMap((verdict) => {
      const count = counts[verdict] ?? 0;
      return count === 0 ? [] : [{ verdict, count, isFine: fine.includes(verdict) }];
    });
    const total = found.reduce((sum, { count }) => sum + count, 0);
    const troubled = found.reduce((sum, { count, isFine }) => sum + (isFine ? 0 : count), 0);
    const isDoubtful = found.some(({ verdict }) => doubtful.includes(verdict));
    const severity = isDoubtful ? 'alarm' : troubled > 0 ? 'warning' : 'info';
    const result =
      troubled === 0
        ? `${counted(total, 'host')} as planned`
        : `${troubled} of ${counted(total, 'host')} not as planned`;
    return note(at, 'run-finished', severity, {
      title: `${kindWord()} finished: ${result}`,
      facts: found
        .toSorted((a, b) => Number(a.isFine) - Number(b.isFine))
        .map(({ verdict, count }) => {
          const names = listHosts([verdict]);
          return `${verdict}: ${counted(count, 'host')}${names.length === count ? ` (${listNames(names)})` : ''}`;
        }),
      meaning:
        troubled === 0
          ? 'Nothing needs to be done.'
          : 'Some hosts need somebody to look: the command below says how each stands and what to do.',
      next: troubled === 0 ? `fencepost runs show ${about?.run ?? 'last'}` : status(),
    });
  }

  function tellGuards(at: string): readonly Note[] {
    const waiting = [...guards.values()].filter((one) => one.by === 'person' && openGuards.includes(one.state));
    const ends = waiting.map((one) => Date.parse(one.at) + one.withinMs);
    if (waiting.length === 0) return [];
    const first = new Date(Math.min(...ends)).toISOString();
    return note(at, 'confirm-needed', 'warning', {
      title: `Confirm by ${first}, or ${counted(waiting.length, 'host')} will undo the change`,
      facts: [`hosts: ${listNames(waiting.map((one) => one.host))}`],
      meaning: 'Each of these hosts undoes its change by itself unless somebody confirms that mail works.',
      next: `fencepost confirm ${about?.run ?? 'last'}${about?.flags ?? ''}`,
    });
  }

  function listHosts(kinds: readonly Verdict[]): readonly string[] {
    return [...told].filter(([, verdict]) => kinds.includes(verdict)).map(([host]) => host);
  }
}

type NoteWords = Pick<Note, 'title' | 'facts' | 'meaning' | 'next'>;

function keyOfRunNote(run: string, event: NoteEvent, at: string): string {
  return `run/${run}/${event}/${at}`;
}

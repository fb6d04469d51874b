// The events of one host in one run, one by one -> its steps with what was sent and answered, and what the host showed last. Pure; a run that was
// resumed starts a host again, with steps of its own: steps of the first try that were never started are left out then.
import type { Alike } from '../../model/lists/alike.ts';
import { describeListeningPorts } from '../../model/listening-port.ts';
import type { EventOf, RunEvent, StepState } from '../../model/outcome.ts';
import type { Step } from '../../model/plan.ts';
import { describePresence } from '../../model/presence.ts';
import { formatRange } from '../../model/port-range.ts';
import type { Happening, StepView } from './fleet-view.ts';
import type { AfterSource } from './host-view.ts';
import { plannedStep } from './host-view.ts';

/** Of its first beginning, what is told. */
type Beginning = Pick<EventOf<'host-started'>, 'at' | 'before' | 'desired' | 'exclusiveGroup'>;

export interface HostStory {
  readonly started: Beginning;
  readonly steps: readonly StepView[];
  readonly after: AfterSource;
}

interface Track {
  readonly step: Step;
  readonly happenings: Happening[];
  result: StepView['result'];
  rolledBack: boolean;
  /** The undo was started and has not finished. */
  undoOpen: boolean;
  inDoubt: boolean;
  /** Among those that the line of an outage, sent last, carries out. */
  isInLine: boolean;
  state: StepState | null;
}

type TextsAndStates = Pick<Alike, 'one' | 'text'>;

export interface HostTelling {
  /** The next event of the host. */
  event(event: RunEvent): void;
  /** Null: nothing was started on the host. */
  story(): HostStory | null;
}

/** Keeps of the events only what is told. `alike`: what it has alike with others is one. */
export function tellHost(alike: TextsAndStates): HostTelling {
  let first: Beginning | null = null;
  let earlier: readonly Track[] = [];
  let tracks: readonly Track[] = [];
  return {
    event(event) {
      if (event.type === 'host-started') {
        const { at, before, desired, exclusiveGroup } = event;
        first ??= { at, before, desired, exclusiveGroup };
        earlier = [...earlier, ...tracks.filter((track) => track.happenings.length > 0)];
        tracks = event.steps.map(newTrack);
      } else {
        const track = 'step' in event ? tracks.find((one) => one.step.number === event.step) : undefined;
        if (track !== undefined) follow(track, event, alike);
        followLine(tracks, event);
      }
    },
    story() {
      if (first === null) return null;
      const all = [...earlier, ...tracks];
      return { started: first, steps: all.map(viewTrack), after: findAfter(all) };
    },
  };
}

/** The line of an outage carries out other steps than its first; what it left out did not run. */
function followLine(tracks: readonly Track[], event: RunEvent): void {
  if (event.type === 'command-planned') {
    const then = new Set(event.outage?.then.map((one) => one.step));
    for (const track of tracks) {
      track.isInLine = event.outage !== undefined && (then.has(track.step.number) || track.step.number === event.step);
      if (!then.has(track.step.number)) continue;
      const text = `in the same command line as step ${event.step}`;
      track.happenings.push({ at: event.at, kind: 'sent', direction: event.direction, text });
      track.result = 'open';
      track.rolledBack = false;
      track.inDoubt = true;
    }
  }
  if (event.type !== 'command-lost' || event.effect !== 'none') return;
  const isFirst = tracks.find((one) => one.isInLine)?.step.number === event.step;
  for (const track of tracks.filter((one) => one.isInLine && (isFirst || one.step.number === event.step))) {
    if (track.result === 'open') track.result = 'not-run';
    track.inDoubt = false;
  }
}

function newTrack(step: Step): Track {
  return {
    step,
    happenings: [],
    result: 'not-run',
    rolledBack: false,
    undoOpen: false,
    inDoubt: false,
    isInLine: false,
    state: null,
  };
}

function follow(track: Track, event: RunEvent, { one, text: textOf }: TextsAndStates): void {
  const tell = (happening: Happening): void => {
    track.happenings.push({ ...happening, text: textOf(happening.text) });
  };
  switch (event.type) {
    case 'command-planned':
      tell({ at: event.at, kind: 'sent', direction: event.direction, text: event.line });
      if (event.direction === 'do') track.result = 'open';
      track.undoOpen = event.direction === 'undo';
      track.rolledBack = false;
      track.inDoubt = true;
      break;
    case 'command-finished':
      tell({ at: event.at, kind: 'answered', direction: event.direction, text: answerText(event) });
      track.inDoubt = event.state === null;
      track.state = one(event.state) ?? track.state;
      break;
    case 'command-lost': {
      const sent = event.effect === 'none' ? 'not sent' : 'answer lost';
      const text = `${sent}: ${event.failure.message}`;
      tell({ at: event.at, kind: 'lost', direction: event.direction, text });
      if (event.effect === 'none') track.inDoubt = false;
      break;
    }
    case 'step-finished': {
      const { at, direction, result, state, failure } = event;
      const nothing = result === 'not-needed' ? 'nothing was sent' : 'the host could not be checked';
      const shown = `${state === null ? nothing : stateText(state)}${whoseText(event)}`;
      const text = failure === null ? shown : `${shown}; ${failure.message}`;
      tell({ at, kind: 'finished', direction, text });
      const isBack = direction === 'undo' && (result === 'done' || result === 'not-needed');
      // The result of the step itself stays visible when it was undone.
      if (!isBack) track.result = result;
      track.rolledBack = isBack;
      track.undoOpen = false;
      track.inDoubt = result === 'in-doubt' || (state === null && track.inDoubt);
      track.state = one(state) ?? track.state;
      break;
    }
    default:
      break;
  }
}

function answerText({ exitCode, text, state }: EventOf<'command-finished'>): string {
  const printed = text.trim() === '' ? 'printed nothing' : `printed “${text.trim().replaceAll(/\s+/g, ' ')}”`;
  return `exit code ${exitCode}, ${printed}${state === null ? '' : `; then ${stateText(state)}`}`;
}

/** A step that was found at its goal: whose doing it was. */
function whoseText({ direction, result, changedByOtherFamily, state }: EventOf<'step-finished'>): string {
  if (direction === 'undo' || result !== 'not-needed' || state?.kind !== 'exclusion') return '';
  if (changedByOtherFamily) return '; changed by the command for the other family';
  return "; already as desired: someone else did it; not part of this run's rollback";
}

/** `the tables show it in both stores`, `the service is running and listens on 9933` */
function stateText(state: StepState): string {
  if (state.kind === 'exclusion') return `the tables show it ${describePresence(state.presence)}`;
  if (state.kind === 'dynamic-range') return `the dynamic range is ${formatRange(state.range)}`;
  const listens = state.listensOn.length === 0 ? '' : ` and listens on ${describeListeningPorts(state.listensOn)}`;
  return `the service is ${state.state}${listens}`;
}

function viewTrack({ step, happenings, result, rolledBack, undoOpen }: Track, index: number): StepView {
  return { ...plannedStep(step, undoOpen ? 'open' : result), number: index + 1, rolledBack, happenings };
}

function findAfter(tracks: readonly Track[]): AfterSource {
  const changes = tracks.flatMap(({ step, state }) =>
    step.kind === 'exclusion' && state?.kind === 'exclusion'
      ? [{ family: step.family, protocol: step.protocol, range: step.range, presence: state.presence }]
      : [],
  );
  const inDoubt = tracks.flatMap(({ step, inDoubt: open }) => (step.kind === 'exclusion' && open ? [step] : []));
  const dynamicRanges = tracks.flatMap(({ step, state }) =>
    step.kind === 'dynamic-range' && state?.kind === 'dynamic-range'
      ? [{ family: step.family, protocol: step.protocol, range: state.range }]
      : [],
  );
  return { is: 'shown', changes, dynamicRanges, inDoubt };
}

// How long things took in a run, from its events: the same for a run that was made and one that is rehearsed. Pure. What an undo took is
// not what a change usually takes, and a step whose answer was lost says how long was waited; both are left out of the paces.
import type { RunEvent } from '../outcome.ts';
import { assumedPaces, paceKinds, type PaceKind, type Paces } from './paces.ts';

/** A service that was down on a host because the run stopped it. */
interface MeasuredOutage {
  readonly host: string;
  readonly service: string;
  readonly fromAt: string;
  /** Seen running again; null: not by the end of the run. */
  readonly untilAt: string | null;
}

type Durations = Readonly<Record<PaceKind, readonly number[]>>;

export interface RunTimes {
  event(event: RunEvent): void;
  /** In the order in which they began. */
  outages(): readonly MeasuredOutage[];
  /** Milliseconds, as they came: what was measured by itself. */
  durations(): Durations;
  /** The parts of an outage's line, of which only the sum was measured. */
  shares(): Durations;
}

interface HostTimes {
  shellMs: number | null;
  /** What was sent, of which kinds: the line of an outage has several. `last`: the step that ends it. */
  step: { readonly fromMs: number; readonly kinds: readonly PaceKind[]; readonly last: number } | null;
  lastMs: number | null;
  readonly services: ReadonlyMap<number, string>;
}

export function createRunTimes(): RunTimes {
  const hosts = new Map<string, HostTimes>();
  const outages: { host: string; service: string; fromAt: string; untilAt: string | null }[] = [];
  const durations = noDurations();
  const shares = noDurations();

  function note(kind: PaceKind, fromMs: number | null, at: string): void {
    if (fromMs !== null) durations[kind].push(Math.max(0, Date.parse(at) - fromMs));
  }
  /** How long each part of a line took nobody saw: it gets the share that is assumed for it, and their sum is what was measured. */
  function noteParts({ fromMs, kinds }: NonNullable<HostTimes['step']>, atMs: number): void {
    const { usualMs } = assumedPaces;
    const noted = kinds.length === 1 ? durations : shares;
    const assumedMs = kinds.reduce((sum, kind) => sum + usualMs[kind], 0);
    for (const kind of kinds) noted[kind].push((Math.max(0, atMs - fromMs) * usualMs[kind]) / assumedMs);
  }
  function openOutage(host: string, service: string) {
    return outages.find((one) => one.host === host && one.service === service && one.untilAt === null);
  }
  const fresh: HostTimes = { shellMs: null, step: null, lastMs: null, services: new Map() };

  return {
    event(event) {
      const { at } = event;
      const atMs = Date.parse(at);
      if (event.type === 'shell-opened') {
        hosts.set(event.host, { ...fresh, shellMs: atMs });
        return;
      }
      if (!('host' in event)) return;
      const told = hosts.get(event.host) ?? { ...fresh };
      hosts.set(event.host, told);
      switch (event.type) {
        case 'host-started': {
          note('check', told.shellMs, at);
          const services = new Map(
            event.steps.flatMap((one) => (one.kind === 'service' ? [[one.number, one.service]] : [])),
          );
          hosts.set(event.host, { ...told, shellMs: null, services });
          break;
        }
        case 'command-planned': {
          const { goal, direction } = event;
          const kind = goal.kind !== 'service' ? 'exclusion' : goal.running ? 'start' : 'stop';
          const service = told.services.get(event.step);
          if (kind === 'stop' && service !== undefined && openOutage(event.host, service) === undefined) {
            outages.push({ host: event.host, service, fromAt: at, untilAt: null });
          }
          // A command that is sent again belongs to the same step.
          const then = event.outage?.then ?? [];
          const kinds = [kind, ...then.map((_, index) => (index === then.length - 1 ? 'start' : 'exclusion'))] as const;
          if (direction === 'do') told.step ??= { fromMs: atMs, kinds, last: then.at(-1)?.step ?? event.step };
          break;
        }
        case 'step-finished': {
          const { step, lastMs } = { step: told.step, lastMs: atMs };
          const isReached = event.result === 'done' || event.result === 'not-needed';
          const isPart = step !== null && event.step !== step.last && isReached;
          if (step !== null && !isPart && event.direction === 'do' && event.result === 'done') noteParts(step, atMs);
          if (!isPart) told.step = null;
          told.lastMs = lastMs;
          const service = told.services.get(event.step);
          if (service !== undefined && event.state?.kind === 'service' && event.state.state === 'running') {
            const outage = openOutage(event.host, service);
            if (outage !== undefined) outage.untilAt = at;
          }
          break;
        }
        case 'host-finished':
          if (event.verdict === 'changed') note('verify', told.lastMs, at);
          told.lastMs = null;
          break;
        default:
          break;
      }
    },
    outages: () => outages,
    durations: () => durations,
    shares: () => shares,
  };
}

function noDurations(): Record<PaceKind, number[]> {
  return { check: [], exclusion: [], stop: [], start: [], verify: [] };
}

/** What is usual in these runs: the middle one of all that were measured; of shares where nothing else was. */
export function usualPaces(runs: readonly RunTimes[]): Paces {
  const usualMs = { ...assumedPaces.usualMs };
  const readMiddle = (kind: PaceKind, durationsOf: (run: RunTimes) => Durations): boolean => {
    const all = runs.flatMap((one) => durationsOf(one)[kind]).sort((a, b) => a - b);
    const middle = all[Math.floor(all.length / 2)];
    if (middle !== undefined) usualMs[kind] = middle;
    return middle !== undefined;
  };
  const measured = paceKinds.filter((kind) => readMiddle(kind, (run) => run.durations()));
  const left = paceKinds.filter((kind) => !measured.includes(kind));
  const shared = left.filter((kind) => readMiddle(kind, (run) => run.shares()));
  return { usualMs, measured, shared, runs: measured.length + shared.length === 0 ? 0 : runs.length };
}

// The one view of a fleet that every report is made from, whether it tells of a run, a plan or a snapshot. Plain data, so that
// `--format json` is the view itself. It holds no secret: connections stay out of it. Builders: run-view, plan-view, snapshot-view.
import type { ExchangeVersion, Gap, WindowsVersion } from '../../model/facts.ts';
import type { FailureRecord } from '../../model/failure.ts';
import type { Family } from '../../model/host-state.ts';
import type { Direction } from '../../model/outcome.ts';
import type { Finding } from '../../model/plan.ts';
import type { DriftPoint } from '../../model/observations/drift-over-time.ts';
import type { PlanHeadline } from '../../model/headline/plan-headline.ts';
import type { Origin } from '../../model/target.ts';
import type { DesiredExclusion } from '../../model/desired.ts';
import { standings, standingWords, chooseTone } from './human-words.ts';
import type { ReportKind, ShownResult, Standing, Tone } from './human-words.ts';
import type { PortHolder, PortMap } from './port-map.ts';
import type { ReservationWords } from './reservation-words.ts';

export interface FleetView {
  readonly kind: ReportKind;
  /** The playbook's name, or what the snapshot is. */
  readonly title: string;
  /** The run's name; null for a plan or a snapshot. */
  readonly run: string | null;
  /** When the run started, the plan was made or the snapshot was taken; ISO 8601, UTC. */
  readonly at: string;
  readonly finishedAt: string | null;
  /** What a reader wants to know about the whole: by whom, from which files, with which digest. */
  readonly about: readonly { readonly label: string; readonly value: string }[];
  /** What a plan comes to; null for everything else. */
  readonly headline: PlanHeadline | null;
  /** Its hosts up to then, by their histories. Left out: none is kept, or of one day only. */
  readonly drift?: readonly DriftPoint[];
  /** What a reader must know before anything else: a run that has not finished, a damaged journal. */
  readonly alerts: readonly string[];
  /** The file whose wish is reported on; null for a snapshot. */
  readonly playbookFile: string | null;
  /** In the order of the inventory; one entry for every selected host. */
  readonly hosts: readonly HostView[];
  /** What happened to the run as a whole, oldest first; empty for a plan or a snapshot. */
  readonly timeline: readonly Moment[];
}

/** For CI: a verification may know more than what its hosts are like. */
export interface CheckedFleetView extends FleetView {
  /** Of `verify --discover`: names of servers of the directory that are in no inventory. Left out: it was not asked. */
  readonly notInInventory?: readonly string[];
}

export interface HostView {
  readonly host: string;
  readonly standing: Standing;
  /** `standing` for a person. */
  readonly words: string;
  readonly tone: Tone;
  /** One sentence; empty when `words` say all. */
  readonly detail: string;
  readonly failure: FailureRecord | null;
  /** Groups of the inventory where it was given, else the bond that keeps hosts from being changed together. */
  readonly groups: readonly string[];
  /** 1, 2, 3, ...; null: in none. */
  readonly batch: number | null;
  readonly windows: string | null;
  readonly exchange: string | null;
  readonly collectedAt: string | null;
  /** When its change started and finished; null: it was not started, or has not finished. */
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly desired: readonly DesiredExclusion[];
  readonly ports: PortsView | null;
  readonly steps: readonly StepView[];
  readonly findings: readonly Finding[];
  readonly gaps: readonly Gap[];
  /** Where the inventory names the host; null: not known to this report. */
  readonly origin: Origin | null;
}

export interface PortsView {
  readonly before: readonly PortMap[];
  /** Null: nothing was, or is to be, changed. */
  readonly after: readonly PortMap[] | null;
  /** `planned`: as the plan means it to be; `shown`: as the host showed it after the last step. */
  readonly afterIs: 'planned' | 'shown' | null;
  /** As found when the facts were collected. */
  readonly holders: readonly PortHolder[];
  readonly checks: readonly PortCheck[];
}

/** One desired range on one family: how it was and how it is. */
export interface PortCheck {
  readonly desired: DesiredExclusion;
  readonly family: Family;
  readonly before: ReservationWords;
  /** `in doubt`: a command was sent and the host could not be asked since. */
  readonly after: ReservationWords | 'in doubt' | null;
  /** Null: which ports are open could not be read. */
  readonly holders: readonly string[] | null;
}

export interface StepView {
  readonly number: number;
  readonly sign: '+' | '-' | '~';
  readonly sentence: string;
  readonly result: ShownResult;
  readonly rolledBack: boolean;
  /** The commands as the plan has them; what was really sent is in `happenings`. */
  readonly lines: readonly string[];
  readonly undoLines: readonly string[];
  readonly happenings: readonly Happening[];
}

/** What was sent or answered, when. */
export interface Happening {
  readonly at: string;
  readonly kind: 'sent' | 'answered' | 'lost' | 'finished';
  readonly direction: Direction;
  readonly text: string;
}

export interface Moment {
  readonly at: string;
  readonly text: string;
  readonly tone: Tone;
}

/** What is not in a plan or a journal: names of versions, and what the inventory adds. Empty maps when it is not known. */
export interface ViewContext {
  readonly windows: (version: WindowsVersion) => string;
  readonly exchange: (version: ExchangeVersion) => string;
  readonly origins: ReadonlyMap<string, Origin>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** A path as a reader elsewhere knows it: relative to the repository where that is possible. */
  readonly placeOf: (file: string) => string;
}

/** What can be said of a host's standing; the rest of a HostView is its builder's. */
export function describeStanding(standing: Standing, kind: ReportKind): Pick<HostView, 'standing' | 'words' | 'tone'> {
  return { standing, words: standingWords(standing, kind), tone: chooseTone(standing) };
}

export interface StandingCount {
  readonly standing: Standing;
  readonly words: string;
  readonly tone: Tone;
  readonly count: number;
}

/** The standings that occur, worst first. Their counts add up to the number of hosts. */
export function countStandings(hosts: readonly HostView[]): readonly StandingCount[] {
  const counts = new Map<Standing, StandingCount>();
  for (const { standing, words, tone } of hosts) {
    counts.set(standing, { standing, words, tone, count: (counts.get(standing)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => rank(a.standing) - rank(b.standing));
}

/** The same hosts, worst first; those that stand alike keep their order. */
export function worstFirst(hosts: readonly HostView[]): readonly HostView[] {
  return hosts.toSorted((a, b) => rank(a.standing) - rank(b.standing));
}

function rank(standing: Standing): number {
  return standings.indexOf(standing);
}

// What Fencepost tells people who are not watching: one happening, in our own words. A note holds names of hosts and runs, counts and the
// command to type next; never a secret, and never what a host printed. Everything in it is visible text of a bounded length.
import { cutText, longestName } from '../text/cut-text.ts';
import { visibleText } from '../text/visible-text.ts';

/** What a playbook can ask for. */
export const askedEvents = [
  'run-started',
  'run-finished',
  'run-stopped',
  'in-doubt',
  'drift',
  'window-missed',
  'confirm-needed',
] as const;
export type AskedEvent = (typeof askedEvents)[number];

/** What a channel can ask for. Whoever watches for dead runs knows no playbook. */
export const noteEvents = [...askedEvents, 'run-died'] as const;
export type NoteEvent = (typeof noteEvents)[number];

/** `test`: asked for by a person, sent to every channel whatever its events. */
export const noteKinds = [...noteEvents, 'test'] as const;
type NoteKind = (typeof noteKinds)[number];

export const severities = ['info', 'warning', 'alarm'] as const;
export type Severity = (typeof severities)[number];

export interface Note {
  /** The same for the same happening, whoever tells of it: by it a note is sent to a channel once. */
  readonly key: string;
  readonly event: NoteKind;
  /** When it happened; ISO 8601. */
  readonly at: string;
  readonly severity: Severity;
  /** One line: what happened. */
  readonly title: string;
  /** `operator@jump01`: whose Fencepost tells this. */
  readonly from: string;
  /** Null: it concerns no run. */
  readonly run: string | null;
  /** One fact each: hosts, counts. */
  readonly facts: readonly string[];
  /** What it means for whoever reads it. */
  readonly meaning: string;
  /** The command to type next; null: there is nothing to do. */
  readonly next: string | null;
}

/** In UTF-16 units, before the few words that say how much was cut. A note stays below 12 KB whatever the fleet. */
export const noteLimits = { title: 140, fact: 400, facts: 12, meaning: 500, next: 500, key: 300 } as const;
const mostNames = 10;

/** A note that is safe to show and small enough for every channel. */
export function makeNote(parts: Note): Note {
  const { facts } = parts;
  const shown = facts.slice(0, noteLimits.facts).map((one) => writeLine(one, noteLimits.fact));
  return {
    key: writeLine(parts.key, noteLimits.key),
    event: parts.event,
    at: parts.at,
    severity: parts.severity,
    title: writeLine(parts.title, noteLimits.title),
    from: writeLine(parts.from, longestName),
    run: parts.run === null ? null : writeLine(parts.run, longestName),
    facts: facts.length > shown.length ? [...shown, `and ${facts.length - shown.length} more`] : shown,
    meaning: writeLine(parts.meaning, noteLimits.meaning),
    // Half a command must not be typed.
    next: parts.next === null || parts.next.length > noteLimits.next ? null : writeLine(parts.next, noteLimits.next),
  };
}

/** `ex01, ex02 and 3 more` */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).map((one) => cutText(one, 80));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

function writeLine(text: string, longest: number): string {
  return cutText(visibleText(text.replaceAll(/\s*\n\s*/g, ' ')), longest);
}

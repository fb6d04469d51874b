// What a night has at any moment, and the few things that all its parts ask of it: who is reached, what time it is. It plays nothing and judges
// nothing.
import type { EventOf } from '../../../src/model/outcome.ts';
import type { FleetPlan } from '../../../src/model/plan.ts';
import { memoryTarget } from '../../support/memory-fleet.ts';
import type { Disk } from '../disk.ts';
import { letTimePass, lifeMs } from '../guards.ts';
import type { Mishap } from '../mishap.ts';
import type { Server } from '../truth.ts';

export const firstRun = 'run-0';
export const startMs = Date.parse('2026-12-05T22:00:00.000Z');
export const silent = (): void => undefined;

/** Of a night's guards. */
export interface GuardCounts {
  armed: number;
  fired: number;
  confirmed: number;
}

export interface Night {
  readonly servers: ReadonlyMap<string, Server>;
  readonly disk: Disk;
  readonly mishaps: readonly Mishap[];
  readonly problems: string[];
  readonly happened: Mishap[];
  readonly verdicts: string[];
  readonly tell: (line: string) => void;
  readonly guards: GuardCounts;
  /** By host, the last command that was to be sent. */
  readonly sent: Map<string, EventOf<'command-planned'>>;
  /** Other operators who are at work. */
  readonly beside: Promise<void>[];
  plan: FleetPlan | null;
  hostRuns: number;
  deaths: number;
  lives: number;
}

export function targetsOf({ servers }: Night) {
  return [...servers.keys()].map(memoryTarget);
}

export function passTime(night: Night, server: Server, byMs: number): void {
  const fired = letTimePass(server, byMs, firstRun);
  if (fired > 0) night.tell(`${server.name}: ${fired} guards have run`);
  night.guards.fired += fired;
}

export function startOf(number: number): number {
  return startMs + number * lifeMs;
}

/** Some minutes after the life's start; null: there is none. A rollback has always time. */
export function deadlineOf(number: number, due: readonly Mishap[]): string | null {
  const deadline = due.find((one) => one.what === 'deadline');
  return deadline === undefined ? null : new Date(startOf(number) + deadline.detail * 600_000).toISOString();
}

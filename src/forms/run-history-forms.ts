// The forms of what the events of a run tell: the history of each host, and how the run stands. Printed, never read. Source:
// model/history.ts and run-status.ts, to which the compiler holds them.
import * as z from 'zod';
import type { HostHistory, RunHistory, StepHistory } from '../model/history.ts';
import { guardStates, verdicts } from '../model/outcome.ts';
import type { RunStatus } from '../model/run-status.ts';
import { confirmedBy } from '../model/strategy.ts';
import { desired } from './desired-forms.ts';
import { formOf } from './form.ts';
import { connection, facts, listeningPort, step } from './plan-forms.ts';
import {
  guardShape,
  hostVerdict,
  lineBound,
  runFinished,
  runKind,
  runStarted,
  stepOwnership,
  stepResult,
  stepState,
} from './run-forms.ts';
import { count, moment, text } from './value-forms.ts';

const stepHistory = formOf<StepHistory>()(
  z.strictObject({
    step,
    sent: z.boolean(),
    changedByOtherFamily: z.boolean(),
    ownership: stepOwnership,
    state: stepState.nullable(),
    inDoubt: z.boolean(),
    rolledBack: z.boolean(),
    lastResult: stepResult.nullable(),
  }),
);

const hostHistory = formOf<HostHistory>()(
  z.strictObject({
    host: text,
    connection,
    exclusiveGroup: text.nullable(),
    desired,
    before: facts,
    steps: z.array(stepHistory),
    verdict: hostVerdict.nullable(),
  }),
);

export const runHistory = formOf<RunHistory>()(
  z.strictObject({
    started: runStarted,
    hosts: z.array(hostHistory),
    verdicts: z.array(hostVerdict),
    finished: runFinished.nullable(),
    openShells: z.record(text, z.array(text)),
    guards: z.record(text, z.strictObject({ at: moment, state: z.enum(guardStates), ...guardShape })).exactOptional(),
    openLines: z
      .record(
        text,
        z.strictObject({ sentAt: moment, boundMs: lineBound, service: text, listensOn: z.array(listeningPort) }),
      )
      .exactOptional(),
    stopping: text.nullable(),
    batches: z.array(z.strictObject({ hosts: z.array(text), finished: z.boolean() })),
  }),
);

export const runStatus = formOf<RunStatus>()(
  z.strictObject({
    run: text,
    kind: runKind,
    of: text.nullable(),
    startedAt: moment,
    isFinished: z.boolean(),
    stopping: text.nullable(),
    damage: text.nullable(),
    hosts: z.array(
      z.strictObject({
        host: text,
        verdict: z.enum(verdicts).nullable(),
        isStarted: z.boolean(),
        changed: z.array(text),
        inDoubt: z.array(text),
        down: z.array(text),
        restart: z.strictObject({ service: text, until: moment }).exactOptional(),
        notBack: z.array(text),
        guard: z.strictObject({ armedAt: moment, withinMs: count, by: z.enum(confirmedBy) }).exactOptional(),
        rolledBackBy: text.nullable(),
      }),
    ),
    runners: z
      .array(
        z.strictObject({
          by: text,
          since: moment,
          coordinates: z.boolean(),
          hosts: z.array(z.strictObject({ host: text, since: moment })),
        }),
      )
      .exactOptional()
      .describe('Processes that work on it now, as their locks say; left out: none is known to live'),
    waitingFor: z
      .array(z.strictObject({ site: text, waiting: count }))
      .exactOptional()
      .describe('Sites whose hosts wait in the open batch while no runner of them takes part; left out: none'),
    next: text.nullable(),
  }),
);

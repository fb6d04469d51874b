// The forms of what a run leaves behind: its events, one by one, and the story they tell of each host. Published as
// schemas, and every event of a journal is judged by them. Source: model/outcome.ts and model/history.ts, to which the compiler holds them.
import { z } from 'zod';
import { serviceStates } from '../model/facts.ts';
import type { HostHistory, RunHistory, StepHistory } from '../model/history.ts';
import { verdicts, type HostVerdict, type Operator, type SavedEvent, type StepState } from '../model/outcome.ts';
import { formOf } from './form.ts';
import {
  connection,
  count,
  facts,
  failure,
  finding,
  inventorySource,
  moment,
  onFailure,
  playbookSource,
  presence,
  step,
  stepData,
  text,
  wanted,
} from './plan-forms.ts';

export const runKind = z.enum(['apply', 'rollback']);
const direction = z.enum(['do', 'undo']);
const stepResult = z.enum(['done', 'not-needed', 'failed', 'in-doubt']);
/** How many hosts ended so; a verdict that no host has is left out. */
export const verdictCounts = z.partialRecord(z.enum(verdicts), count);

export const operator = formOf<Operator>()(
  z.strictObject({ user: text, machine: text, processId: count, toolVersion: text }).meta({ id: 'Operator' }),
);

const stepState = formOf<StepState>()(
  z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('exclusion'), presence }),
      z.strictObject({
        kind: z.literal('service'),
        state: z.enum([...serviceStates, 'not-installed']),
        listensOn: z.array(count),
      }),
    ])
    .meta({ id: 'StepState', description: 'What the host showed for a step when it was last asked' }),
);

const verdictShape = { host: text, verdict: z.enum(verdicts), detail: text, failure: failure.nullable() };
export const hostVerdict = formOf<HostVerdict>()(z.strictObject(verdictShape).meta({ id: 'HostVerdict' }));

const ofStep = { host: text, step: count.min(1), direction };

const runBegun = z.strictObject({
  at: moment,
  type: z.literal('run-begun'),
  run: text,
  kind: runKind,
  of: text.nullable(),
  operator,
  plan: z.strictObject({ digest: text, file: text.nullable() }),
  playbook: playbookSource,
  inventory: inventorySource,
  onFailure,
  hosts: z.array(z.strictObject({ host: text, state: text })),
});
const runEnded = z.strictObject({ at: moment, type: z.literal('run-ended'), counts: verdictCounts });

export const eventForms = [
  runBegun,
  z.strictObject({ at: moment, type: z.literal('run-resumed'), operator }),
  z.strictObject({ at: moment, type: z.literal('batch-begun'), batch: count, of: count, hosts: z.array(text) }),
  z.strictObject({ at: moment, type: z.literal('shell-opened'), host: text, shellId: text }),
  z.strictObject({
    at: moment,
    type: z.literal('host-begun'),
    host: text,
    connection,
    exclusiveGroup: text.nullable(),
    wanted,
    before: facts,
    steps: z.array(stepData),
  }),
  z.strictObject({ at: moment, type: z.literal('command-intended'), ...ofStep, line: text }),
  z.strictObject({
    at: moment,
    type: z.literal('command-answered'),
    ...ofStep,
    exitCode: z.int(),
    text,
    state: stepState.nullable(),
  }),
  z.strictObject({
    at: moment,
    type: z.literal('command-lost'),
    ...ofStep,
    effect: z.enum(['none', 'unknown']),
    failure,
  }),
  z.strictObject({
    at: moment,
    type: z.literal('step-ended'),
    ...ofStep,
    result: stepResult,
    state: stepState.nullable(),
    failure: failure.nullable(),
  }),
  z.strictObject({ at: moment, type: z.literal('host-ended'), findings: z.array(finding), ...verdictShape }),
  z.strictObject({ at: moment, type: z.literal('batch-ended'), batch: count, failed: count }),
  z.strictObject({ at: moment, type: z.literal('run-stopping'), reason: text }),
  runEnded,
] as const;

export const runEvent = formOf<SavedEvent>()(z.discriminatedUnion('type', eventForms).meta({ id: 'RunEvent' }));

const stepHistory = formOf<StepHistory>()(
  z.strictObject({
    step,
    sent: z.boolean(),
    cameAlong: z.boolean(),
    state: stepState.nullable(),
    inDoubt: z.boolean(),
    takenBack: z.boolean(),
    lastResult: stepResult.nullable(),
  }),
);

const hostHistory = formOf<HostHistory>()(
  z.strictObject({
    host: text,
    connection,
    exclusiveGroup: text.nullable(),
    wanted,
    before: facts,
    steps: z.array(stepHistory),
    verdict: hostVerdict.nullable(),
  }),
);

export const runHistory = formOf<RunHistory>()(
  z.strictObject({
    begun: runBegun,
    hosts: z.array(hostHistory),
    verdicts: z.array(hostVerdict),
    ended: runEnded.nullable(),
    openShells: z.record(text, z.array(text)),
    stopping: text.nullable(),
  }),
);

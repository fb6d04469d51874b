// The forms of what a run leaves behind: its events, one by one, and the story they tell of each host. Published as
// schemas, and every event of a journal is judged by them. Source: model/outcome.ts and model/history.ts, to which the compiler holds them.
import * as z from 'zod';
import { serviceStates } from '../model/facts.ts';
import type { RunStatus } from '../model/run-status.ts';
import type { HostHistory, RunHistory, StepHistory } from '../model/history.ts';
import type { ShownPresence } from '../model/plan.ts';
import { stores } from '../model/host-state.ts';
import {
  guardStates,
  verdicts,
  type HostVerdict,
  type Operator,
  type SavedEvent,
  type StepState,
  type CommandGoal,
  type StepLook,
} from '../model/outcome.ts';
import { certainties, type OwnedValue, type StepOwnership } from '../model/rules/claims.ts';
import { confirmedBy } from '../model/strategy.ts';
import { countedApproval } from './approval-forms.ts';
import { formOf } from './form.ts';
import {
  connection,
  count,
  facts,
  failure,
  finding,
  inventorySource,
  listeningPort,
  moment,
  onFailure,
  playbookSource,
  presence,
  range,
  step,
  stepData,
  text,
  desired,
} from './plan-forms.ts';

export const runKind = z.enum(['apply', 'rollback']);
const direction = z.enum(['do', 'undo']);
const stepResult = z.enum(['done', 'not-needed', 'failed', 'in-doubt']);
/** How many hosts finished so; a verdict that no host has is left out. */
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
        listensOn: z.array(listeningPort),
      }),
      z.strictObject({ kind: z.literal('dynamic-range'), range }),
    ])
    .meta({ id: 'StepState', description: 'What the host showed for a step when it was last asked' }),
);

const shownPresence = formOf<ShownPresence>()(
  z.strictObject({ active: z.boolean(), persistent: z.union([z.boolean(), z.literal('not-shown')]) }),
);

const stepLook = formOf<StepLook>()(
  z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('exclusion'),
        presence: z.strictObject({ ipv4: shownPresence.nullable(), ipv6: shownPresence.nullable() }),
      }),
      z.strictObject({ kind: z.literal('service'), state: z.enum([...serviceStates, 'not-installed']) }),
      z.strictObject({ kind: z.literal('dynamic-range'), range }),
    ])
    .meta({
      id: 'StepLook',
      description: 'What the host showed, around a command, of all that the command may change',
    }),
);

const commandGoal = formOf<CommandGoal>()(
  z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('exclusion'),
        store: z.enum(stores),
        present: z.boolean(),
        replaces: z.literal(true).optional(),
      }),
      z.strictObject({ kind: z.literal('service'), running: z.boolean() }),
      z.strictObject({ kind: z.literal('dynamic-range'), desired: z.boolean() }),
    ])
    .meta({ id: 'CommandGoal', description: 'What one command is meant to bring about' }),
);

const ownedValue = formOf<OwnedValue>()(
  z
    .strictObject({
      seen: z.boolean().nullable(),
      claim: z.strictObject({ before: z.boolean(), certainty: z.enum(certainties) }).nullable(),
      changedBack: z.literal(true).exactOptional(),
      untold: z.literal(true).exactOptional(),
    })
    .meta({
      id: 'OwnedValue',
      description: 'One value of a host; its claim says that the run changed it, or may have',
    }),
);

const stepOwnership = formOf<StepOwnership>()(
  z
    .strictObject({
      active: ownedValue.exactOptional(),
      persistent: ownedValue.exactOptional(),
      up: ownedValue.exactOptional(),
      range: ownedValue.exactOptional(),
    })
    .meta({ id: 'StepOwnership', description: 'What of a step the run’s own commands brought about' }),
);

const verdictShape = {
  host: text,
  verdict: z.enum(verdicts),
  detail: text,
  failure: failure.nullable(),
  untouched: z.literal(true).optional(),
  late: z.literal(true).optional(),
};
export const hostVerdict = formOf<HostVerdict>()(z.strictObject(verdictShape).meta({ id: 'HostVerdict' }));

const ofStep = { host: text, step: count.min(1), direction };

const runStarted = z.strictObject({
  at: moment,
  type: z.literal('run-started'),
  run: text,
  kind: runKind,
  of: text.nullable(),
  operator,
  plan: z.strictObject({ digest: text, file: text.nullable() }),
  playbook: playbookSource,
  inventory: inventorySource,
  onFailure,
  approvals: z.array(countedApproval).exactOptional(),
  hosts: z.array(z.strictObject({ host: text, state: text })),
});
const runFinished = z.strictObject({ at: moment, type: z.literal('run-finished'), counts: verdictCounts });

/** Whoever resumes waits so long: no longer than a shell, and so its line, lives without anybody receiving (shell-messages.ts). */
const lineBound = z
  .int()
  .min(0)
  .max(15 * 60_000);

const guardShape = {
  task: z.string().regex(/^\\Fencepost\\[A-Za-z0-9-]{1,64}$/),
  withinMs: count,
  by: z.enum(confirmedBy),
};

export const eventForms = [
  runStarted,
  z.strictObject({ at: moment, type: z.literal('run-resumed'), operator }),
  z.strictObject({ at: moment, type: z.literal('batch-started'), batch: count, of: count, hosts: z.array(text) }),
  z.strictObject({ at: moment, type: z.literal('shell-opened'), host: text, shellId: text }),
  z.strictObject({ at: moment, type: z.literal('guard'), host: text, state: z.enum(guardStates), ...guardShape }),
  z.strictObject({
    at: moment,
    type: z.literal('host-started'),
    host: text,
    connection,
    exclusiveGroup: text.nullable(),
    desired,
    before: facts,
    steps: z.array(stepData),
  }),
  z.strictObject({
    at: moment,
    type: z.literal('command-planned'),
    ...ofStep,
    line: text,
    goal: commandGoal,
    before: stepLook.nullable(),
    outage: z
      .strictObject({
        boundMs: lineBound,
        then: z.array(z.strictObject({ step: z.int(), before: stepLook.nullable() })),
      })
      .optional(),
  }),
  z.strictObject({
    at: moment,
    type: z.literal('command-finished'),
    ...ofStep,
    exitCode: z.int(),
    text,
    state: stepState.nullable(),
    before: stepLook.nullable(),
    after: stepLook.nullable(),
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
    type: z.literal('step-finished'),
    ...ofStep,
    result: stepResult,
    state: stepState.nullable(),
    look: stepLook.nullable(),
    changedByOtherFamily: z.boolean(),
    failure: failure.nullable(),
  }),
  z.strictObject({ at: moment, type: z.literal('host-finished'), findings: z.array(finding), ...verdictShape }),
  z.strictObject({ at: moment, type: z.literal('batch-finished'), batch: count, failed: count }),
  z.strictObject({ at: moment, type: z.literal('run-stopping'), reason: text }),
  runFinished,
] as const;

export const runEvent = formOf<SavedEvent>()(z.discriminatedUnion('type', eventForms).meta({ id: 'RunEvent' }));

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
    next: text.nullable(),
  }),
);

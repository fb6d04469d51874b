// The forms of what a run leaves behind: its events, one by one. Published as schemas, and every event of a journal is
// judged by them. Source: model/outcome.ts, to which the compiler holds them.
import * as z from 'zod';
import { serviceStates } from '../model/facts.ts';
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
  facts,
  failure,
  finding,
  inventorySource,
  listeningPort,
  playbookSource,
  presence,
  stepData,
} from './plan-forms.ts';
import { count, moment, range, text } from './value-forms.ts';
import { onFailure } from './policy-forms.ts';
import { desired } from './desired-forms.ts';

export const runKind = z.enum(['apply', 'rollback']);
const direction = z.enum(['do', 'undo']);
export const stepResult = z.enum(['done', 'not-needed', 'failed', 'in-doubt']);
/** How many hosts finished so; a verdict that no host has is left out. */
export const verdictCounts = z.partialRecord(z.enum(verdicts), count);

export const operator = formOf<Operator>()(
  z.strictObject({ user: text, machine: text, processId: count, toolVersion: text }).meta({ id: 'Operator' }),
);

export const stepState = formOf<StepState>()(
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
      unlit: z.literal(true).exactOptional(),
      guardGone: z.literal(true).exactOptional(),
    })
    .meta({
      id: 'OwnedValue',
      description: 'One value of a host; its claim says that the run changed it, or may have',
    }),
);

export const stepOwnership = formOf<StepOwnership>()(
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
  down: z.array(text).optional(),
};
export const hostVerdict = formOf<HostVerdict>()(z.strictObject(verdictShape).meta({ id: 'HostVerdict' }));

const ofStep = { host: text, step: count.min(1), direction };

export const runStarted = z.strictObject({
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
export const runFinished = z.strictObject({ at: moment, type: z.literal('run-finished'), counts: verdictCounts });

/** Whoever resumes waits so long: no longer than a shell, and so its line, lives without anybody receiving (shell-messages.ts). */
export const lineBound = z
  .int()
  .min(0)
  .max(15 * 60_000);

export const guardShape = {
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

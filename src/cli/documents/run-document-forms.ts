// The forms of the documents about runs: what they came to, their journals, guards and locks, and what was seen of hosts over time.
import * as z from 'zod';
import { countedApproval } from '../../forms/approval-forms.ts';
import { formOf } from '../../forms/form.ts';
import { hostHistory } from '../../forms/history-forms.ts';
import { count, moment, text } from '../../forms/value-forms.ts';
import { failure } from '../../forms/plan-forms.ts';
import { hostVerdict, operator, runEvent, runKind, verdictCounts } from '../../forms/run-forms.ts';
import { runHistory, runStatus } from '../../forms/run-history-forms.ts';
import { headSignatureStates, type HeadVerdict } from '../../model/approval.ts';
import { confirmResults, type ConfirmedHost } from '../../run/hosts/confirm-host.ts';
import type { LeftGuards } from '../../workflows/guards/left-guards.ts';
import type { DocumentKind } from './kinds.ts';

const damage = z.strictObject({ line: count, problem: text }).nullable();

export const runForms = {
  run: z
    .strictObject({
      run: text,
      kind: runKind,
      of: text.nullable(),
      approvals: z.array(countedApproval).exactOptional().describe('Those that counted; left out: none was required'),
      hosts: z.array(hostVerdict),
      part: z
        .enum(['coordinator', 'runner', 'late'])
        .exactOptional()
        .describe(
          'With --join: a runner lists its own hosts; the coordinator, and who comes after the end, those of the run',
        ),
      journal: z
        .strictObject({ records: count, lastDigest: text })
        .exactOptional()
        .describe('What the journal came to, to be kept elsewhere; without it nothing was written'),
    })
    .describe('fencepost apply, rollback and resume --json'),
  runs: z
    .strictObject({
      runs: z.array(
        z.strictObject({
          run: text,
          problem: text.nullable(),
          kind: runKind.nullable(),
          of: text.nullable(),
          rolledBackBy: z.array(z.strictObject({ run: text, finished: z.boolean(), hosts: count, rolledBack: count })),
          startedAt: moment.nullable(),
          operator: operator.nullable(),
          finished: z.boolean(),
          counts: verdictCounts.nullable(),
        }),
      ),
    })
    .describe('fencepost runs --json'),
  'run-history': z
    .strictObject({
      run: text,
      damage,
      tornTail: z.boolean(),
      status: runStatus.nullable().describe('As fencepost status RUN --json has it; null: the run has no first record'),
      history: runHistory.nullable(),
      events: z.array(runEvent),
    })
    .describe('fencepost runs show RUN --json'),
  confirm: z
    .strictObject({
      run: text,
      hosts: z.array(
        formOf<ConfirmedHost>()(
          z.strictObject({ host: text, result: z.enum(confirmResults), detail: text, failure: failure.nullable() }),
        ),
      ),
    })
    .describe('fencepost confirm RUN --json'),
  guards: z
    .strictObject({
      hosts: z.array(
        formOf<LeftGuards>()(
          z.strictObject({ host: text, guards: z.array(text).nullable(), failure: failure.nullable() }),
        ),
      ),
      deleted: count,
    })
    .describe('fencepost guards and guards clean --json: what is on the hosts now'),
  unlock: z
    .strictObject({ run: text, freed: z.array(text).describe('What is no longer locked') })
    .describe('fencepost unlock RUN --json'),
  'run-proof': z
    .strictObject({
      run: text,
      holds: z.boolean(),
      records: count,
      lastDigest: text,
      damage,
      tornTail: z.boolean(),
      head: z
        .enum(['agrees', 'behind', 'missing', 'unreadable', 'unread'])
        .describe('The head of the chain, kept beside the journal; behind: the process died before it was written'),
      hasEnd: z.boolean().describe('False: the process of the run died, or is still at work'),
      signature: formOf<HeadVerdict>()(
        z.strictObject({
          state: z
            .enum(headSignatureStates)
            .describe(
              'unchecked: without --signers; partial: the journal goes on after what was signed; foreign: by a key that the signers ' +
                'file does not have, or not for this; tampered: it does not fit this journal',
            ),
          by: text.nullable().describe('The name in the signers file'),
          key: text.nullable(),
          records: count.nullable().describe('How many records are signed'),
          signedAt: moment.nullable(),
          problem: text.nullable(),
        }),
      ).describe('Who signed the head of the journal'),
    })
    .describe('fencepost runs verify RUN --json'),
  'run-status': runStatus.describe('fencepost status RUN --json'),
  'host-history': z
    .strictObject({ hosts: z.array(hostHistory), damaged: z.array(text).describe('Files that can not be read') })
    .describe('fencepost history --json'),
  state: z
    .strictObject({
      place: text,
      protocol: count.nullable().describe('The version of its rules; null: nothing of Fencepost is in it'),
      before: count.nullable().describe('The same before this command'),
      leaseMs: count.nullable().describe('A process that gives no sign of life for so long has lost its hosts'),
      server: text,
      tls: z.boolean(),
      runs: count,
      records: count,
      waiting: count.describe('Notifications that wait to be delivered'),
      approvals: count,
      roles: z
        .array(z.strictObject({ name: text, kind: z.enum(['operators', 'auditors']) }))
        .describe('Roles of the server that state init gives what they need'),
      replicas: text.nullable().describe('What a failover could lose'),
    })
    .describe('fencepost state init and check --json'),
  'state-copy': z
    .strictObject({ run: text, from: text, to: text, records: count, lastDigest: text })
    .describe('fencepost state export and import --json'),
  'state-prune': z
    .strictObject({
      place: text,
      before: moment,
      dryRun: z.boolean(),
      removed: z.array(z.strictObject({ run: text, records: count })).describe('With dryRun: that would be'),
      kept: z.array(z.strictObject({ run: text, why: text })).describe('Those that finished before, and open ones'),
      letters: count.describe('Notifications that are too old, with marks of those that were delivered'),
      approvals: count.describe('From before, of plans that no run left applied'),
    })
    .describe('fencepost state prune --json'),
} as const satisfies Partial<Readonly<Record<DocumentKind, z.ZodObject>>>;

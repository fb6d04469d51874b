// The form of the document that `show --format json` prints. Source: report/sign-off/sign-off-view.ts, to which the compiler holds it.
import * as z from 'zod';
import { formOf } from '../../forms/form.ts';
import { backEndExclusion, desiredDynamicRange, desiredExclusion } from '../../forms/desired-forms.ts';
import { count, moment, text } from '../../forms/value-forms.ts';
import { failure, finding, inventorySource, playbookSource } from '../../forms/plan-forms.ts';
import { onFailure } from '../../forms/policy-forms.ts';
import { authMethods, credentialKinds } from '../../model/target.ts';
import { planHeadline } from './headline-form.ts';
import type { SignOff } from '../../report/sign-off/sign-off-view.ts';

const step = z.strictObject({ number: count, sentence: text, commands: z.array(text), undo: z.array(text) });

export const signOff = formOf<SignOff>()(
  z.strictObject({
    digest: text,
    shortDigest: text.describe('For people to compare; it proves nothing'),
    playbook: playbookSource,
    inventory: inventorySource,
    createdAt: moment,
    createdBy: text,
    toolVersion: text,
    headline: planHeadline,
    desired: z.array(desiredExclusion),
    backEnds: z
      .array(
        z.strictObject({
          request: backEndExclusion,
          ports: z.array(z.strictObject({ port: count.nullable(), hostCount: count })),
        }),
      )
      .exactOptional()
      .describe('What is asked for as port: backend; null: not known'),
    dynamicRange: desiredDynamicRange.nullable(),
    window: z.strictObject({ opensAt: moment, closesAt: moment }).nullable(),
    onFailure,
    guard: text.exactOptional(),
    counts: z.strictObject({ hosts: count, changing: count, exclusions: count, dynamicRanges: count }),
    outages: z.array(z.strictObject({ service: text, hostCount: count, atMostMs: count })),
    hosts: z.array(
      z.strictObject({
        host: text,
        state: z.enum(['ok', 'changes', 'blocked', 'unreachable']),
        address: text,
        proxy: text.nullable(),
        account: text,
        method: z.enum(authMethods),
        credential: z.enum(credentialKinds),
        trust: text.nullable(),
        backEnds: z
          .array(z.strictObject({ service: text, port: count.nullable() }))
          .exactOptional()
          .describe('What port: backend comes to on it; null: not known'),
        steps: z.array(step),
        guard: z.array(text).exactOptional(),
        findings: z.array(finding),
        failure: failure.nullable(),
      }),
    ),
  }),
);

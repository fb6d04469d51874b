// The forms of what a playbook asks for, and what that is on one host. Source: model/desired.ts, to which the compiler holds them.
import * as z from 'zod';
import { mostServiceNameLetters, serviceNamePattern } from '../model/rules/service-name.ts';
import {
  heldByOwnServiceChoices,
  type BackEndExclusion,
  type Desired,
  type DesiredDynamicRange,
  type DesiredExclusion,
  type DesiredRequest,
  type UnresolvedBackEnd,
} from '../model/desired.ts';
import type { BackEndPorts } from '../model/discovery/discovery.ts';
import { formOf } from './form.ts';
import { family, port, protocol, range } from './value-forms.ts';

export const serviceName = z
  .string()
  .max(mostServiceNameLetters)
  .regex(serviceNamePattern, 'expected the short name of a service');

export const desiredExclusion = formOf<DesiredExclusion>()(
  z
    .strictObject({
      range,
      protocol,
      families: z.array(family),
      presence: z.enum(['present', 'absent']),
      service: serviceName.nullable(),
      backEnd: z.literal(true).optional().describe("The host's back-end port, as its inventory says"),
    })
    .meta({ id: 'DesiredExclusion' }),
);

export const desiredDynamicRange = formOf<DesiredDynamicRange>()(
  z.strictObject({ protocol, families: z.array(family), range }).meta({ id: 'DesiredDynamicRange' }),
);

const unresolvedBackEnd = formOf<UnresolvedBackEnd>()(
  z
    .discriminatedUnion('reason', [
      z.strictObject({ service: serviceName, reason: z.literal('unset') }),
      z.strictObject({ service: serviceName, reason: z.literal('conflict'), port, other: range }),
    ])
    .meta({ id: 'UnresolvedBackEnd' }),
);

export const desired = formOf<Desired>()(
  z
    .strictObject({
      exclusions: z.array(desiredExclusion),
      dynamicRange: desiredDynamicRange.optional(),
      whenHeldByOwnService: z.enum(heldByOwnServiceChoices),
      unresolved: z
        .array(unresolvedBackEnd)
        .optional()
        .describe('What is asked for and comes to no port on this host: nothing is changed there'),
    })
    .meta({ id: 'Desired' }),
);

export const backEndExclusion = formOf<BackEndExclusion>()(
  z
    .strictObject({
      port: z.literal('backend'),
      protocol,
      families: z.array(family),
      presence: z.enum(['present', 'absent']),
      service: serviceName,
    })
    .meta({ id: 'BackEndExclusion' }),
);

/** What a playbook asks for where that differs from host to host. */
export const request = formOf<DesiredRequest>()(
  z
    .strictObject({
      exclusions: z.array(z.union([desiredExclusion, backEndExclusion])),
      dynamicRange: desiredDynamicRange.optional(),
      whenHeldByOwnService: z.enum(heldByOwnServiceChoices),
    })
    .meta({ id: 'DesiredRequest' }),
);

export const backEndPorts = formOf<BackEndPorts>()(
  z.strictObject({ imap4: port.nullable(), pop3: port.nullable() }).meta({
    id: 'BackEndPorts',
    description: 'Those that the plan asks for, as the inventory has them; null: unknown',
  }),
);

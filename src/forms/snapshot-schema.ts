// The written form of a snapshot, key for key: a file from outside is believed in nothing. The types of model/facts.ts are the
// source; the compiler holds these forms to them (here by readSnapshot, both ways in cli/documents). It judges no digest and no version.
import * as z from 'zod';
import { accountRights } from '../model/rules/account-rights.ts';
import { serviceStates, startTypes } from '../model/facts.ts';
import { failureCodes } from '../model/failure.ts';
import { families, protocols, persistentWitnesses, stores } from '../model/host-state.ts';
import { highestPort, lastPort } from '../model/port-range.ts';
import { snapshotFormat, snapshotVersion } from './snapshot-version.ts';

const count = z.int().nonnegative();
const port = z.int().min(0).max(highestPort);
const range = z
  .strictObject({ firstPort: port.min(1), portCount: z.int().min(1) })
  .refine((one) => lastPort(one) <= highestPort, `expected a range that ends at ${highestPort} or below`);
const family = z.enum(families);
const protocol = z.enum(protocols);

const service = z.discriminatedUnion('installed', [
  z.strictObject({ name: z.string(), installed: z.literal(false) }),
  z.strictObject({
    name: z.string(),
    installed: z.literal(true),
    state: z.enum(serviceStates),
    processId: count.nullable(),
    startType: z.enum(startTypes).nullable(),
  }),
]);

/** Of model/facts.ts HostFacts. */
export const factsForm = z.strictObject({
  collectedAt: z.iso.datetime(),
  rights: z.enum(accountRights).nullable(),
  windows: z.strictObject({ major: count, minor: count, build: count, revision: count.nullable() }),
  exchange: z.strictObject({ major: count, minor: count, build: count, revision: count }).nullable(),
  exclusionSupport: z.boolean(),
  state: z.strictObject({
    exclusionTables: z.array(
      z.strictObject({
        family,
        protocol,
        store: z.enum(stores),
        exclusions: z.array(z.strictObject({ range, administered: z.boolean() })),
        witness: z.enum(persistentWitnesses).exactOptional(),
      }),
    ),
    dynamicRanges: z.array(z.strictObject({ family, protocol, range })),
  }),
  sockets: z.array(
    z.strictObject({
      family,
      protocol,
      localAddress: z.string(),
      localPort: port,
      listening: z.boolean(),
      bound: z.literal(true).optional(),
      processId: count,
    }),
  ),
  processes: z.array(z.strictObject({ processId: count, imageName: z.string(), services: z.array(z.string()) })),
  services: z.array(service),
  gaps: z.array(z.strictObject({ question: z.string(), reason: z.string(), refused: z.literal(true).optional() })),
  guards: z.array(z.string()).nullable().optional(),
  noise: z.array(z.strictObject({ question: z.string(), line: z.string(), count })).optional(),
});

export const failureCodeForm = z.enum(failureCodes);

/** Of model/failure.ts FailureRecord. */
export const failureForm = z.strictObject({
  code: failureCodeForm,
  message: z.string(),
  where: z.string().nullable(),
  hint: z.string().nullable(),
});

export const snapshotFile = z.strictObject({
  format: z.literal(snapshotFormat),
  version: z.literal(snapshotVersion),
  takenAt: z.iso.datetime(),
  toolVersion: z.string(),
  digest: z.string(),
  hosts: z.array(
    z
      .strictObject({ target: z.string(), facts: factsForm.nullable(), failure: failureForm.nullable() })
      .refine((host) => (host.facts === null) !== (host.failure === null), 'expected either facts or a failure'),
  ),
});

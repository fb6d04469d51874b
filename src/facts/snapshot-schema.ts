// The written form of a snapshot, key for key: a file from outside is believed in nothing. The types of model/facts.ts are the
// source; the compiler holds this schema to them. It knows no digest and no version.
import { z } from 'zod';
import { serviceStates, startTypes } from '../model/facts.ts';
import type { HostFacts, ServiceFacts } from '../model/facts.ts';
import { failureCodes } from '../model/failure.ts';
import { families, protocols, stores } from '../model/host-state.ts';
import { highestPort, lastPort } from '../model/port-range.ts';

const count = z.int().nonnegative();
const port = z.int().min(0).max(highestPort);
const range = z
  .strictObject({ firstPort: port.min(1), portCount: z.int().min(1) })
  .refine((one) => lastPort(one) <= highestPort, `expected a range that ends at ${highestPort} or below`);
const family = z.enum(families);
const protocol = z.enum(protocols);

const service: z.ZodType<ServiceFacts> = z.discriminatedUnion('installed', [
  z.strictObject({ name: z.string(), installed: z.literal(false) }),
  z.strictObject({
    name: z.string(),
    installed: z.literal(true),
    state: z.enum(serviceStates),
    processId: count.nullable(),
    startType: z.enum(startTypes).nullable(),
  }),
]);

const facts: z.ZodType<HostFacts> = z.strictObject({
  collectedAt: z.iso.datetime(),
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
      processId: count,
    }),
  ),
  processes: z.array(
    z.strictObject({ processId: count, imageName: z.string(), services: z.array(z.string()).readonly() }),
  ),
  services: z.array(service),
  gaps: z.array(z.strictObject({ question: z.string(), reason: z.string() })),
});

const failure = z.strictObject({
  code: z.enum(failureCodes),
  message: z.string(),
  where: z.string().nullable(),
  hint: z.string().nullable(),
});

/** A whole snapshot file; `format` and `version` are judged before. */
export const snapshotHosts = z.strictObject({
  format: z.string(),
  version: z.int(),
  takenAt: z.iso.datetime(),
  toolVersion: z.string(),
  digest: z.string(),
  hosts: z.array(
    z
      .strictObject({ target: z.string(), facts: facts.nullable(), failure: failure.nullable() })
      .refine((host) => (host.facts === null) !== (host.failure === null), 'expected either facts or a failure'),
  ),
});

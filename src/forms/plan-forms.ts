// The forms of a plan and all that is in it: connections, wishes, steps, findings, policy. They describe; nothing is read by them.
// Source: model/plan.ts, target.ts, wanted.ts, strategy.ts, to which the compiler holds them.
import { z } from 'zod';
import { factsForm, failureCodeForm, failureForm } from './snapshot-schema.ts';
import type { HostFacts } from '../model/facts.ts';
import type { FailureRecord } from '../model/failure.ts';
import { families, protocols } from '../model/host-state.ts';
import { findingCodes, type Finding, type FleetPlan, type Presence, type Step } from '../model/plan.ts';
import type { PortRange } from '../model/port-range.ts';
import { onFailureChoices, type Policy } from '../model/strategy.ts';
import { authMethods, kerberosServices, tlsVersions, type Connection, type Origin } from '../model/target.ts';
import { heldByOwnServiceChoices, type Wanted, type WantedExclusion } from '../model/wanted.ts';
import { formOf } from './form.ts';

export const text = z.string();
export const count = z.int().nonnegative();
export const moment = z.iso.datetime().describe('ISO 8601, UTC');
export const family = z.enum(families);
export const protocol = z.enum(protocols);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Lists that a later Fencepost may make longer within a version: a reader has to take a code it does not know. */
export const failureCode = failureCodeForm;
export const findingCode = z.enum(findingCodes);

export const facts = formOf<HostFacts>()(factsForm.meta({ id: 'Facts' }));
export const failure = formOf<FailureRecord>()(failureForm.meta({ id: 'Failure' }));
const version = z.strictObject({ major: count, minor: count, build: count, revision: count.nullable() });
const exchangeVersion = z.strictObject({ major: count, minor: count, build: count, revision: count });

export const range = formOf<PortRange>()(
  z.strictObject({ firstPort: z.int().min(1).max(65_535), portCount: z.int().min(1) }).meta({ id: 'PortRange' }),
);

export const origin = formOf<Origin>()(
  z.strictObject({ file: text, line: count, column: count }).meta({ id: 'Origin', description: 'Counted from 1' }),
);

const secretRef = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('env'), name: text }),
    z.strictObject({ kind: z.literal('file'), path: text }),
    z.strictObject({ kind: z.literal('command'), argv: z.array(text) }),
    z.strictObject({ kind: z.literal('keyring'), name: text }),
    z.strictObject({ kind: z.literal('prompt') }),
    z.strictObject({ kind: z.literal('vault'), ciphertext: text, origin }),
    z.strictObject({ kind: z.literal('inline'), value: z.string().describe('Never the password: it is masked') }),
  ])
  .meta({ id: 'SecretReference', description: 'Where a secret is, never the secret' });

const clientCertificate = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pem'), encrypted: z.boolean(), certificateFile: text, keyFile: text }),
  z.strictObject({ kind: z.literal('pfx'), encrypted: z.boolean(), file: text }),
]);

export const connection = formOf<Connection>()(
  z
    .strictObject({
      address: text,
      port: count,
      scheme: z.enum(['http', 'https']),
      path: text,
      auth: z.enum(authMethods),
      username: text,
      password: secretRef,
      caFile: text.nullable(),
      tlsServerName: text.nullable(),
      timeouts: z.strictObject({ connectMs: count, operationMs: count, requestMs: count, hostMs: count }),
      kerberos: z
        .strictObject({
          service: z.enum(kerberosServices).nullable(),
          hostname: text.nullable(),
          ticketFrom: z.discriminatedUnion('kind', [
            z.strictObject({ kind: z.literal('cache') }),
            z.strictObject({ kind: z.literal('keytab'), file: text }),
            z.strictObject({ kind: z.literal('password') }),
          ]),
        })
        .exactOptional(),
      tls: z
        .strictObject({
          fingerprint: text.nullable(),
          minVersion: z.enum(tlsVersions),
          validation: z.enum(['validate', 'ignore']),
        })
        .exactOptional(),
      clientCertificate: clientCertificate.exactOptional(),
      proxy: z.strictObject({ host: text, port: count }).exactOptional(),
    })
    .meta({ id: 'Connection' }),
);

export const wantedExclusion = formOf<WantedExclusion>()(
  z
    .strictObject({
      range,
      protocol,
      families: z.array(family),
      presence: z.enum(['present', 'absent']),
      service: text.nullable(),
    })
    .meta({ id: 'WantedExclusion' }),
);

export const wanted = formOf<Wanted>()(
  z
    .strictObject({ exclusions: z.array(wantedExclusion), whenHeldByOwnService: z.enum(heldByOwnServiceChoices) })
    .meta({ id: 'Wanted' }),
);

export const presence = formOf<Presence>()(
  z
    .strictObject({ active: z.boolean(), persistent: z.boolean() })
    .meta({ id: 'Presence', description: 'In which store exactly this administered range is' }),
);

const command = z.strictObject({ line: text, store: z.enum(['active', 'persistent']), present: z.boolean() });

export const step = formOf<Step>()(
  z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('exclusion'),
        number: count,
        sentence: text,
        family,
        protocol,
        range,
        before: presence,
        after: presence,
        commands: z.array(command),
        undo: z.array(command),
      }),
      z.strictObject({
        kind: z.literal('service'),
        number: count,
        sentence: text,
        service: text,
        verb: z.enum(['stop', 'start']),
        listensOn: z.array(count),
        line: text,
        undo: text.nullable(),
      }),
    ])
    .meta({ id: 'Step' }),
);

export const finding = formOf<Finding>()(
  z
    .strictObject({
      severity: z.enum(['blocker', 'warning', 'info']),
      code: findingCode,
      sentence: text,
      hint: text.nullable(),
    })
    .meta({ id: 'Finding' }),
);

const hostCount = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('count'), hosts: count }),
  z.strictObject({ kind: z.literal('percent'), percent: z.number() }),
]);

export const onFailure = z.enum(onFailureChoices);

const policy = formOf<Policy>()(
  z.strictObject({
    strategy: z.strictObject({
      canary: count,
      batches: z.array(hostCount),
      concurrency: count,
      maxFailed: hostCount,
      maxFailedTotal: hostCount.nullable(),
      oneAtATimeBy: text.nullable(),
      pauseMs: count,
      confirmBetweenBatches: z.boolean(),
    }),
    window: z.strictObject({ opensAt: text, closesAt: text }).nullable(),
    onFailure,
  }),
);

export const playbookSource = z.strictObject({ name: text, file: text, sha256: text });
export const inventorySource = z.strictObject({ files: z.array(text), sha256: text });

/** A plan as it is in its file; `digest` stands beside it there. */
export const fleetPlan = formOf<FleetPlan>()(
  z.strictObject({
    createdAt: moment,
    createdBy: text,
    toolVersion: text,
    playbook: playbookSource,
    inventory: inventorySource,
    policy,
    hosts: z.array(
      z.strictObject({
        target: text,
        connection,
        exclusiveGroup: text.nullable(),
        state: z.enum(['fine', 'change', 'blocked', 'unreachable']),
        wanted,
        steps: z.array(step),
        findings: z.array(finding),
        fingerprint: text.nullable(),
        windows: version.nullable(),
        exchange: exchangeVersion.nullable(),
        facts: facts.nullable(),
        failure: failure.nullable(),
      }),
    ),
  }),
);

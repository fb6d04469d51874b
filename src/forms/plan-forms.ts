// The forms of a plan and all that is in it: connections, steps, findings. Published as schemas, and what is loaded from a
// plan or a journal is judged by them. Source: model/plan.ts and target.ts, to which the compiler holds them.
import * as z from 'zod';
import { factsForm, failureCodeForm, failureForm } from './snapshot-schema.ts';
import type { HostFacts } from '../model/facts.ts';
import type { FailureRecord } from '../model/failure.ts';
import {
  findingCodes,
  serviceConditions,
  type Finding,
  type FleetPlan,
  type Presence,
  type Step,
  type SavedHostPlan,
  type SavedFleetPlan,
  type StepData,
} from '../model/plan.ts';
import type { ListeningPort } from '../model/listening-port.ts';
import {
  authMethods,
  credentialKinds,
  kerberosServices,
  tlsVersions,
  type Origin,
  type SavedConnection,
} from '../model/target.ts';
import { isSiteName, siteNameWords } from '../model/text/site-name.ts';
import { backEndPorts, desired, request, serviceName } from './desired-forms.ts';
import { formOf } from './form.ts';
import { policy } from './policy-forms.ts';
import { count, exchangeVersion, family, moment, port, protocol, range, text, version } from './value-forms.ts';

/** Lists that a later Fencepost may make longer within a version: a reader has to take a code it does not know. */
export const failureCode = failureCodeForm;
export const findingCode = z.enum(findingCodes);

export const facts = formOf<HostFacts>()(factsForm.meta({ id: 'Facts' }));
export const failure = formOf<FailureRecord>()(failureForm.meta({ id: 'Failure' }));

export const origin = formOf<Origin>()(
  z.strictObject({ file: text, line: count, column: count }).meta({ id: 'Origin', description: 'Counted from 1' }),
);

/** What an inventory's connection and a saved one have alike. */
export const place = {
  address: text,
  port: count,
  scheme: z.enum(['http', 'https']),
  path: text,
  auth: z.enum(authMethods),
  username: text,
  caFile: text.nullable(),
  tlsServerName: text.nullable(),
  timeouts: z.strictObject({ connectMs: count, operationMs: count, requestMs: count, hostMs: count }),
  tls: z
    .strictObject({
      fingerprint: text.nullable(),
      minVersion: z.enum(tlsVersions),
      validation: z.enum(['validate', 'ignore']),
    })
    .exactOptional(),
  proxy: z.strictObject({ host: text, port: count }).exactOptional(),
};
export const kerberosNames = { service: z.enum(kerberosServices).nullable(), hostname: text.nullable() };

/** No key of it names a secret, or where one is. */
export const connection = formOf<SavedConnection>()(
  z
    .strictObject({
      ...place,
      credential: z.enum(credentialKinds).describe('What kind of secret it takes; the inventory says where that is'),
      kerberos: z.strictObject(kerberosNames).exactOptional(),
    })
    .meta({ id: 'SavedConnection' }),
);

export const presence = formOf<Presence>()(
  z
    .strictObject({ active: z.boolean(), persistent: z.boolean() })
    .meta({ id: 'Presence', description: 'In which store exactly this administered range is' }),
);

const command = z.strictObject({
  line: text,
  store: z.enum(['active', 'persistent']),
  present: z.boolean(),
  replaces: z.literal(true).optional(),
});

/** Where a service listens. */
export const listeningPort = formOf<ListeningPort>()(z.strictObject({ family, port }).meta({ id: 'ListeningPort' }));

const exclusionStep = z.strictObject({
  kind: z.literal('exclusion'),
  number: count.min(1),
  undoes: z.boolean(),
  family,
  protocol,
  range,
  service: serviceName.nullable(),
  before: presence,
  after: presence,
});
const serviceStep = z.strictObject({
  kind: z.literal('service'),
  number: count.min(1),
  undoes: z.boolean(),
  service: serviceName,
  verb: z.enum(['stop', 'start']),
  ranges: z.array(z.strictObject({ protocol, range })),
  listensOn: z.array(listeningPort),
  when: z.enum(serviceConditions).optional().meta({
    description: 'only if Windows refuses a missing half while the port is open, or only to undo; absent: always',
  }),
});

const dynamicRangeStep = z.strictObject({
  kind: z.literal('dynamic-range'),
  number: count.min(1),
  undoes: z.boolean(),
  family,
  protocol,
  before: range,
  after: range,
});

/** As it is saved: commands, inverse and sentence are derived from it when it is loaded. */
export const stepData = formOf<StepData>()(
  z
    .discriminatedUnion('kind', [exclusionStep, serviceStep, dynamicRangeStep])
    .meta({ id: 'StepData', description: 'What a step is about; what is sent is derived from it' }),
);

/** As it is printed, with what is derived. Never read. */
export const step = formOf<Step>()(
  z
    .discriminatedUnion('kind', [
      exclusionStep.extend({ sentence: text, commands: z.array(command), undo: z.array(command) }),
      serviceStep.extend({ sentence: text, line: text, undo: text.nullable() }),
      dynamicRangeStep.extend({ sentence: text, line: text, undo: text }),
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

export const playbookSource = z.strictObject({ name: text, file: text, sha256: text });
export const inventorySource = z.strictObject({ files: z.array(text), sha256: text });

const planShape = {
  createdAt: moment,
  createdBy: text,
  toolVersion: text,
  playbook: playbookSource,
  inventory: inventorySource,
  policy,
  request: request.exactOptional(),
};
const hostShape = {
  target: text.min(1),
  connection,
  exclusiveGroup: text.nullable(),
  state: z.enum(['ok', 'changes', 'blocked', 'unreachable']),
  desired,
  backEndPorts: backEndPorts.exactOptional(),
  site: text.refine(isSiteName, { error: `expected ${siteNameWords}` }).exactOptional(),
  findings: z.array(finding),
  fingerprint: text.nullable(),
  windows: version.nullable(),
  exchange: exchangeVersion.nullable(),
  facts: facts.nullable(),
  failure: failure.nullable(),
};

/** A plan as it is printed. Never read. */
export const fleetPlan = formOf<FleetPlan>()(
  z.strictObject({ ...planShape, hosts: z.array(z.strictObject({ ...hostShape, steps: z.array(step) })) }),
);

/** One host of a plan as it is in its file. */
export const savedHostPlan = formOf<SavedHostPlan>()(z.strictObject({ ...hostShape, steps: z.array(stepData) }));

/** A plan as it is in its file; `digest` stands beside it there. */
export const savedFleetPlan = formOf<SavedFleetPlan>()(z.strictObject({ ...planShape, hosts: z.array(savedHostPlan) }));

/** The same before its hosts, which are judged one by one. */
export const planHead = z.strictObject({ ...planShape, hosts: z.tuple([]) });

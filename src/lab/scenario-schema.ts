// The written form of a lab scenario as a zod schema: which keys there are, and what each may hold. Defaults and meaning are
// scenario.ts's business.
import { z } from 'zod';
import { families, protocols } from '../model/host-state.ts';
import { isPort } from '../model/port-range.ts';
import { authMethods } from '../model/target.ts';
import { socketStates } from './machine.ts';
import { duplicateAddChoices, effectChoices, emptyShowChoices, overActiveChoices, refuseAddChoices } from './quirks.ts';
import { exchangeReleases, languages, windowsReleases } from './releases.ts';
import { backEndStates, mishapOperations, plainMishaps } from './server-spec.ts';

const port = z.number().refine(isPort, { error: 'expected a port from 1 to 65535' });
const count = z.number().refine(isPort, { error: 'expected a count from 1 to 65535' });
const nth = z.number().refine((value) => Number.isInteger(value) && value >= 1, { error: 'expected 1, 2, 3, ...' });
const text = z.string().min(1, { error: 'expected some text' });
const family = z.enum([...families, 'both']);

/** Releases are written without quotes, so `2019` arrives as a number. */
const release = <const Name extends string>(names: readonly Name[]) =>
  z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.enum(names));

const dynamicSchema = z.strictObject({ start: port, count });

const exclusionSchema = z.strictObject({
  port,
  count: count.optional(),
  protocol: z.enum(protocols).optional(),
  administered: z.boolean().optional(),
  store: z.enum(['active', 'persistent', 'both']).optional(),
  family: family.optional(),
});

const holderSchema = z.strictObject({
  port,
  image: text,
  protocol: z.enum(protocols).optional(),
  services: z.array(text).optional(),
  family: family.optional(),
  state: z.enum(socketStates).optional(),
});

const serviceSchema = z.strictObject({
  name: text,
  image: text,
  state: z.enum(['running', 'stopped']).optional(),
  ports: z.array(port).optional(),
});

const quirksSchema = z.strictObject({
  one_list: z.boolean().optional(),
  duplicate_add: z.enum(duplicateAddChoices).optional(),
  persistent_show_when_empty: z.enum(emptyShowChoices).optional(),
  add_persistent_over_active: z.enum(overActiveChoices).optional(),
  add_takes_effect: z.enum(effectChoices).optional(),
  delete_persistent_keeps_active: z.boolean().optional(),
  refuse_add: z.enum(refuseAddChoices).optional(),
  exit_codes_lie: z.boolean().optional(),
  sc_start_fails: text.optional(),
  pending_queries: z.number().int().min(0).max(1000).optional(),
});

const mishapSchema = z.strictObject({
  on: z.strictObject({
    operation: z.enum(mishapOperations).optional(),
    nth: nth.optional(),
    line: text.optional(),
    request: nth.optional(),
  }),
  do: z.union([
    z.enum(plainMishaps),
    z.strictObject({ delay_ms: z.number().int().min(0) }),
    z.strictObject({ fault: z.number().int().min(1).max(0xffffffff) }),
    z.strictObject({ status: z.number().int().min(100).max(599) }),
  ]),
  times: nth.optional(),
});

/** Every key a server may have; all but the name may stand under `defaults` too. */
const serverKeys = {
  groups: z.array(text).optional(),
  variables: z.record(z.string(), z.unknown()).optional(),
  language: z.enum(languages).optional(),
  windows: release(windowsReleases).optional(),
  exchange: release([...exchangeReleases, 'none']).optional(),
  listener: z.enum(['http', 'https']).optional(),
  auth: z.array(z.enum(authMethods)).min(1, { error: 'expected at least one method' }).optional(),
  dynamic: dynamicSchema.optional(),
  exclusions: z.array(exclusionSchema).optional(),
  filler: z.boolean().optional(),
  holders: z.array(holderSchema).optional(),
  imap: z.enum(backEndStates).optional(),
  pop: z.enum(backEndStates).optional(),
  imap_port: port.optional(),
  pop_port: port.optional(),
  services: z.array(serviceSchema).optional(),
  rights: z.enum(['administrator', 'user']).optional(),
  hotfix: z.boolean().optional(),
  password: z.enum(['right', 'wrong']).optional(),
  reachable: z.boolean().optional(),
  quirks: quirksSchema.optional(),
  mishaps: z.array(mishapSchema).optional(),
};

export const scenarioSchema = z.strictObject({
  defaults: z.strictObject(serverKeys).optional(),
  servers: z.array(z.strictObject({ name: text, ...serverKeys })).min(1, { error: 'expected at least one server' }),
});

export type WrittenScenario = z.infer<typeof scenarioSchema>;
export type WrittenServer = WrittenScenario['servers'][number];
export type WrittenMishap = z.infer<typeof mishapSchema>;

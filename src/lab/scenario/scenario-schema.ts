// The written form of a lab scenario as a zod schema: which keys there are, and what each may hold. Defaults and meaning are
// scenario.ts's business.
import * as z from 'zod';
import { families, protocols, stores } from '../../model/host-state.ts';
import { highestPort, isPort } from '../../model/port-range.ts';
import { accountRights, socketStates } from '../machine/machine.ts';
import {
  cimRangeChoices,
  cimServiceChoices,
  duplicateAddChoices,
  effectChoices,
  emptyShowChoices,
  lostOutputChoices,
  netshNoiseChoices,
  missingHalfChoices,
  persistentRegistryChoices,
  persistentShowChoices,
  refuseAddChoices,
  taskCreateChoices,
  tasklistChoices,
  refuseStartChoices,
  refuseStopChoices,
} from '../machine/quirks.ts';
import { exchangeReleases, languages, windowsReleases } from '../machine/releases.ts';
import { backEndStates, labAuthMethods, mishapOperations, plainMishaps } from './server-spec.ts';

// What a refinement checks is said once more for the JSON Schema that editors read.
const wholePort = { type: 'integer', minimum: 1, maximum: highestPort } as const;
const port = z.number().refine(isPort, { error: 'expected a port from 1 to 65535' }).meta(wholePort);
const count = z.number().refine(isPort, { error: 'expected a count from 1 to 65535' }).meta(wholePort);
const nth = z
  .number()
  .refine((value) => Number.isInteger(value) && value >= 1, { error: 'expected 1, 2, 3, ...' })
  .meta({ type: 'integer', minimum: 1 });
const text = z.string().min(1, { error: 'expected some text' });
const family = z.enum([...families, 'both']);

/** Releases are written without quotes, so `2019` arrives as a number. */
const release = <const Name extends string>(names: readonly Name[]) =>
  z
    .preprocess((value) => (typeof value === 'number' ? String(value) : value), z.enum(names))
    .meta({ type: ['string', 'integer'], enum: [...names, ...names.filter((name) => /^\d+$/.test(name)).map(Number)] });

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
  persistent_show: z.enum(persistentShowChoices).optional(),
  persistent_registry: z.enum(persistentRegistryChoices).optional(),
  add_persistent_over_active: z.enum(missingHalfChoices).optional(),
  add_active_over_persistent: z.enum(missingHalfChoices).optional(),
  add_takes_effect: z.enum(effectChoices).optional(),
  delete_persistent_keeps_active: z.boolean().optional(),
  refuse_add: z.enum(refuseAddChoices).optional(),
  exit_codes_lie: z.boolean().optional(),
  sc_start_fails: text.optional(),
  sc_start_exit_code: z.number().int().min(0).max(0xffffffff).optional(),
  refuse_stop: z.enum(refuseStopChoices).optional(),
  refuse_start: z.enum(refuseStartChoices).optional(),
  pending_queries: z.number().int().min(0).max(1000).optional(),
  ipv4_only_queries: z.number().int().min(0).max(1000).optional(),
  lost_output: z.enum(lostOutputChoices).optional(),
  cim_range: z.enum(cimRangeChoices).optional(),
  cim_services: z.enum(cimServiceChoices).optional(),
  cmd_autorun: text.optional(),
  scripts_in_folder: z.array(text).optional(),
  netsh_noise: z.enum(netshNoiseChoices).optional(),
  ntlm_timestamp: z.boolean().optional(),
  tasklist_for_users: z.enum(tasklistChoices).optional(),
  forbidden_programs: z.array(text).optional(),
  task_create: z.enum(taskCreateChoices).optional(),
  on_battery: z.boolean().optional(),
  exchange_key_denied: z.boolean().optional(),
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
    z.strictObject({ late_by: nth }),
    z.strictObject({ fault: z.number().int().min(1).max(0xffffffff), text: text.optional() }),
    z.strictObject({ status: z.number().int().min(100).max(599) }),
    z.strictObject({
      stranger: z.union([
        z.strictObject({
          does: z.enum(['reserve', 'release']),
          port,
          protocol: z.enum(protocols).optional(),
          store: z.enum(stores).optional(),
        }),
        z.strictObject({ does: z.enum(['stop', 'start']), service: text }),
      ]),
    }),
  ]),
  times: nth.optional(),
});

/** Every key a server may have; all but the name may stand under `defaults` too. */
const serverKeys = {
  groups: z
    .array(text)
    .optional()
    .describe('Inventory groups of the server; none: exchange, the one of the shipped playbooks.'),
  variables: z.record(z.string(), z.unknown()).optional().describe('Inventory variables of the server.'),
  language: z.enum(languages).optional().describe('Display language of Windows. Default: en.'),
  windows: release(windowsReleases).optional().describe('Release of Windows. Default: 2019.'),
  exchange: release([...exchangeReleases, 'none'])
    .optional()
    .describe('Release of Exchange, or none. Default: 2019.'),
  listener: z.enum(['http', 'https']).optional().describe('What WinRM listens with. Default: http.'),
  auth: z
    .array(z.enum(labAuthMethods))
    .min(1, { error: 'expected at least one method' })
    .optional()
    .describe('Ways to log on that the server offers. Default: [ntlm].'),
  dynamic: dynamicSchema.optional().describe('Dynamic tcp port range: its start and its COUNT.'),
  exclusions: z.array(exclusionSchema).optional().describe('Port exclusions that exist already.'),
  filler: z.boolean().optional().describe('Add the rows and listeners that every such server has. Default: true.'),
  holders: z.array(holderSchema).optional().describe('Processes that have a port open.'),
  imap: z.enum(backEndStates).optional().describe('The IMAP4 back-end service. Default: stopped.'),
  pop: z.enum(backEndStates).optional().describe('The POP3 back-end service. Default: stopped.'),
  imap_port: port.optional().describe('Where the IMAP4 back end really listens. Default: 9933.'),
  pop_port: port.optional().describe('Where the POP3 back end really listens. Default: 9955.'),
  services: z.array(serviceSchema).optional().describe('More services.'),
  rights: z
    .enum(accountRights)
    .optional()
    .describe('What the account may do; filtered: an administrator whose token UAC filters. Default: administrator.'),
  hotfix: z.boolean().optional().describe('Windows 2008 R2: whether KB2665809 is installed. Default: true.'),
  password: z.enum(['right', 'wrong']).optional().describe('wrong: the server refuses the password of the inventory.'),
  reachable: z.boolean().optional().describe('false: nothing listens.'),
  quirks: quirksSchema.optional().describe('Behaviour of Windows that is assumed, not known for certain.'),
  mishaps: z.array(mishapSchema).optional().describe('Trouble on the wire, on purpose.'),
};

export const scenarioSchema = z
  .strictObject({
    defaults: z.strictObject(serverKeys).optional().describe('Settings for every server that does not set its own.'),
    servers: z
      .array(z.strictObject({ name: text.describe('A name, or a range such as ex[01:12].'), ...serverKeys }))
      .min(1, { error: 'expected at least one server' })
      .describe('The simulated servers.'),
  })
  .meta({ title: 'Fencepost scenario', description: 'A simulated fleet for fencepost lab.' });

export type WrittenScenario = z.infer<typeof scenarioSchema>;
export type WrittenServer = WrittenScenario['servers'][number];
export type WrittenMishap = z.infer<typeof mishapSchema>;
export type WrittenDeed = Extract<WrittenMishap['do'], { stranger: unknown }>['stranger'];

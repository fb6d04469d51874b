// The written form of a playbook: what may stand where, and what a key means when it is left out. What contradicts itself
// across keys (overlaps, the window) is for resolve.ts. Source: product.md, "Files".
import * as z from 'zod';
import { families, protocols } from '../model/host-state.ts';
import { heldByOwnServiceChoices } from '../model/desired.ts';
import { momentPattern } from './moment.ts';
import { fewestDynamicPorts, lowestDesiredStart } from '../model/rules/dynamic-range.ts';
import { isServiceName, mostServiceNameLetters, serviceNamePattern } from '../model/rules/service-name.ts';
import { channelNamePattern, channelNameWords } from '../model/notifications/channel.ts';
import { askedEvents } from '../model/notifications/note.ts';
import { confirmedBy, confirmLimitsMs, mostApprovals, mostAskedChannels, onFailureChoices } from '../model/strategy.ts';

const templates = 'templates ({{ }}) are not supported; write the value itself';

function text(words: string): z.ZodType<string> {
  const error = (issue: { readonly input?: unknown }): string => {
    return typeof issue.input === 'string' && issue.input.includes('{{') ? templates : `expected ${words}`;
  };
  return z
    .string({ error })
    .refine((value) => value.trim() !== '' && !value.includes('{{'), { error })
    .meta({ pattern: textPattern });
}

/** The same for editors, which read patterns only. */
const textPattern = '^(?![\\s\\S]*\\{\\{)[\\s\\S]*\\S';

function whole(words: string, least: number, most = Number.MAX_SAFE_INTEGER): z.ZodType<number> {
  const error = `expected ${words}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

const port = whole('a port from 1 to 65535', 1, 65_535);

const protocolAndFamilies = {
  protocol: z.enum(protocols).default('tcp').describe('tcp or udp.'),
  families: z
    .array(z.enum(families))
    .min(1, { error: 'expected ipv4, ipv6 or both' })
    .refine((list) => new Set(list).size === list.length, { error: 'expected each family once' })
    .meta({ uniqueItems: true })
    .default([...families])
    .describe('For which address families.'),
};

/** One entry of `exclusions`. Which of the three ways to name the ports is used, resolve.ts judges. */
export const exclusionSchema = z
  .strictObject({
    port: z
      .union([port, z.literal('backend')], { error: 'expected a port from 1 to 65535, or backend' })
      .optional()
      .describe(
        'One port; or backend: the port where the service in "for" is set to listen, which the inventory says for each host.',
      ),
    range: z
      .string({ error: 'expected a range of ports such as "9900-9999"' })
      .regex(/^\s*\d{1,5}\s*-\s*\d{1,5}\s*$/, { error: 'expected a range of ports such as "9900-9999"' })
      .optional()
      .describe('First and last port, "9900-9999".'),
    first: port.optional().describe('First port of a range; goes with count.'),
    count: whole('a number of ports from 1 to 65535', 1, 65_535)
      .optional()
      .describe('How many ports from first on; the last one is first + count - 1.'),
    ...protocolAndFamilies,
    for: text('the name of a Windows service, such as MSExchangeIMAP4BE')
      .refine(isServiceName, {
        error: 'expected the name of a Windows service as `sc` knows it, without blanks',
      })
      .meta({
        pattern: serviceNamePattern.source.replace('^', '^(?!.*\\{\\{)'),
        maxLength: mostServiceNameLetters,
      })
      .optional()
      .describe('The service the ports are kept for; it may be restarted when it has one of them open (when_held).'),
    state: z
      .enum(['present', 'absent'])
      .default('present')
      .describe('present: the exclusion must exist; absent: it is deleted.'),
  })
  .meta({
    oneOf: [{ required: ['port'] }, { required: ['range'] }, { required: ['first', 'count'] }],
    if: { properties: { port: { const: 'backend' } }, required: ['port'] },
    then: { properties: { protocol: { const: 'tcp' } }, required: ['for'] },
  });
export type WrittenExclusion = z.output<typeof exclusionSchema>;

/** Judged as a whole in resolve.ts: the last port is start + count - 1. */
export const dynamicRangeSchema = z.strictObject({
  ...protocolAndFamilies,
  start: whole(`a first port from ${String(lowestDesiredStart)} to 65281`, lowestDesiredStart, 65_281).describe(
    'The first port; Exchange setup sets 6005.',
  ),
  count: whole(`a number of ports from ${String(fewestDynamicPorts)} to 64511`, fewestDynamicPorts, 64_511).describe(
    'HOW MANY ports, not the last one; Exchange setup sets 59530, so that the last one is 65534.',
  ),
});

export type WrittenDynamicRange = z.output<typeof dynamicRangeSchema>;

/** From `least` to 100 percent, for editors. */
const percentPatterns = {
  0: '^0*(?:100(?:\\.0+)?|\\d{1,2}(?:\\.\\d+)?)%$',
  1: '^(?:0*100(?:\\.0+)?|0*[1-9]\\d?(?:\\.\\d+)?)%$',
} as const;

/** `25%` or a number of hosts, at least `least` of either. */
function hostCount(words: string, least: 0 | 1): z.ZodType<number | string> {
  const error = `expected ${words}`;
  const percent = z
    .string({ error })
    .regex(/^\d{1,3}(\.\d+)?%$/, { error })
    .refine((value) => Number.parseFloat(value) >= least && Number.parseFloat(value) <= 100, { error })
    .meta({ pattern: percentPatterns[least] });
  return z.union([whole(words, least), percent], { error });
}

const batch = hostCount('a number of hosts from 1 on, or a percentage from 1% to 100%', 1);
const limit = hostCount('a number of hosts from 0 on, or a percentage from 0% to 100%', 0);

const strategySchema = z.strictObject({
  canary: whole('a number of hosts from 0 on', 0).default(0).describe('Hosts in the first batch, before all others.'),
  batches: z
    .array(batch)
    .min(1, { error: 'expected at least one batch' })
    .default(['100%'])
    .describe('Sizes of the batches after the canary, as numbers or percentages; the last one repeats.'),
  concurrency: whole('a number of hosts from 1 to 1000', 1, 1000).default(50).describe('Hosts at the same time.'),
  max_failed: limit.default(0).describe('The run stops when MORE hosts of a batch than this have failed.'),
  max_failed_total: limit.nullable().default(null).describe('The same over the whole run.'),
  one_at_a_time_by: text('the name of an inventory variable')
    .nullable()
    .default(null)
    .describe('A variable of the inventory: hosts with the same value are never changed at the same time.'),
  pause_s: z
    .number({ error: 'expected seconds from 0 to 86400' })
    .min(0, { error: 'expected seconds from 0 to 86400' })
    .max(86_400, { error: 'expected seconds from 0 to 86400' })
    .default(0)
    .describe('Seconds between two batches.'),
  confirm_between_batches: z.boolean().default(false).describe('Ask before each batch after the first.'),
});
export type WrittenStrategy = z.output<typeof strategySchema>;

const moment = 'a date and time with a UTC offset, such as 2026-12-05T22:00:00+01:00';

const momentText = text(moment).meta({ pattern: momentPattern });

export const windowSchema = z.strictObject({
  opens: momentText.describe('No host is changed before this time: 2026-12-05T22:00:00+01:00.'),
  closes: momentText.describe('No step starts that cannot be undone before this.'),
});

const within = 'a time from 10m to 24h, such as 15m';

/** `15m` in milliseconds. */
export function readWithinMs(text: string): number {
  const [, number = '0', unit = 'm'] = /^(\d{1,4})(m|h)$/.exec(text) ?? [];
  return Number(number) * (unit === 'h' ? 3_600_000 : 60_000);
}

const confirmSchema = z.strictObject({
  within: z
    .string({ error: `expected ${within}` })
    .refine((text) => readWithinMs(text) >= confirmLimitsMs.least && readWithinMs(text) <= confirmLimitsMs.most, {
      error: `expected ${within}`,
    })
    .meta({ pattern: '^(?:0*(?:[1-9]\\d|\\d{3}|1[0-3]\\d\\d|14[0-3]\\d|1440)m|0*(?:[1-9]|1\\d|2[0-4])h)$' })
    .describe('The time after which a changed host undoes its changes by itself: 15m.'),
  by: z
    .enum(confirmedBy)
    .default('run')
    .describe('Who calls that off: the run, when it has verified the host, or a person (fencepost confirm RUN).'),
});

/** What has to be approved; who may is said by the operator's policy or flags, for a playbook may come from others. */
export const requiredApprovalsShape = {
  required: whole(`a number of approvals from 1 to ${String(mostApprovals)}`, 1, mostApprovals).describe(
    'How many people have to approve a plan before it is applied (fencepost approve).',
  ),
  not_by: z
    .literal('planner', { error: 'expected planner' })
    .nullable()
    .default(null)
    .describe('planner: whoever made the plan is not counted.'),
};

/** Which events; who gets them, where and with what secret is said by the operator's policy, for a playbook may come from others. */
const notifySchema = z
  .record(
    z
      .string({ error: `expected ${channelNameWords}` })
      .regex(channelNamePattern, { error: `expected ${channelNameWords}` }),
    z
      .array(z.enum(askedEvents), { error: `expected a list of events: ${askedEvents.join(', ')}` })
      .min(1, { error: 'expected at least one event' })
      .refine((list) => new Set(list).size === list.length, { error: 'expected each event once' })
      .meta({ uniqueItems: true }),
    {
      error: (issue) => {
        return issue.code === 'invalid_key' ? `expected ${channelNameWords}` : 'expected events by channel';
      },
    },
  )
  .refine((value) => Object.keys(value).length >= 1 && Object.keys(value).length <= mostAskedChannels, {
    error: `expected 1 to ${String(mostAskedChannels)} channels`,
  })
  .meta({ minProperties: 1, maxProperties: mostAskedChannels })
  .describe('Channels of policy.yml that are also told these events, beyond their own.');

const wholeError = (issue: { readonly code?: string }): string | undefined => {
  return issue.code === 'invalid_type' ? 'expected a mapping with name, hosts and exclusions' : undefined;
};

export const playbookSchema = z
  .strictObject(
    {
      name: text('text: what this playbook is for').describe('What this playbook is for; reports bear it.'),
      hosts: text('a host pattern, such as exchange or "dag1:&paris"').describe(
        'On which hosts: a group, a host, or a pattern such as dag1:&paris:!ex03*.',
      ),
      exclusions: z
        .array(exclusionSchema)
        .min(1, { error: 'expected at least one exclusion' })
        .optional()
        .describe('The ports to reserve, or to release.'),
      dynamic_range: dynamicRangeSchema
        .optional()
        .describe('The range out of which Windows hands out ports; without it, the range stays as it is.'),
      when_held: z
        .strictObject({
          by_own_service: z
            .enum(heldByOwnServiceChoices)
            .default('block')
            .describe('The service named by "for" has the port open: restart it for the change, or skip the host.'),
          by_other: z
            .literal('block', { error: 'expected block: Fencepost never stops another process' })
            .default('block')
            .describe('Another process has the port open: the host is skipped.'),
        })
        .prefault({})
        .describe('What to do when a process has a port open: Windows cannot reserve a port that is in use.'),
      strategy: strategySchema.prefault({}).describe('How to roll out the change across hosts.'),
      window: windowSchema.nullable().default(null).describe('The change window; none: any time.'),
      on_failure: z
        .enum(onFailureChoices)
        .default('rollback_host')
        .describe('What to roll back when a host fails: nothing, that host, its batch, or the whole run.'),
      confirm: confirmSchema
        .optional()
        .describe('Each changed host gets a scheduled task that undoes the change unless it is called off in time.'),
      notify: notifySchema.optional(),
      approvals: z
        .strictObject(requiredApprovalsShape)
        .optional()
        .describe('Approvals that a plan needs before it is applied; who may approve is in policy.yml, or --signers.'),
    },
    { error: wholeError },
  )
  .meta({
    title: 'Fencepost playbook',
    description: 'Which ports to reserve on which hosts, and how to roll out the change.',
    anyOf: [{ required: ['exclusions'] }, { required: ['dynamic_range'] }],
  });
export type WrittenPlaybook = z.output<typeof playbookSchema>;

// The written form of a playbook: what may stand where, and what a key means when it is left out. What contradicts itself
// across keys (overlaps, the window) is for resolve.ts. Source: product.md, "Files".
import { z } from 'zod';
import { families, protocols } from '../model/host-state.ts';
import { heldByOwnServiceChoices } from '../model/wanted.ts';
import { onFailureChoices } from './playbook.ts';

const templates = 'templates ({{ }}) are not evaluated here; write the value itself';

function text(words: string): z.ZodType<string> {
  const error = (issue: { readonly input?: unknown }): string => {
    return typeof issue.input === 'string' && issue.input.includes('{{') ? templates : `expected ${words}`;
  };
  return z.string({ error }).refine((value) => value.trim() !== '' && !value.includes('{{'), { error });
}

function whole(words: string, least: number, most = Number.MAX_SAFE_INTEGER): z.ZodType<number> {
  const error = `expected ${words}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

const port = whole('a port from 1 to 65535', 1, 65_535);

/** One entry of `exclusions`. Which of the three ways to name the ports is used, resolve.ts judges. */
export const exclusionSchema = z.strictObject({
  port: port.optional(),
  range: z
    .string({ error: 'expected a range of ports such as "9900-9999"' })
    .regex(/^\s*\d{1,5}\s*-\s*\d{1,5}\s*$/, { error: 'expected a range of ports such as "9900-9999"' })
    .optional(),
  first: port.optional(),
  count: whole('a number of ports from 1 to 65535', 1, 65_535).optional(),
  protocol: z.enum(protocols).default('tcp'),
  families: z
    .array(z.enum(families))
    .min(1, { error: 'expected ipv4, ipv6 or both' })
    .refine((list) => new Set(list).size === list.length, { error: 'expected each family once' })
    .default([...families]),
  for: text('the name of a Windows service, such as MSExchangeIMAP4BE')
    .refine((name) => /^[^\s/\\"]{1,256}$/.test(name), {
      error: 'expected the name of a Windows service as `sc` knows it, without blanks',
    })
    .optional(),
  state: z.enum(['present', 'absent']).default('present'),
});
export type WrittenExclusion = z.output<typeof exclusionSchema>;

/** `25%` or a number of hosts, at least `least` of either. */
function hostCount(words: string, least: number): z.ZodType<number | string> {
  const error = `expected ${words}`;
  const percent = z
    .string({ error })
    .regex(/^\d{1,3}(\.\d+)?%$/, { error })
    .refine((value) => Number.parseFloat(value) >= least && Number.parseFloat(value) <= 100, { error });
  return z.union([whole(words, least), percent], { error });
}

const batch = hostCount('a number of hosts from 1 on, or a percentage from 1% to 100%', 1);
const limit = hostCount('a number of hosts from 0 on, or a percentage from 0% to 100%', 0);

const strategySchema = z.strictObject({
  canary: whole('a number of hosts from 0 on', 0).default(0),
  batches: z.array(batch).min(1, { error: 'expected at least one batch' }).default(['100%']),
  concurrency: whole('a number of hosts from 1 to 1000', 1, 1000).default(50),
  max_failed: limit.default(0),
  max_failed_total: limit.nullable().default(null),
  one_at_a_time_by: text('the name of an inventory variable').nullable().default(null),
  pause_s: z
    .number({ error: 'expected seconds from 0 to 86400' })
    .min(0, { error: 'expected seconds from 0 to 86400' })
    .max(86_400, { error: 'expected seconds from 0 to 86400' })
    .default(0),
  confirm_between_batches: z.boolean().default(false),
});
export type WrittenStrategy = z.output<typeof strategySchema>;

const moment = 'a date and a time with its offset, such as 2026-12-05T22:00:00+01:00';

export const windowSchema = z.strictObject({ opens: text(moment), closes: text(moment) });

const wholeError = (issue: { readonly code?: string }): string | undefined => {
  return issue.code === 'invalid_type' ? 'expected a mapping with name, hosts and exclusions' : undefined;
};

export const playbookSchema = z.strictObject(
  {
    name: text('text: what this playbook is for'),
    hosts: text('a host pattern, such as exchange or "dag1:&paris"'),
    exclusions: z.array(exclusionSchema).min(1, { error: 'expected at least one exclusion' }),
    when_held: z
      .strictObject({
        by_own_service: z.enum(heldByOwnServiceChoices).default('block'),
        by_other: z
          .literal('block', { error: 'expected block: what a stranger holds is never stopped from here' })
          .default('block'),
      })
      .prefault({}),
    strategy: strategySchema.prefault({}),
    window: z
      .strictObject({ opens: text(moment), closes: text(moment) })
      .nullable()
      .default(null),
    on_failure: z.enum(onFailureChoices).default('rollback_host'),
  },
  { error: wholeError },
);
export type WrittenPlaybook = z.output<typeof playbookSchema>;

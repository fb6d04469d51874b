// The written form of policy.yml: what may stand where. Every rule may be left out, and a file without any is refused: it would hold
// nothing while somebody believes that it does.
import * as z from 'zod';
import { notifySchema } from './notify/notify-schema.ts';
import { requiredApprovalsShape, windowSchema } from '../playbook/schema.ts';
import { policyRules } from './operator-policy.ts';

function text(words: string) {
  return z.string({ error: `expected ${words}` }).regex(/\S/, { error: `expected ${words}` });
}

const portWords = 'a port from 1 to 65535, or a range such as "9900-9999"';
const port = z
  .int({ error: `expected ${portWords}` })
  .min(1)
  .max(65_535);
const range = z.string({ error: `expected ${portWords}` }).regex(/^\s*\d{1,5}\s*-\s*\d{1,5}\s*$/, {
  error: `expected ${portWords}`,
});

export const policySchema = z
  .strictObject(
    {
      max_hosts: z
        .int({ error: 'expected a number of hosts from 1 on' })
        .min(1, { error: 'expected a number of hosts from 1 on' })
        .optional()
        .describe('A plan changes at most so many hosts.'),
      ports: z
        .array(z.union([port, range], { error: `expected ${portWords}` }))
        .min(1, { error: 'expected at least one port' })
        .optional()
        .describe('The only ports that may be reserved or released.'),
      services: z
        .array(text('the short name of a service'))
        .optional()
        .describe('The only services that may be restarted; an empty list: none.'),
      windows: z
        .array(windowSchema)
        .min(1, { error: 'expected at least one window' })
        .optional()
        .describe('A plan needs a change window, and it lies within one of these.'),
      one_at_a_time_by: text('the name of an inventory variable')
        .optional()
        .describe('Hosts with the same value of this inventory variable are never changed at the same time.'),
      approvals: z
        .strictObject({
          ...requiredApprovalsShape,
          signers: text('the path of an allowed_signers file').describe(
            'Who may approve: an allowed_signers file of OpenSSH, relative to this file.',
          ),
        })
        .optional()
        .describe('Approvals that every plan needs before it is applied (fencepost approve).'),
      policy: z
        .strictObject({
          command: z
            .array(text('a program or an argument'))
            .min(1, { error: 'expected a program and its arguments' })
            .describe('Gets the plan as JSON on its stdin; any exit code but 0 refuses it. Run without a shell.'),
        })
        .optional()
        .describe('A program of yours that judges plans, such as conftest or opa.'),
      notify: notifySchema.optional(),
    },
    { error: (issue) => (issue.code === 'invalid_type' ? 'expected a mapping with rules' : undefined) },
  )
  .refine((written) => written.notify !== undefined || policyRules.some((rule) => written[rule] !== undefined), {
    error: `expected at least one rule: ${policyRules.join(', ')}; or notify`,
  })
  .meta({
    title: 'Fencepost policy',
    description: 'What any plan may do, whatever its playbook says.',
    minProperties: 1,
  });
export type WrittenPolicy = z.output<typeof policySchema>;

// The written form of an inventory: what may stand where. It decides nothing about meaning: ranges, precedence and defaults
// are for the files behind it. Source: Ansible's YAML inventory layout, and product.md for the `winrm` block.
import { z } from 'zod';
import { authMethods } from '../model/target.ts';
import { templateAdvice } from './template.ts';

/** Says what is expected; a template is answered with what to write instead. */
function expected(words: string, setting = 'value'): (issue: { readonly input?: unknown }) => string {
  return (issue) => templateAdvice(issue.input, setting) ?? `expected ${words}`;
}

function text(words: string, setting: string, valid: RegExp = /./): z.ZodType<string> {
  const error = expected(words, setting);
  return z.string({ error }).refine((value) => templateAdvice(value, setting) === null && valid.test(value), { error });
}

const portError = expected('a port from 1 to 65535', 'port');
const authError = (issue: { readonly input?: unknown }): string => {
  return issue.input === 'kerberos'
    ? 'kerberos is not supported yet; write ntlm'
    : expected('ntlm or basic', 'auth')(issue);
};
const secondsError = expected('seconds, more than 0 and at most 86400', 'timeout');
const seconds = z.number({ error: secondsError }).gt(0, { error: secondsError }).max(86_400, { error: secondsError });
const environmentName = text('the name of an environment variable', 'name', /^[A-Za-z_][A-Za-z0-9_]*$/);

const passwordSchema = z.union(
  [
    text('a password that is not empty', 'password'),
    z
      .strictObject({
        env: environmentName.optional(),
        file: text('the path of a file', 'path').optional(),
        prompt: z.literal(true).optional(),
      })
      .refine((value) => Object.keys(value).length === 1, {
        error: 'expected exactly one of { env: NAME }, { file: PATH } or { prompt: true }',
      }),
  ],
  { error: 'expected { env: NAME }, { file: PATH }, { prompt: true } or text' },
);

/** One `winrm:` block. Blocks along the precedence are merged key by key, so every key is optional here. */
export const winrmSchema = z.strictObject({
  address: text('a host name or an IP address', 'address', /^(\[[0-9a-fA-F:.%]+\]|[^\s/[\]@]+)$/).optional(),
  port: z.int({ error: portError }).min(1, { error: portError }).max(65_535, { error: portError }).optional(),
  scheme: z.enum(['http', 'https'], { error: expected('http or https', 'scheme') }).optional(),
  path: text('a URL path that begins with /', 'path', /^\/[^\s?#]*$/).optional(),
  auth: z.enum(authMethods, { error: authError }).optional(),
  username: text('a user name: DOMAIN\\user, user@realm or user', 'username').optional(),
  password: passwordSchema.optional(),
  ca_file: text('the path of a PEM file', 'path').optional(),
  tls_server_name: text('a host name', 'name', /^[^\s/:]+$/).optional(),
  connect_timeout_s: seconds.optional(),
  operation_timeout_s: seconds.optional(),
  request_timeout_s: seconds.optional(),
  host_timeout_s: seconds.optional(),
});

export type WinrmSettings = z.output<typeof winrmSchema>;
export type WinrmKey = keyof WinrmSettings;
export type WrittenPassword = z.output<typeof passwordSchema>;

/** The variables of a host or a group, and a file of `group_vars/` or `host_vars/`: anything, and one `winrm` block. */
export const variablesSchema = z.looseObject({ winrm: winrmSchema.optional() });

const mappingWithColons = 'expected a mapping: one name a line, a colon behind each';
const variables = z.union([variablesSchema, z.null()], { error: 'expected a mapping of variables' });
const hosts = z.union([z.string(), z.record(z.string(), variables), z.null()], { error: mappingWithColons });

export interface WrittenGroup {
  readonly hosts?: string | Readonly<Record<string, Readonly<Record<string, unknown>> | null>> | null;
  readonly children?: string | Readonly<Record<string, WrittenGroup | null>> | null;
  readonly vars?: Readonly<Record<string, unknown>> | null;
}

const groupSchema: z.ZodType<WrittenGroup | null> = z.lazy(() =>
  z.union(
    [
      z.strictObject({
        hosts: hosts.optional(),
        children: z
          .union([z.string(), z.record(z.string(), groupSchema), z.null()], { error: mappingWithColons })
          .optional(),
        vars: variables.optional(),
      }),
      z.null(),
    ],
    { error: 'expected a group: a mapping with hosts, children or vars' },
  ),
) as z.ZodType<WrittenGroup | null>;

/** A whole inventory file: group names at the top, usually `all` alone. */
export const inventorySchema = z.record(z.string(), groupSchema, {
  error: 'expected a mapping of groups, as in `all: { hosts: { ex01.corp.example: } }`',
});

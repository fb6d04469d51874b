// The written form of an inventory: what may stand where. It decides nothing about meaning: ranges, precedence and defaults
// are for the files behind it. Source: Ansible's YAML inventory layout, and product.md for the `winrm` block.
import * as z from 'zod';
import { fingerprintForm, proxyForm } from '../model/text/connection-text.ts';
import { authMethods, kerberosServices, tlsVersions } from '../model/target.ts';
import { templateAdvice } from './connection/template.ts';

/** Says what is expected; a template is answered with what to write instead. */
function writeExpected(words: string, setting = 'value'): (issue: { readonly input?: unknown }) => string {
  return (issue) => templateAdvice(issue.input, setting) ?? `expected ${words}`;
}

function text(words: string, setting: string, valid: RegExp = /./): z.ZodType<string> {
  const error = writeExpected(words, setting);
  return z
    .string({ error })
    .refine((value) => templateAdvice(value, setting) === null && valid.test(value), { error })
    .meta({ pattern: editorPattern(valid) });
}

/** `valid` and "no template" as one pattern, for the JSON Schema that editors read. */
function editorPattern(valid: RegExp): string {
  const rest = valid.source.startsWith('^') ? valid.source.slice(1) : `[\\s\\S]*${valid.source}`;
  return `^(?![\\s\\S]*\\{(?:\\{|%))${rest}`;
}

const portError = writeExpected('a port from 1 to 65535', 'port');
const authError = writeExpected('negotiate, kerberos, ntlm, basic or certificate', 'auth');
const secondsError = writeExpected('seconds, more than 0 and at most 86400', 'timeout');
const seconds = z.number({ error: secondsError }).gt(0, { error: secondsError }).max(86_400, { error: secondsError });
const environmentName = text('the name of an environment variable', 'name', /^[A-Za-z_][A-Za-z0-9_]*$/);

export const passwordSchema = z.union(
  [
    text('a password that is not empty', 'password'),
    z
      .strictObject({
        env: environmentName.optional().describe('Name of the environment variable that holds the password.'),
        file: text('the path of a file', 'path')
          .optional()
          .describe('File that contains only the password; a relative path is relative to this file.'),
        command: z
          .array(text('a program or an argument', 'argument'), {
            error: writeExpected('a list: a program and its arguments', 'command'),
          })
          .min(1, { error: 'expected at least the program' })
          .optional()
          .describe(
            'A credential helper: a program and its arguments, run without a shell; its output is the password.',
          ),
        keyring: text('the name of an entry', 'name')
          .optional()
          .describe("An entry of the desktop's own store (service fencepost, this account)."),
        prompt: z.literal(true).optional().describe('Ask on the terminal, once for each user name.'),
      })
      .meta({ minProperties: 1, maxProperties: 1 })
      .refine((value) => Object.keys(value).length === 1, {
        error:
          'expected exactly one of { env: NAME }, { file: PATH }, { command: [...] }, { keyring: NAME } or { prompt: true }',
      }),
  ],
  {
    error: ({ input }) =>
      typeof input === 'number' || typeof input === 'boolean'
        ? `put quotation marks around it: without them it is read as ${typeof input === 'number' ? 'a number' : 'true or false'}`
        : 'expected { env: NAME }, { file: PATH }, { command: [...] }, { keyring: NAME }, { prompt: true } or text',
  },
);

/** One `winrm:` block. Blocks along the precedence are merged key by key, so every key is optional here. */
export const winrmSchema = z
  .strictObject({
    address: text('a host name or an IP address', 'address', /^(\[[0-9a-fA-F:.%]+\]|[^\s/[\]@]+)$/)
      .optional()
      .describe('Host name or IP address to connect to. Default: the name of the host.'),
    port: z
      .int({ error: portError })
      .min(1, { error: portError })
      .max(65_535, { error: portError })
      .optional()
      .describe('TCP port of the WinRM listener. Default: 5985 for http, 5986 for https.'),
    scheme: z
      .enum(['http', 'https'], { error: writeExpected('http or https', 'scheme') })
      .optional()
      .describe('http (negotiate, kerberos and ntlm always encrypt every message) or https. Default: http.'),
    path: text('a URL path that begins with /', 'path', /^\/[^\s?#]*$/)
      .optional()
      .describe('URL path of the listener. Default: /wsman.'),
    auth: z
      .enum(authMethods, { error: authError })
      .optional()
      .describe(
        'negotiate (Kerberos where a ticket can be had, else ntlm), kerberos, ntlm, or over https basic or certificate. Default: negotiate.',
      ),
    username: text('a user name: DOMAIN\\user, user@realm or user', 'username')
      .optional()
      .describe(
        'DOMAIN\\user, user@REALM, or .\\user for an account of the host itself. Not needed with kerberos: the owner of the ticket.',
      ),
    password: passwordSchema
      .optional()
      .describe(
        'Where the password is: { env: NAME }, { file: PATH }, { command: [...] }, { keyring: NAME } or { prompt: true }. If not set, Fencepost asks for it.',
      ),
    ca_file: text('the path of a PEM file', 'path')
      .optional()
      .describe(
        'PEM file of the CA that signed the certificates, relative to this file. Default: the CAs of the system.',
      ),
    tls_server_name: text('a host name', 'name', /^[^\s/:]+$/)
      .optional()
      .describe('The name in the certificate, when it differs from the address.'),
    tls_fingerprint: text('a SHA-256 fingerprint: 64 hexadecimal digits', 'fingerprint', fingerprintForm)
      .optional()
      .describe('SHA-256 of the only certificate to accept, regardless of issuer, name and dates.'),
    tls_min_version: z
      .enum(tlsVersions, { error: writeExpected('"1.2" or "1.3", in quotes', 'version') })
      .optional()
      .describe('Minimum version of TLS. Default: "1.2".'),
    certificate_validation: z
      .enum(['validate', 'ignore'], { error: writeExpected('validate or ignore', 'validation') })
      .optional()
      .describe('ignore: accept any certificate, so an attacker could impersonate a server. Every run warns about it.'),
    client_certificate_file: text('the path of a PEM file', 'path')
      .optional()
      .describe('PEM file with the certificate to show (auth: certificate), relative to this file.'),
    client_key_file: text('the path of a PEM file', 'path')
      .optional()
      .describe('PEM file with its key; password is its passphrase. Default: the file of the certificate.'),
    client_pfx_file: text('the path of a PFX file', 'path')
      .optional()
      .describe('PFX file with certificate and key instead of the two PEM files; password is its passphrase.'),
    kerberos_service: z
      .enum(kerberosServices, { error: writeExpected('HTTP, WSMAN or host', 'service') })
      .optional()
      .describe(
        'Service to ask the domain for. Default: HTTP, and where the domain does not know that, WSMAN and host.',
      ),
    kerberos_hostname: text('a host name', 'name', /^[^\s/:@]+$/)
      .optional()
      .describe('The name of the host in its domain, when it is not the address.'),
    kerberos_keytab: text('the path of a keytab', 'path')
      .optional()
      .describe('Keytab with the key of username, instead of a password, relative to this file.'),
    proxy: text('http://HOST:PORT, without a login', 'proxy', proxyForm)
      .optional()
      .describe('HTTP proxy that tunnels (CONNECT) to https listeners.'),
    connect_timeout_s: seconds.optional().describe('Seconds to connect, including TLS. Default: 10.'),
    operation_timeout_s: seconds
      .optional()
      .describe('Seconds a server may hold one request before it answers "nothing yet". Default: 20.'),
    request_timeout_s: seconds
      .optional()
      .describe('Seconds for one request; more than operation_timeout_s. Default: 10 more than that.'),
    host_timeout_s: seconds.optional().describe('Seconds for all work on one host in one stage. Default: 300.'),
  })
  .describe(
    'How to reach hosts over WinRM. Blocks of groups and hosts are merged key by key; the more specific one wins.',
  );

export type WinrmSettings = z.output<typeof winrmSchema>;
export type WinrmKey = keyof WinrmSettings;
export type WrittenPassword = z.output<typeof passwordSchema>;

/** The variables of a host or a group, and a file of `group_vars/` or `host_vars/`: anything, and one `winrm` block. */
export const variablesSchema = z
  .looseObject({ winrm: winrmSchema.optional() })
  .describe('Variables: a winrm block, the ansible_* variables for WinRM, and any others you keep here.');

const mappingWithColons = 'expected a mapping: one name per line, each followed by a colon';
const variables = z.union([variablesSchema, z.null()], { error: 'expected a mapping of variables' });
const hosts = z.union([z.string(), z.record(z.string(), variables), z.null()], { error: mappingWithColons });

export interface WrittenGroup {
  readonly hosts?: string | Readonly<Record<string, Readonly<Record<string, unknown>> | null>> | null;
  readonly children?: string | Readonly<Record<string, WrittenGroup | null>> | null;
  readonly vars?: Readonly<Record<string, unknown>> | null;
}

/** tree.ts refuses such names; said here for editors only. */
const groupNames = { propertyNames: { pattern: '^[^\\s,:&!~*?[\\]]+$' } };

const groupSchema: z.ZodType<WrittenGroup | null> = z.lazy(() =>
  z.union(
    [
      z.strictObject({
        hosts: hosts
          .optional()
          .describe('Hosts of this group: names, addresses or ranges such as ex[01:20].corp.example.'),
        children: z
          .union([z.string(), z.record(z.string(), groupSchema).meta(groupNames), z.null()], {
            error: mappingWithColons,
          })
          .optional()
          .describe('Groups below this one.'),
        vars: variables.optional(),
      }),
      z.null(),
    ],
    { error: 'expected a group: a mapping with hosts, children or vars' },
  ),
) as z.ZodType<WrittenGroup | null>;

/** A whole inventory file: group names at the top, usually `all` alone. */
export const inventorySchema = z
  .record(z.string(), groupSchema, {
    error: 'expected a mapping of groups, as in `all: { hosts: { ex01.corp.example: } }`',
  })
  .meta({
    title: 'Fencepost inventory',
    description: 'Which servers there are, in which groups, and how each is reached over WinRM.',
    // A group's keys at the top are a forgotten `all:`; resolve.ts says so.
    propertyNames: { pattern: '^(?!(?:hosts|children|vars)$)[^\\s,:&!~*?[\\]]+$' },
  });

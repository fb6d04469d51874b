// The written form of `notify:` in policy.yml: channels by name. What contradicts itself across keys is for read-channels.ts. A playbook
// never has this: whoever writes one must not be able to have files or variables of the operator sent somewhere.
import * as z from 'zod';
import { channelNamePattern, channelNameWords, mailSecurities } from '../../model/notifications/channel.ts';
import { noteEvents } from '../../model/notifications/note.ts';
import { proxyForm } from '../../model/text/connection-text.ts';

function text(words: string, valid: RegExp = /\S/) {
  return z.string({ error: `expected ${words}` }).regex(valid, { error: `expected ${words}` });
}

const oneLine = /^[^\p{C}]*\S[^\p{C}]*$/u;

const referenceWords = '{ env: NAME }, { file: PATH }, { command: [...] } or { keyring: NAME }';

/** The references that an inventory has, but for those that need a person at a terminal. */
const reference = z
  .strictObject(
    {
      env: text('the name of an environment variable', /^[A-Za-z_][A-Za-z0-9_]*$/)
        .optional()
        .describe('Name of the environment variable that holds it.'),
      file: text('the path of a file').optional().describe('File that contains only it; relative to this file.'),
      command: z
        .array(text('a program or an argument'))
        .min(1, { error: 'expected at least the program' })
        .optional()
        .describe('A program and its arguments, run without a shell; its output is the secret.'),
      keyring: text('the name of an entry')
        .optional()
        .describe("An entry of the desktop's own store (service fencepost, this account)."),
    },
    { error: (issue) => (issue.code === 'invalid_type' ? `expected ${referenceWords}` : undefined) },
  )
  .meta({ minProperties: 1, maxProperties: 1 })
  .refine((value) => Object.keys(value).length === 1, { error: `expected exactly one of ${referenceWords}` });
export type WrittenReference = z.output<typeof reference>;

const addressWords = `an https address, or ${referenceWords}`;
const address = z.union([text(addressWords, /^https?:\/\/[^\s/]+\S*$/), reference], {
  error: `expected ${addressWords}`,
});

const mailAddressWords = 'an address such as fencepost@corp.example';
const mailAddress = text(mailAddressWords, /^[^\s@<>,;:"\p{C}]+@[^\s@<>,;:"\p{C}]+$/u);

const mailSchema = z.strictObject({
  server: text('the name of a mail server', /^[\w.:-]+$/).describe('The mail server.'),
  port: z
    .int({ error: 'expected a port from 1 to 65535' })
    .min(1, { error: 'expected a port from 1 to 65535' })
    .max(65_535, { error: 'expected a port from 1 to 65535' })
    .optional()
    .describe('Its port; 587, with tls 465.'),
  security: z
    .enum(mailSecurities)
    .default('starttls')
    .describe('starttls: required after connecting; tls: from the first byte; none: in clear, to this machine only.'),
  username: text('an account name', oneLine).optional().describe('The account; without it there is no login.'),
  password: reference.optional().describe(`Its password: ${referenceWords}.`),
  from: mailAddress.describe('The sender.'),
  to: z
    .array(mailAddress)
    .min(1, { error: 'expected at least one address' })
    .max(50, { error: 'expected at most 50 addresses; use a list' })
    .describe('Who gets it.'),
});
export type WrittenMail = z.output<typeof mailSchema>;

const proxyWords = 'a proxy such as http://proxy.corp.example:3128';

const channelSchema = z
  .strictObject(
    {
      webhook: address.optional().describe('An address that takes a note as JSON (fencepost schema notification).'),
      teams: address.optional().describe('The address of a Teams workflow that posts a card.'),
      slack: address.optional().describe('The address of an incoming webhook of Slack.'),
      mail: mailSchema.optional().describe('Mail by SMTP.'),
      token: reference.optional().describe('For webhook: sent as Authorization: Bearer.'),
      ca_file: text('the path of a PEM file')
        .optional()
        .describe("PEM file of the authorities to trust instead of the system's; relative to this file."),
      proxy: text(proxyWords, proxyForm)
        .optional()
        .describe('For webhooks: a proxy, used with CONNECT, without a login.'),
      events: z
        .array(z.enum(noteEvents))
        .refine((list) => new Set(list).size === list.length, { error: 'expected each event once' })
        .meta({ uniqueItems: true })
        .default([...noteEvents])
        .describe('What it is told of; without this, of everything. An empty list: only what a playbook asks for.'),
    },
    {
      error: (issue) =>
        issue.code === 'invalid_type' ? 'expected a mapping with webhook, teams, slack or mail' : undefined,
    },
  )
  .meta({ oneOf: ['webhook', 'teams', 'slack', 'mail'].map((way) => ({ required: [way] })) });
export type WrittenChannel = z.output<typeof channelSchema>;

export const notifySchema = z
  .record(text(channelNameWords, channelNamePattern), channelSchema, {
    error: (issue) => {
      return issue.code === 'invalid_key' ? `expected ${channelNameWords}` : 'expected channels by name';
    },
  })
  .describe('Where to tell people what happens: channels by name.');
export type WrittenNotify = z.output<typeof notifySchema>;

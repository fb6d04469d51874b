// The form of `discover --json`. Source: model/discovery/discovery.ts, to which the compiler holds it.
import * as z from 'zod';
import { exchangeRoles, serverMarks, type DiscoveredServer } from '../../model/discovery/discovery.ts';
import { formOf } from '../../forms/form.ts';
import { count, text } from '../../forms/value-forms.ts';

const port = count.nullable();

export const discoveredServer = formOf<DiscoveredServer>()(
  z
    .strictObject({
      name: text,
      fqdn: text.nullable().describe('Null: the directory has no name to reach it by'),
      site: text.nullable(),
      version: z.strictObject({ major: count, minor: count, build: count, revision: count }).nullable(),
      roles: z.array(z.enum(exchangeRoles)),
      availabilityGroup: text.nullable(),
      backEndPorts: z.strictObject({ imap4: port, pop3: port }).describe('portNumber; null: not said'),
      account: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('unknown') }),
        z.strictObject({ kind: z.literal('missing') }),
        z.strictObject({ kind: z.literal('found'), isDisabled: z.boolean(), lastLogon: text.nullable() }),
      ]),
      dns: z.enum(['found', 'missing', 'unknown']),
      marks: z.array(z.enum(serverMarks)),
    })
    .meta({ id: 'DiscoveredServer' }),
);

const names = z.array(text);

export const discovery = z.strictObject({
  domain: text,
  controller: text,
  organization: text,
  servers: z.array(discoveredServer),
  notes: names.describe('What was not read, and where it would be'),
  file: text.nullable().describe('The inventory; null: none was written'),
  added: names,
  gone: names.describe('In the inventory, and no longer in the directory'),
  changed: names,
  unnamed: names.describe('In no group: without a name to reach them by'),
});

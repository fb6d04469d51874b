// The form of a connection as an inventory shows it: with where its secrets are, never with one. Plans and journals have another,
// without (plan-forms.ts). Source: report/inventory-text.ts, to which the compiler holds it.
import * as z from 'zod';
import type { ShownHost } from '../../report/text/inventory-text.ts';
import { formOf } from '../../forms/form.ts';
import { kerberosNames, origin, place } from '../../forms/plan-forms.ts';
import { text } from '../../forms/value-forms.ts';

const secretRef = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('env'), name: text }),
    z.strictObject({ kind: z.literal('file'), path: text }),
    z.strictObject({ kind: z.literal('command'), argv: z.array(text) }),
    z.strictObject({ kind: z.literal('keyring'), name: text }),
    z.strictObject({ kind: z.literal('prompt') }),
    z.strictObject({ kind: z.literal('vault'), ciphertext: text, origin }),
    z.strictObject({ kind: z.literal('inline'), value: z.string().describe('Never the password: it is masked') }),
  ])
  .meta({ id: 'SecretReference', description: 'Where a secret is, never the secret' });

const clientCertificate = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pem'), encrypted: z.boolean(), certificateFile: text, keyFile: text }),
  z.strictObject({ kind: z.literal('pfx'), encrypted: z.boolean(), file: text }),
]);

export const inventoryConnection = formOf<ShownHost['connection']>()(
  z
    .strictObject({
      ...place,
      password: secretRef,
      kerberos: z
        .strictObject({
          ...kerberosNames,
          ticketFrom: z.discriminatedUnion('kind', [
            z.strictObject({ kind: z.literal('cache') }),
            z.strictObject({ kind: z.literal('keytab'), file: text }),
            z.strictObject({ kind: z.literal('password') }),
          ]),
        })
        .exactOptional(),
      clientCertificate: clientCertificate.exactOptional(),
    })
    .meta({ id: 'Connection' }),
);

import type { InferredOptionTypes, Options } from 'yargs';
import { helpGroups } from '../../options.ts';

const { directory: group } = helpGroups;

/** How a directory is asked, for every command that asks one. */
export const directoryOptions = {
  domain: { type: 'string', nargs: 1, group, describe: 'Domain of Active Directory, such as corp.example' },
  server: {
    type: 'string',
    array: true,
    nargs: 1,
    group,
    describe:
      'Domain controller to ask: dc01, dc01.corp.example:636; may be given several times [default: those of DNS]',
  },
  user: {
    type: 'string',
    nargs: 1,
    group,
    describe: 'Account to read with: user@domain or DOMAIN\\user [default: the Kerberos ticket]',
  },
  'password-from': {
    type: 'string',
    nargs: 1,
    group,
    describe: 'Where its password is: env:NAME, file:PATH, keyring:NAME, "command:PROGRAM ARGUMENT" [default: ask]',
  },
  auth: {
    choices: ['negotiate', 'kerberos', 'ntlm', 'simple'] as const,
    group,
    describe: 'How to log on; simple only over TLS [default: negotiate]',
  },
  tls: {
    choices: ['ldaps', 'starttls', 'none'] as const,
    group,
    describe:
      'TLS from the start (port 636), by StartTLS (389), or none: Kerberos and NTLM then seal by themselves [default: ldaps]',
  },
  'ca-file': { type: 'string', nargs: 1, group, describe: "PEM file of the CA to trust [default: the system's]" },
  dns: {
    type: 'boolean',
    default: true,
    group,
    describe: 'Mark servers that DNS does not know; --no-dns where this machine asks another DNS',
  },
  timeout: {
    type: 'number',
    nargs: 1,
    group,
    describe: 'Seconds for the connection, and for each answer [default: 20]',
  },
} satisfies Record<string, Options>;

/** Whether each of them was given. */
export function listDirectoryFlags(args: DirectoryArguments): Readonly<Record<string, boolean>> {
  const { dns, ...others } = args;
  const names = Object.keys(directoryOptions).filter((name) => name !== 'dns') as (keyof typeof others)[];
  const given = names.map((name) => [`--${name}`, others[name] !== undefined] as const);
  return { ...Object.fromEntries(given), '--no-dns': !dns };
}

export type DirectoryArguments = InferredOptionTypes<typeof directoryOptions>;

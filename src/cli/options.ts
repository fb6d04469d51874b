// Flags that several commands share, typed once. Parsing only checks them; files and sockets are opened by the command.
import { Failure } from '../model/failure.ts';
import type { InferredOptionTypes, Options } from 'yargs';

/** The headings of --help in their order: what is a command's own comes first, what all take last. */
export const helpGroups = {
  own: 'Options:',
  hosts: 'Hosts and playbook:',
  directory: 'Directory:',
  vault: 'Ansible Vault:',
  common: 'Common options:',
} as const;
const { hosts, vault, common } = helpGroups;

/** How many hosts at once. Throws Failure `usage/invalid` for what is no whole number, or less than 1. */
export function checkedConcurrency(concurrency: number): number {
  if (Number.isInteger(concurrency) && concurrency >= 1) return concurrency;
  const found = Number.isNaN(concurrency) ? 'no number' : `${concurrency}`;
  throw new Failure('usage/invalid', `--concurrency: expected a whole number of at least 1, got ${found}`, {
    hint: 'say how many hosts at once, for example --concurrency 50',
  });
}

export const defaultPlaybook = 'playbooks/exchange-backend-ports.yml';

/** Of every command. */
export const commonOptions = {
  json: { type: 'boolean', default: false, group: common, describe: 'One JSON document on stdout instead of text' },
  debug: { type: 'boolean', default: false, group: common, describe: 'Show stack traces of errors' },
} satisfies Record<string, Options>;

/** Of the commands that talk to hosts. */
export const talkOptions = {
  // With nargs, `-` behind a blank is its value.
  'log-file': {
    type: 'string',
    nargs: 1,
    group: common,
    describe: 'Write a log (JSON lines) to this file; - is stderr',
  },
  'log-level': {
    choices: ['error', 'warn', 'info', 'debug', 'trace'] as const,
    group: common,
    describe: 'Level of detail in the log [default: info]',
  },
  trace: {
    type: 'boolean',
    default: false,
    group: common,
    describe: 'Show every HTTP request on stderr (no contents)',
  },
  quiet: { type: 'boolean', default: false, alias: 'q', group: common, describe: 'No progress on stderr' },
} satisfies Record<string, Options>;

/** The state of a team: one database instead of a directory on each machine. */
export const databaseOption = {
  state: {
    type: 'string',
    nargs: 1,
    group: common,
    describe: 'The state of a team, a PostgreSQL database: postgres://USER@HOST/DATABASE [default: $FENCEPOST_STATE]',
  },
} satisfies Record<string, Options>;

/** Of the commands that read or write runs. */
export const stateOptions = {
  'state-dir': {
    type: 'string',
    group: common,
    describe: 'Where runs, locks, applied plans and histories are kept [default: per user]',
  },
  ...databaseOption,
} satisfies Record<string, Options>;

/** How what ansible-vault encrypted in an inventory is opened. */
export const vaultOptions = {
  'vault-password-file': {
    type: 'string',
    array: true,
    nargs: 1,
    group: vault,
    describe: 'File with the vault password, or a program that prints it [default: $ANSIBLE_VAULT_PASSWORD_FILE]',
  },
  'vault-id': {
    type: 'string',
    array: true,
    nargs: 1,
    group: vault,
    describe: 'The same for one vault id: LABEL@FILE, or LABEL@prompt to ask',
  },
  'ask-vault-pass': { type: 'boolean', default: false, group: vault, describe: 'Ask for the vault password' },
} satisfies Record<string, Options>;

const targetOptions = {
  inventory: {
    type: 'string',
    array: true,
    alias: 'i',
    nargs: 1,
    group: hosts,
    describe:
      'Inventory file or directory, or hosts (ex01,ex02,); may be given several times [default: inventory/prod.yml]',
  },
  limit: {
    type: 'string',
    alias: 'l',
    group: hosts,
    describe: 'Only these hosts: names, groups, patterns (dag1:&paris:!ex03*)',
  },
} satisfies Record<string, Options>;

/** Of the commands that start from an inventory, not from a plan or a run. */
export const untrustedOptions = {
  'untrusted-inventory': {
    type: 'string',
    array: true,
    nargs: 1,
    group: hosts,
    describe: 'Take hosts from this file, which others may edit; secrets come from -i, for hosts that are in both',
  },
} satisfies Record<string, Options>;

/** Which hosts, from which files, opened with what. */
export const inventoryOptions = { ...targetOptions, ...vaultOptions } satisfies Record<string, Options>;

export const playbookOptions = {
  playbook: {
    type: 'string',
    alias: 'p',
    default: defaultPlaybook,
    group: hosts,
    describe: 'Playbook file: what is desired',
  },
  concurrency: { type: 'number', describe: "Hosts at once [default: the playbook's]" },
} satisfies Record<string, Options>;

/** Of the commands that show a plan. */
export const verboseOption = {
  verbose: { type: 'boolean', default: false, alias: 'v', describe: 'Also show the commands that will be sent' },
} satisfies Record<string, Options>;

export const confirmOptions = {
  yes: {
    type: 'boolean',
    default: false,
    alias: 'y',
    describe: 'Do not ask for confirmation; required without a terminal',
  },
} satisfies Record<string, Options>;

/** Of the commands that sign. */
export const signKeyOption = {
  'sign-key': {
    type: 'string',
    nargs: 1,
    describe:
      'SSH key to sign with: private, or public with its other half in your agent [default: $FENCEPOST_SIGN_KEY]',
  },
} satisfies Record<string, Options>;

/** The key file; null when none is named. */
export function readSignKey(args: SignKeyArguments): string | null {
  const named = args['sign-key'] ?? process.env['FENCEPOST_SIGN_KEY'];
  return named === undefined || named === '' ? null : named;
}

/** Of the commands that hold a plan against the operator's policies. */
export const policyOptions = {
  policy: {
    type: 'string',
    nargs: 1,
    group: hosts,
    describe: 'Also hold this policy, beside the policy.yml that lies with the inventory',
  },
} satisfies Record<string, Options>;

/** Of the commands that hold no plan against a policy, and tell the channels that policies name. */
export const channelPolicyOption = {
  policy: {
    type: 'string',
    nargs: 1,
    group: hosts,
    describe: 'Also notify the channels of this policy, beside the policy.yml that lies with the inventory',
  },
} satisfies Record<string, Options>;

/** Who has to have approved a plan, and who may. */
export const approvalOptions = {
  'require-approvals': { type: 'number', nargs: 1, describe: 'Refuse a plan with fewer approvals than this' },
  signers: {
    type: 'string',
    nargs: 1,
    describe: 'Who may approve: an allowed_signers file of OpenSSH',
  },
} satisfies Record<string, Options>;

export const paceOptions = {
  concurrency: { type: 'number', describe: "Hosts at once [default: the playbook's]" },
  events: {
    type: 'string',
    nargs: 1,
    describe: 'Also write the events of the run to this file as JSON lines; - is stdout',
  },
  deadline: {
    type: 'string',
    describe: 'Finish cleanly within this time (50m, 90s, 1h), before a CI runner kills the run',
  },
  wait: { type: 'boolean', default: true, describe: 'Wait for the change window to open; --no-wait fails instead' },
} satisfies Record<string, Options>;

export type SignKeyArguments = InferredOptionTypes<typeof signKeyOption>;
export type ApprovalArguments = InferredOptionTypes<typeof approvalOptions>;
export type PolicyArguments = InferredOptionTypes<typeof policyOptions>;
export type TalkArguments = InferredOptionTypes<typeof talkOptions>;
export type StateArguments = InferredOptionTypes<typeof stateOptions>;
export type VaultArguments = Partial<InferredOptionTypes<typeof vaultOptions>>;
export type InventoryArguments = InferredOptionTypes<typeof targetOptions> &
  VaultArguments &
  Partial<InferredOptionTypes<typeof untrustedOptions>>;
export type PlaybookArguments = InferredOptionTypes<typeof playbookOptions>;

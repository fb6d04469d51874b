// Pages about the command line, the files a person wrote, and passwords.
import { act, here, type Page } from './page.ts';

const modelines = here(
  'let the editor show mistakes while you type: the file begins with a line that names its schema',
  'fencepost schema inventory > schemas/inventory.schema.json',
);

export const inputPages = {
  'usage/invalid': {
    meaning: 'The command line asks for something that does not exist or contradicts itself. Nothing was done.',
    causes: [
      'a flag or a command is misspelt, or a value is missing behind a flag',
      'two flags exclude each other, such as --limit with a saved plan',
      'a file that should be written exists already: saved plans and snapshots are never replaced',
    ],
    cures: [
      here('see the flags of a command, with an example', 'fencepost COMMAND --help'),
      here('see all commands', 'fencepost --help'),
    ],
    see: [],
  },
  'inventory/unreadable': {
    meaning: 'An inventory file, a folder beside it, or a CA file it names could not be read. No host was contacted.',
    causes: [
      'the command runs in another folder than usual: the default is inventory/prod.yml below the current one',
      'the file is not there, or its permissions keep you from reading it',
      'a ca_file is not a PEM file',
    ],
    cures: [
      here('name the file', 'fencepost inventory -i PATH/TO/prod.yml'),
      here('write one to start from; nothing is replaced', 'fencepost init'),
      here('look at its permissions', 'ls -l inventory/prod.yml'),
    ],
    see: ['inventory/invalid', 'secret/missing'],
  },
  'inventory/invalid': {
    meaning:
      'The inventory has faults; each was named with file, line and column. It is used whole or not at all, so that a typo never leaves servers out.',
    causes: [
      'an unknown key in a winrm block (the nearest known one is named)',
      'a setting that contradicts another, such as basic over http',
      'a selected host is reached otherwise than by WinRM (ansible_connection: ssh)',
      'a template ({{ }}) that is more than the name of one variable, or names one that is not defined',
    ],
    cures: [here('check the file after correcting the lines', 'fencepost inventory -i inventory/prod.yml'), modelines],
    see: ['inventory/no-match', 'auth/unsafe'],
  },
  'inventory/no-match': {
    meaning: 'A part of a host pattern (--limit, or hosts: of the playbook) matches no host. Nothing was done.',
    causes: [
      'a group or host is misspelt',
      'the parts leave no host together, as in paris:!paris',
      'the playbook names a group that this inventory does not have',
    ],
    cures: [
      here('list hosts and groups', 'fencepost inventory -i inventory/prod.yml'),
      here('try a pattern', 'fencepost inventory -i inventory/prod.yml --limit "PATTERN"'),
    ],
    see: ['inventory/invalid', 'playbook/invalid'],
  },
  'inventory/untrusted': {
    meaning:
      'The untrusted inventory has hosts that the protected one does not have with that address, port, scheme, account and authentication. No secret was read and no host was contacted.',
    causes: [
      'a pull request adds a host, or changes where or as whom one is reached',
      'the protected inventory is older than the other one',
    ],
    cures: [
      here('see how the protected inventory reaches its hosts', 'fencepost inventory -i INVENTORY'),
      act('add the host to the protected inventory, by somebody who may, and run again'),
    ],
    see: ['inventory/invalid', 'plan/other-connection'],
  },
  'playbook/unreadable': {
    meaning: 'The playbook could not be read. No host was contacted.',
    causes: [
      'the command runs in another folder than usual: the default is playbooks/exchange-backend-ports.yml',
      'the file is not there, or its permissions keep you from reading it',
    ],
    cures: [
      here('name the file', 'fencepost plan -p PATH/TO/playbook.yml'),
      here('write the usual one; nothing is replaced', 'fencepost init'),
    ],
    see: ['playbook/invalid'],
  },
  'playbook/invalid': {
    meaning: 'The playbook has faults; each was named with file, line and column. No host was contacted.',
    causes: [
      'an unknown key, or a value out of its range',
      'an exclusion names its ports in two ways, or two exclusions overlap',
      'a change window without an offset from UTC, or one that closes before it opens',
      'the name of a service is its display name instead of the short one',
    ],
    cures: [
      here('check the file after correcting the lines; changes nothing', 'fencepost plan -p PLAYBOOK --limit HOST'),
      here('have the editor check it', 'fencepost schema playbook > schemas/playbook.schema.json'),
    ],
    see: ['inventory/no-match'],
  },
  'scenario/invalid': {
    meaning: 'The scenario of the lab could not be read or has faults; each was named with file, line and column.',
    causes: ['the file is not there', 'an unknown key or value', 'two servers of one name, or two holders of one port'],
    cures: [
      here('run the lab with its own servers instead', 'fencepost lab'),
      here('have the editor check the file', 'fencepost schema scenario > schemas/scenario.schema.json'),
    ],
    see: [],
  },
  'secret/missing': {
    meaning:
      'The secret of an account could not be had from where the inventory says it is. Nothing was sent to the host. Plans and runs hold no secret: apply, rollback and resume take it from the inventory too.',
    causes: [
      'the environment variable is not set in this shell, or not passed on by cron, sudo or the CI runner',
      'the file is not there, is empty, or is not readable for you',
      'the password is to be asked for, but there is no terminal',
      'a plan is applied, or a run rolled back or resumed, without the inventory that has the secrets of its hosts',
      'it, or another setting, is encrypted by ansible-vault, and the vault password is not given or is another one',
    ],
    cures: [
      here('see where the password of a host is looked for', 'fencepost inventory --host HOST'),
      here('take the secrets from an inventory', 'fencepost rollback RUN -i INVENTORY'),
      here('open what ansible-vault encrypted', 'fencepost plan --vault-password-file FILE'),
      here(
        'set the variable without leaving the value in the history',
        'read -rs FENCEPOST_PASSWORD && export FENCEPOST_PASSWORD',
      ),
      here('in PowerShell', '$env:FENCEPOST_PASSWORD = (Get-Credential SVC).GetNetworkCredential().Password'),
    ],
    see: ['auth/refused'],
  },
} as const satisfies Readonly<Record<string, Page>>;

// Pages about the command line, the files a person wrote, and passwords.
import { act, here, type Page } from './page.ts';

const modelines = here(
  'get errors in your editor while you type (the first line of the file names its schema)',
  'fencepost schema inventory > schemas/inventory.schema.json',
);

export const inputPages = {
  'usage/invalid': {
    meaning: 'The command line asks for something that does not exist or contradicts itself. Nothing was done.',
    causes: [
      'a flag or a command is misspelt, or a flag has no value',
      'two flags exclude each other, such as --limit with a saved plan',
      'the output file exists already: snapshots are never replaced, and saved plans only with --force',
    ],
    cures: [
      here('see the flags of a command, with an example', 'fencepost COMMAND --help'),
      here('see all commands', 'fencepost --help'),
    ],
    see: [],
  },
  'output/unwritable': {
    meaning: 'The results could not be written to stdout. Nothing was changed.',
    causes: ['stdout goes to a file on a disk that is full', 'the terminal or the share it goes to is gone'],
    cures: [here('see the space', 'df -h .'), here('or write the plan to another place', 'fencepost plan --out FILE')],
    see: ['journal/unwritable'],
  },
  'inventory/unreadable': {
    meaning: 'An inventory file, a folder beside it, or a CA file it names could not be read. No host was contacted.',
    causes: [
      'the command was run in the wrong directory: the default is inventory/prod.yml in the current one',
      'the file does not exist, or you may not read it',
      'a ca_file is not a PEM file',
    ],
    cures: [
      here('name the file', 'fencepost inventory -i PATH/TO/prod.yml'),
      here('create one to start from; nothing is replaced', 'fencepost init'),
      here('check its permissions', 'ls -l inventory/prod.yml'),
    ],
    see: ['inventory/invalid', 'secret/missing'],
  },
  'inventory/invalid': {
    meaning:
      'The inventory has errors; each is listed with file, line and column. It is used completely or not at all, so that a typo never leaves servers out.',
    causes: [
      'an unknown key in a winrm block (the closest known key is shown)',
      'a setting that contradicts another, such as basic over http',
      'a selected host is not reached by WinRM (ansible_connection: ssh)',
      'a template ({{ }}) that is more than one variable name, or an undefined variable',
    ],
    cures: [here('check the file after fixing the lines', 'fencepost inventory -i inventory/prod.yml'), modelines],
    see: ['inventory/no-match', 'auth/unsafe'],
  },
  'inventory/no-match': {
    meaning: "Part of a host pattern (--limit, or the playbook's hosts) matches no host. Nothing was done.",
    causes: [
      'a group or host is misspelt',
      'the parts together leave no host, as in paris:!paris',
      'the playbook uses a group that is not in this inventory',
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
      act('have someone who may edit it add the host to the protected inventory, then run again'),
    ],
    see: ['inventory/invalid', 'plan/other-connection'],
  },
  'policy/unreadable': {
    meaning:
      'A policy is there, beside the inventory or named by --policy, and could not be read. Nothing was changed.',
    causes: ['its permissions do not allow it', 'the name after --policy is misspelt'],
    cures: [here('check its permissions', 'ls -l inventory/policy.yml')],
    see: ['policy/invalid', 'policy/breach'],
  },
  'policy/invalid': {
    meaning:
      'The policy has errors; each is listed with file, line and column. It is held completely or nothing is done, so that a typo never switches a rule off.',
    causes: ['an unknown key (the closest known key is shown)', 'a value of another kind', 'no rule at all'],
    cures: [here('see its form', 'fencepost schema policy'), modelines],
    see: ['policy/breach'],
  },
  'policy/breach': {
    meaning:
      'The plan does something that the policy does not allow. Every breach is listed with the line of its rule. Nothing was changed.',
    causes: [
      'the plan changes more hosts than one run may',
      'the playbook asks for a port, or may restart a service, that is not in the policy',
      'the change window is missing, or lies outside those of the policy',
      'the program of the policy refused the plan, or could not be run',
    ],
    cures: [
      here('plan for fewer hosts', 'fencepost plan --limit PATTERN --out FILE'),
      act('ask whoever owns the policy'),
    ],
    see: ['policy/invalid', 'approval/missing'],
  },
  'playbook/unreadable': {
    meaning: 'The playbook could not be read. No host was contacted.',
    causes: [
      'the command was run in the wrong directory: the default is playbooks/exchange-backend-ports.yml',
      'the file does not exist, or you may not read it',
    ],
    cures: [
      here('name the file', 'fencepost plan -p PATH/TO/playbook.yml'),
      here('create the standard one; nothing is replaced', 'fencepost init'),
    ],
    see: ['playbook/invalid'],
  },
  'playbook/invalid': {
    meaning: 'The playbook has errors; each is listed with file, line and column. No host was contacted.',
    causes: [
      'an unknown key, or a value out of range',
      'an exclusion gives its ports in two ways, or two exclusions overlap',
      'a change window without an offset from UTC, or one that closes before it opens',
      'a service is given by its display name instead of its short name',
    ],
    cures: [
      here('check the file after fixing the lines; changes nothing', 'fencepost plan -p PLAYBOOK --limit HOST'),
      here('get errors in your editor', 'fencepost schema playbook > schemas/playbook.schema.json'),
    ],
    see: ['inventory/no-match'],
  },
  'scenario/invalid': {
    meaning: 'The lab scenario could not be read or has errors; each is listed with file, line and column.',
    causes: [
      'the file does not exist',
      'an unknown key or value',
      'two servers with one name, or two owners of one port',
    ],
    cures: [
      here('run the lab with its built-in servers instead', 'fencepost lab'),
      here('get errors in your editor', 'fencepost schema scenario > schemas/scenario.schema.json'),
    ],
    see: [],
  },
  'secret/missing': {
    meaning:
      'The password could not be read from the source given in the inventory. Nothing was sent to the host. Plans and runs hold no secret: apply, rollback and resume take it from the inventory too.',
    causes: [
      'the environment variable is not set in this shell, or not passed on by cron, sudo or the CI runner',
      'the file does not exist, is empty, or you may not read it',
      'the password is set to prompt, but there is no terminal',
      'a plan is applied, or a run rolled back or resumed, without the inventory that has the secrets of its hosts',
      'the password or another setting is encrypted by ansible-vault, and the vault password is missing or wrong',
    ],
    cures: [
      here('see the password source of a host', 'fencepost inventory --host HOST'),
      here('take the secrets from an inventory', 'fencepost rollback RUN -i INVENTORY'),
      here('give the vault password', 'fencepost plan --vault-password-file FILE'),
      here(
        'set the variable without leaving the value in the shell history',
        'read -rs FENCEPOST_PASSWORD && export FENCEPOST_PASSWORD',
      ),
      here('in PowerShell', '$env:FENCEPOST_PASSWORD = (Get-Credential SVC).GetNetworkCredential().Password'),
    ],
    see: ['auth/refused'],
  },
} as const satisfies Readonly<Record<string, Page>>;

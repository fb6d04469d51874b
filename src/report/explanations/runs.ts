// Pages about plans, approvals, runs and journals.
import { listRuns, newPlan, proof, rollback, showRun, tables } from './cures.ts';
import { act, here, type Page } from './page.ts';

export const runPages = {
  'plan/unreadable': {
    meaning: 'The plan could not be read, or this version does not know its format.',
    causes: ['the file does not exist or is not readable', 'it is not a plan', 'another version saved it'],
    cures: [newPlan],
    see: ['plan/damaged'],
  },
  'plan/damaged': {
    meaning:
      'The plan changed after it was saved, or is not what planning makes of the facts and the desired state in it. Such a plan is never applied.',
    causes: [
      'someone edited it',
      'it was cut or changed in transit, for example by a mail program',
      'another version of Fencepost made it',
    ],
    cures: [newPlan, act('transfer plans as files, and have the new one signed off')],
    see: ['plan/unreadable', 'run/stale'],
  },
  'plan/already-applied': {
    meaning: 'This plan was applied before. A plan can be applied only once.',
    causes: ['the command was repeated', 'someone else applied it'],
    cures: [listRuns, showRun, here('continue a run that did not finish', 'fencepost resume RUN'), newPlan],
    see: ['run/cannot-resume'],
  },
  'approval/missing': {
    meaning:
      'The plan needs more approvals than it has. An approval counts when somebody in the signers file signed exactly this plan; each person counts once.',
    causes: [
      'somebody has not approved it yet',
      'the plan was made again after it was approved: its approvals are for the earlier one',
      'the key is not in the signers file, or is not valid now',
      'the only approval is by whoever made the plan',
      'the approvals were left behind when the plan was moved: they are in PLAN.approvals beside it, and with --state in the database',
      'the plan was approved without the --state or FENCEPOST_STATE of whoever applies it, or the approval was withdrawn',
    ],
    cures: [
      here('approve it with your SSH key', 'fencepost approve PLAN --sign-key ~/.ssh/id_ed25519'),
      act('add the key of whoever may approve to the signers file'),
    ],
    see: ['approval/not-signed', 'plan/damaged'],
  },
  'approval/not-signed': {
    meaning: 'No signature was made: ssh-keygen could not sign with the key that was named.',
    causes: [
      'the file is no SSH key, or does not exist',
      'it is a public key, and the SSH agent does not have its private half',
      'the passphrase was wrong, or the hardware key was not touched in time',
    ],
    cures: [
      here('see which keys your agent has', 'ssh-add -L'),
      here('name another key', 'fencepost approve PLAN --sign-key FILE'),
    ],
    see: ['approval/ssh-keygen'],
  },
  'approval/ssh-keygen': {
    meaning: 'The program that signs and verifies approvals, OpenSSH ssh-keygen, could not be run.',
    causes: ['OpenSSH is not installed, or is not on the PATH', 'it did not finish in time'],
    cures: [here('see whether it is there', 'ssh-keygen -?'), act('install OpenSSH 8.1 or later')],
    see: ['approval/not-signed'],
  },
  'run/unknown': {
    meaning: 'There is no run with this name in the state directory.',
    causes: [
      'the name is misspelt',
      'the run was made by another user, on another machine, or with another --state-dir',
    ],
    cures: [listRuns, here('look in another state directory', 'fencepost runs --state-dir DIRECTORY')],
    see: [],
  },
  'run/stale': {
    meaning: 'A host no longer matches the plan. It was skipped.',
    causes: [
      'someone changed it after the plan was made',
      'it was restarted, or a service or process started or stopped',
    ],
    cures: [here('see what would change now', 'fencepost plan --limit HOST'), newPlan],
    see: ['stale', 'held-by-stranger'],
  },
  'plan/other-connection': {
    meaning:
      'The inventory reaches a host differently from the plan: another address, port, account or certificate. Nothing was asked or sent. A plan is applied where it says; an inventory gives it secrets and nothing else.',
    causes: [
      'the inventory was edited after the plan was made, or the plan was made from another one',
      'someone edited the plan',
    ],
    cures: [
      here('see how the inventory reaches the host', 'fencepost inventory -i INVENTORY --host HOST'),
      newPlan,
      here('apply with the inventory that the plan was made from', 'fencepost apply PLAN -i INVENTORY'),
    ],
    see: ['run/other-connection', 'plan/damaged'],
  },
  'plan/other-port': {
    meaning:
      'The inventory says another back-end port of a host than the plan, which was made for `port: backend`. Nothing was asked or sent. What was signed off is the plan, and its port is no longer the one that the server uses, or the inventory is wrong.',
    causes: [
      'fencepost discover --update wrote another port after the plan was made',
      'someone edited exchange_imap4_backend_port or exchange_pop3_backend_port',
    ],
    cures: [
      here('see what the inventory says', 'fencepost inventory -i INVENTORY --host HOST'),
      newPlan,
      here('apply with the inventory that the plan was made from', 'fencepost apply PLAN -i INVENTORY'),
    ],
    see: ['backend-port-unset', 'plan/other-connection'],
  },
  'run/other-port': {
    meaning:
      'The inventory says another back-end port of a host than the run, which reserves it for `port: backend`. Nothing was asked or sent: resuming would reserve a port that the server may no longer use. A rollback does not look at the port.',
    causes: [
      'fencepost discover --update wrote another port after the run was started',
      'someone edited exchange_imap4_backend_port or exchange_pop3_backend_port',
    ],
    cures: [
      here('see what the inventory says', 'fencepost inventory -i INVENTORY --host HOST'),
      here('where the inventory is right: roll back, then make a new plan', 'fencepost rollback RUN'),
      here('resume with an inventory that has the port of the run', 'fencepost resume RUN -i INVENTORY'),
    ],
    see: ['plan/other-port', 'run/other-connection'],
  },
  'run/other-connection': {
    meaning:
      'The inventory reaches a host differently from the run: another address, port, account or certificate. Nothing was asked or sent. A run is rolled back and resumed where it was; an inventory gives it secrets and nothing else.',
    causes: [
      'the inventory was edited after the run, or the run was made from another one',
      'the host has a new address or account since',
    ],
    cures: [
      here('see how the inventory reaches the host', 'fencepost inventory -i INVENTORY --host HOST'),
      here('name an inventory with the settings of the run', 'fencepost rollback RUN -i INVENTORY'),
      here('leave the host out', "fencepost rollback RUN --limit 'all:!HOST'"),
    ],
    see: ['plan/other-connection'],
  },
  'run/not-confirmed': {
    meaning: 'The change was not confirmed, so nothing was changed.',
    causes: ['there is no terminal to ask on, for example in CI or cron', 'the answer was not the word yes'],
    cures: [here('after checking the plan', 'fencepost apply PLAN --yes')],
    see: [],
  },
  'run/host-locked': {
    meaning:
      'Another run has locked the host; the message says which run, and since when. Two runs never change a host at the same time.',
    causes: [
      'a colleague is applying right now',
      'a run died; its lock is released once its process is known to be gone',
      'a run died in another container or on another machine, which cannot be asked: its lock is released after 300 s without a sign of life',
    ],
    cures: [
      listRuns,
      showRun,
      here('free its hosts sooner, once you are sure that its process is gone', 'fencepost unlock RUN'),
      here('continue a run that died', 'fencepost resume RUN'),
      rollback,
    ],
    see: ['locked', 'run/cannot-resume'],
  },
  'run/cannot-rollback': {
    meaning: 'There is nothing to roll back for this run.',
    causes: ['it changed no host', 'it was already rolled back', 'it is a rollback itself'],
    cures: [showRun, listRuns],
    see: ['run/unknown', 'rollback/changed-since'],
  },
  'run/cannot-resume': {
    meaning: 'This run cannot be resumed.',
    causes: ['it has finished', 'its process is still running', 'its journal is damaged'],
    cures: [showRun, newPlan, rollback],
    see: ['run/host-locked', 'journal/damaged'],
  },
  'run/cannot-join': {
    meaning: 'This process can not take part in the run that --join names. Nothing was sent.',
    causes: [
      'the run carries out another plan',
      'a run of this name was started without --join',
      'somebody continues it alone, with fencepost resume',
    ],
    cures: [
      showRun,
      act('give all runners of a run the same plan file'),
      here('start a run of another name', 'fencepost apply PLAN --join NAME'),
    ],
    see: ['run/host-locked', 'plan/already-applied'],
  },
  'run/site-secret': {
    meaning:
      'Hosts of a site are changed by the runner there, with secrets that it finds on its own machine. The inventory of whoever starts the run has passwords of some that never come to it. Nothing was sent.',
    causes: [
      'the password is written into the inventory as it is',
      'nothing says where the password is, or prompt: true, so that it would be asked for on this terminal',
    ],
    cures: [
      act(
        'write where the runner finds it: password: { env: NAME }, { file: PATH } or { command: [...] }, and the same in the inventory at the site',
      ),
      act('or leave these hosts out of the inventory that is given with -i: the plan knows them'),
    ],
    see: ['secret/missing', 'run/cannot-join'],
  },
  'run/window': {
    meaning:
      'The change window of the playbook is closed, or too little time is left. No step starts that could not be undone in time.',
    causes: [
      'it is too early or too late',
      'the clock of this machine is wrong',
      'the offset from UTC in the playbook is wrong',
    ],
    cures: [
      here('check the clock of this machine', 'date -u'),
      act('set the next window in the playbook, make a new plan, and have it signed off'),
      here('if it opens soon: apply waits for it (unless --no-wait is given)', 'fencepost apply PLAN'),
    ],
    see: ['skipped', 'playbook/invalid'],
  },
  'run/out-of-time': {
    meaning:
      'Too little time was left before the window closes, or before --deadline, for a host or for the next service to be stopped. What was not started stays unsent; what the run had done on that host is undone, unless on_failure is stop.',
    causes: [
      'a service took longer to stop or to start than those before it',
      'nothing was measured yet in this run: a service is then assumed to take as long as it is waited for',
      'the window is short for the number of hosts',
    ],
    cures: [
      here('see how long each step took', 'fencepost runs show RUN'),
      newPlan,
      act('give the window or --deadline more time, or start earlier'),
    ],
    see: ['run/window', 'skipped', 'rolled-back'],
  },
  'journal/unwritable': {
    meaning:
      'The journal cannot be written, so nothing more was changed: no change is sent before its undo is on disk. Exit code 1: nothing was sent. 3: hosts are changed or in doubt, as listed above the error.',
    causes: [
      'the disk is full',
      'the state directory is not writable for this user',
      'it is on a network share that is gone',
    ],
    cures: [
      here('check the free space', 'df -h ~/.local/state/fencepost'),
      here('use another state directory', 'fencepost apply PLAN --state-dir DIRECTORY'),
      here('once it is writable again', 'fencepost resume RUN'),
    ],
    see: ['run/cannot-resume'],
  },
  'journal/damaged': {
    meaning:
      'A record of the journal changed after it was written, or is none that a run writes. Records before it are used; nothing after it is.',
    causes: [
      'the file was edited',
      'the disk or the file system lost data',
      'the file was emptied or lost its end: the head beside it knows of more records',
      'an earlier Fencepost wrote it: roll back or resume with that version',
    ],
    cures: [proof, showRun, here('see the current state of the hosts', 'fencepost verify')],
    see: ['run/cannot-resume', 'run/cannot-rollback'],
  },
  'rollback/changed-since': {
    meaning: 'Someone changed this host after the run. It was skipped, so that their change is not undone.',
    causes: [
      'a colleague or another tool changed an exclusion',
      'a reboot removed what was only in the active store',
      'a service that ran when the run finished is stopped: by a colleague, or by a restart of Windows, which starts no Manual service',
    ],
    cures: [
      here('see what the rollback would do', 'fencepost rollback RUN --limit HOST --dry-run'),
      here('to roll back anyway', 'fencepost rollback RUN --limit HOST --force'),
      tables,
    ],
    see: ['conflict', 'changed-since'],
  },
  'internal/bug': {
    meaning: 'Fencepost hit a bug. The journal has everything done until then.',
    causes: ['a bug in Fencepost'],
    cures: [here('run again and report the output; it contains no password', 'fencepost COMMAND --debug'), showRun],
    see: ['change/refused-read-only'],
  },
} as const satisfies Readonly<Record<string, Page>>;

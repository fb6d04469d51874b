// Pages about reading and changing Windows, and about plans, runs and journals. Source: windows.md sections 2 and 3.
import { act, here, server, type Page } from './page.ts';

const showRun = here('see what was done, step by step', 'fencepost runs show RUN');
const listRuns = here('list the runs', 'fencepost runs');
const rollback = here('take it back', 'fencepost rollback RUN');
const newPlan = here('make a new plan', 'fencepost plan --out NEW.plan');
const tables = server('look at the table yourself', 'netsh interface ipv4 show excludedportrange protocol=tcp');
const proof = here('see where the chain of the journal breaks', 'fencepost runs verify RUN');

export const changingPages = {
  'answer/incomplete': {
    meaning: 'The answer of a host breaks off. What is not whole is never read.',
    causes: [
      'cmd.exe was ended in the middle',
      'an AutoRun command of cmd.exe or a virus scanner interferes',
      'the disk or memory of the server is full',
    ],
    cures: [
      here('ask again, word for word', 'fencepost collect --limit HOST --json'),
      server(
        'see whether cmd.exe runs something at its start',
        'reg query "HKLM\\SOFTWARE\\Microsoft\\Command Processor" /v AutoRun',
      ),
    ],
    see: ['facts-incomplete', 'step/unread'],
  },
  'step/no-effect': {
    meaning:
      'A command was carried out, but the host shows no difference. The table counts, not what a command printed.',
    causes: [
      'the account is no administrator, or UAC took its rights away',
      'a process opened the port just before',
      'the service refuses to stop or start',
      'the range is in the active store already, and Windows adds no persistent one over it',
    ],
    cures: [
      here('see what the command said', 'fencepost runs show RUN'),
      here('see the rights of the account', 'fencepost doctor --limit HOST'),
      server('see who has the port open', 'netstat -ano | findstr :9933'),
      tables,
      act(
        'a range in the active store only: delete it there (store=active), then add it anew at once; between the two it is free',
      ),
    ],
    see: ['held-by-stranger', 'wire/access-denied', 'failed-not-undone'],
  },
  'step/unread': {
    meaning: 'After a change the host could not be read, so nobody knows yet whether it took effect.',
    causes: [
      'the connection broke at that moment',
      'the server restarted',
      'a table was printed in a form that could not be read',
    ],
    cures: [
      here('see how things are now', 'fencepost collect --limit HOST'),
      here('go on: what was sent is looked for first', 'fencepost resume RUN'),
      rollback,
    ],
    see: ['in-doubt', 'connect/lost'],
  },
  'step/disputed': {
    meaning:
      'A range is not as it was before the run, and it cannot be told whether the run or somebody else changed it, so it was left as it is.',
    causes: [
      'Windows refused the command, and the table shows its effect all the same: somebody else may have done the same at that moment',
      'the answer to a command was lost, the host did not show its effect then, and shows it now',
    ],
    cures: [
      act('ask the other operators of this server whose the range is'),
      here('if it is the run’s, roll back all the same', 'fencepost rollback RUN --limit HOST --force'),
    ],
    see: ['failed-not-undone', 'changed-since'],
  },
  'step/not-as-wanted': {
    meaning: 'All steps of a host went through, but facts collected afresh are not as wanted.',
    causes: [
      'something changed the host at the same time',
      'the same range is in one list in another way than believed',
    ],
    cures: [here('see what is missing', 'fencepost plan --limit HOST --verbose'), showRun, tables],
    see: ['step/no-effect', 'stale'],
  },
  'plan/unreadable': {
    meaning: 'The plan could not be read, or is of a form that this version does not know.',
    causes: ['the file is not there or not readable', 'it is no plan', 'it was saved by another version'],
    cures: [newPlan],
    see: ['plan/damaged'],
  },
  'plan/damaged': {
    meaning: 'The plan is not as it was saved: its digest does not fit. A plan that was altered is never applied.',
    causes: ['somebody edited it', 'it was cut short or changed on the way, say by a mail program'],
    cures: [newPlan, act('carry plans as files, and have the new one signed off')],
    see: ['plan/unreadable', 'run/stale'],
  },
  'plan/already-applied': {
    meaning: 'This very plan was applied before. A plan is applied once.',
    causes: ['the command was repeated', 'somebody else has applied it'],
    cures: [listRuns, showRun, here('go on with a run that did not end', 'fencepost resume RUN'), newPlan],
    see: ['run/cannot-resume'],
  },
  'run/unknown': {
    meaning: 'There is no run of this name where runs are kept.',
    causes: ['the name is misspelt', 'another user, another machine or another --state-dir did the run'],
    cures: [listRuns, here('look in another place', 'fencepost runs --state-dir DIRECTORY')],
    see: [],
  },
  'run/stale': {
    meaning: 'A host is not as the plan found it. It was left alone.',
    causes: ['somebody changed it after the plan was made', 'it was restarted, or a service or process came or went'],
    cures: [here('see what would be done now', 'fencepost plan --limit HOST'), newPlan],
    see: ['stale', 'held-by-stranger'],
  },
  'run/not-confirmed': {
    meaning: 'Nobody said yes, so nothing was changed.',
    causes: ['there is no terminal to ask on, as in CI or cron', 'something else than the whole word yes was typed'],
    cures: [here('after looking at the plan', 'fencepost apply PLAN --yes')],
    see: [],
  },
  'run/host-locked': {
    meaning: 'Another run holds the host; the message says who and since when. Two runs never change one host at once.',
    causes: ['a colleague is applying right now', 'a run died; its lock goes when its process is known to be gone'],
    cures: [listRuns, showRun, here('go on with a run that died', 'fencepost resume RUN'), rollback],
    see: ['locked', 'run/cannot-resume'],
  },
  'run/cannot-rollback': {
    meaning: 'There is nothing that this run could take back.',
    causes: ['it changed no host', 'it was taken back already', 'it is itself a rollback'],
    cures: [showRun, listRuns],
    see: ['run/unknown', 'rollback/changed-since'],
  },
  'run/cannot-resume': {
    meaning: 'This run can not be gone on with.',
    causes: ['it has ended', 'its process still runs', 'its journal is damaged'],
    cures: [showRun, newPlan, rollback],
    see: ['run/host-locked', 'journal/damaged'],
  },
  'run/window': {
    meaning:
      'The change window of the playbook is not open, or too little of it is left. No step begins that could not be taken back in time.',
    causes: [
      'it is too early or too late',
      'the clock of this machine is wrong',
      'the offset from UTC in the playbook is wrong',
    ],
    cures: [
      here('look at the clock of this machine', 'date -u'),
      act('set the next window in the playbook, make a new plan and have it signed off'),
      here('if it opens soon: apply waits for it, unless --no-wait is given', 'fencepost apply PLAN'),
    ],
    see: ['not-reached', 'playbook/invalid'],
  },
  'journal/unwritable': {
    meaning:
      'The journal can not be written, so nothing (more) was changed: without the way back on disk no change is sent.',
    causes: [
      'the disk is full',
      'the state directory is not writable for this user',
      'it lies on a share that is gone',
    ],
    cures: [
      here('see the space', 'df -h ~/.local/state/fencepost'),
      here('keep runs elsewhere', 'fencepost apply PLAN --state-dir DIRECTORY'),
      here('once it is writable again', 'fencepost resume RUN'),
    ],
    see: ['run/cannot-resume'],
  },
  'journal/damaged': {
    meaning: 'A record of the journal is not as it was written. What stands before it holds; nothing after it is used.',
    causes: ['the file was edited', 'the disk or the file system lost something'],
    cures: [proof, showRun, here('see how the hosts are now', 'fencepost verify')],
    see: ['run/cannot-resume', 'run/cannot-rollback'],
  },
  'rollback/changed-since': {
    meaning: 'Somebody changed this host after the run; it was left alone, so that their work is not undone.',
    causes: ['a colleague or another tool changed an exclusion', 'a reboot dropped what was only in the active store'],
    cures: [
      here('see what the rollback would do', 'fencepost rollback RUN --limit HOST --dry-run'),
      here('if it shall be done all the same', 'fencepost rollback RUN --limit HOST --force'),
      tables,
    ],
    see: ['refused', 'changed-since'],
  },
  'internal/bug': {
    meaning: 'Fencepost met something it should never meet. What was done until then is in the journal.',
    causes: ['a bug in Fencepost'],
    cures: [here('run again and report the output, which holds no password', 'fencepost COMMAND --debug'), showRun],
    see: ['change/refused-read-only'],
  },
} as const satisfies Readonly<Record<string, Page>>;

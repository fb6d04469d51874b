// Pages about the guards of hosts: tasks that undo a change unless they are called off. Source: windows.md section 9.
import type { FindingCode } from '../../model/plan.ts';
import { showRun } from './cures.ts';
import { act, here, server, type Page } from './page.ts';

const listGuards = here('list the guards on the hosts', 'fencepost guards --limit HOST');

export const guardPages = {
  'guard/not-armed': {
    meaning: 'The host did not take its guard (confirm in the playbook): its change was not made, or was rolled back.',
    causes: [
      'a policy or a security product keeps new tasks of SYSTEM from being created',
      'the task scheduler service is stopped',
      'the answer was lost',
    ],
    cures: [
      server('see whether the task scheduler runs', 'sc queryex Schedule'),
      listGuards,
      act('allow the tasks under \\Fencepost, or leave confirm out of the playbook'),
    ],
    see: ['failed-rolled-back'],
  },
  'guard/late': {
    meaning: 'So little time was left before the guard of the host would start that no further change was begun.',
    causes: ['a service was slow to stop or start', 'confirm gives this change too little time'],
    cures: [showRun, act('give it more time in the playbook: confirm: { within: 30m }')],
    see: ['undone-by-host'],
  },
  'guard/gone': {
    meaning: 'The guard of the host is not there although nobody called it off: it has run, or somebody deleted it.',
    causes: ['its time was over', 'the server restarted', 'a person or a security product deleted the task'],
    cures: [here('see the current state', 'fencepost collect --limit HOST'), showRun],
    see: ['undone-by-host'],
  },
  'guard/still-armed': {
    meaning: 'The guard of the host could not be called off: it undoes the change when its time is over.',
    causes: [
      'the connection broke',
      'Windows refused to delete the task',
      'this account is no administrator there, and so is not told of all tasks',
      'guards clean: no run has the name of the task, so that Fencepost leaves it alone',
    ],
    cures: [here('call it off', 'fencepost confirm RUN'), listGuards],
    see: ['undone-by-host', 'guard/gone'],
  },
  'guard/none': {
    meaning: 'The run has no guard that could be called off or extended.',
    causes: ['the playbook has no confirm, or by: run', 'all of them were called off, or have run'],
    cures: [here('see how each host stands', 'fencepost status RUN')],
    see: ['guard/gone'],
  },
} as const satisfies Readonly<Record<string, Page>>;

/** What a plan finds of the guards of a host. */
export const guardFindingPages = {
  'guard-cannot-undo': {
    meaning:
      'The playbook asks for a guard (confirm), and a guard is blind: it only deletes ranges that the run adds from nothing and starts services that the run stops.',
    causes: [
      'a range is there already, in one store only, or is to be deleted',
      'nothing shows whether a range is permanent on this host',
      'the change needs more commands than a scheduled task can hold',
    ],
    cures: [
      here('see what the change would be', 'fencepost plan --limit HOST --verbose'),
      act('change such hosts with a playbook without confirm'),
    ],
    see: ['blocked', 'persistent-not-shown'],
  },
  'guard-left': {
    meaning:
      'The guard of a run is on the host: a task under \\Fencepost that undoes what that run changed unless it is called off. It may undo what is about to be changed, so it blocks a change.',
    causes: [
      'a run with confirm: by: person waits to be confirmed',
      'a run died before it called its guards off, and was neither resumed nor rolled back',
    ],
    cures: [
      here('see how that run stands', 'fencepost status RUN'),
      here('keep what that run changed', 'fencepost confirm RUN'),
      here('roll that run back', 'fencepost rollback RUN'),
      here('delete the guards, whatever their runs changed', 'fencepost guards clean --limit HOST'),
    ],
    see: ['blocked', 'undone-by-host'],
  },
  'guards-not-known': {
    meaning:
      'The tasks of the host could not be listed, so it is not known whether the guard of another run would undo a change.',
    causes: ['a policy keeps schtasks.exe from running', 'the task scheduler service is stopped'],
    cures: [
      server('list the tasks', 'schtasks /query /fo csv /nh'),
      server('see whether the task scheduler runs', 'sc queryex Schedule'),
      act('nothing else to do if no run with confirm was made there; it blocks only changes with confirm'),
    ],
    see: ['guard-left', 'guard/not-armed'],
  },
  'undone-by-guard': {
    meaning:
      'A run had changed this host and armed a guard, nobody called the guard off in time, and so the host undid the change by itself: the guard is gone and the host is as before that run.',
    causes: ['nobody confirmed the run in time', 'the run died', 'the server restarted before the run was confirmed'],
    cures: [
      here('see how that run stands', 'fencepost status RUN'),
      here('make the change again', 'fencepost apply'),
      here('and then confirm it in time', 'fencepost confirm RUN'),
    ],
    see: ['undone-by-host'],
  },
} satisfies Partial<Readonly<Record<FindingCode, Page>>>;

// Pages about the guards of hosts: tasks that undo a change unless they are called off. Source: windows.md section 9.
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

// What a workflow noticed, as a line for a person.
import { renderIssue } from '../report/text/failure-text.ts';
import type { Notice } from '../workflows/seams.ts';

export function renderNotice(notice: Notice): string {
  switch (notice.kind) {
    case 'lock-taken-over': {
      const { label, holder, run } = notice;
      if (holder === null) return `${label}: took over the lock of a dead process\n`;
      const { processId, machine } = holder;
      // Dead, or asleep for longer than it may be: from another machine nothing tells the two apart.
      const lifeless = `process ${processId} on ${machine} gives no sign of life`;
      return holder.run === run
        ? `${label}: took over the lock of this run itself: its earlier ${lifeless}\n`
        : `${label}: took over the lock of run ${holder.run}, whose ${lifeless}\n`;
    }
    case 'torn-tail':
      return `The last record of ${notice.run} was cut short when its process died; checking the hosts.\n`;
    case 'journal-head':
      return `The journal of ${notice.run}: ${notice.note}\n`;
    case 'short-name':
      return `warning: ${renderIssue(notice.note)}\n`;
    case 'sites-missing': {
      const { words } = notice;
      return words === ''
        ? 'No site is waited for any more: each one with hosts to change now has a runner that takes part.\n'
        : `${capitalize(words)}\n`;
    }
    case 'journal-not-closed':
      return `warning: the journal could not be closed: ${notice.failure.message}\n`;
  }
}

function capitalize(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

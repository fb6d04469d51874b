// Who signed the head of a journal, as lines for `runs verify`. Pure; whether the chain holds is said elsewhere (journal/proof.ts).
import type { HeadVerdict } from '../../model/approval.ts';

/** `records`: how many the journal has. */
export function renderHeadVerdict(verdict: HeadVerdict, records: number): string {
  const { state, by, key, records: signed, signedAt, problem } = verdict;
  const how = `key ${key ?? 'unknown'}, ${signedAt ?? 'at an unknown time'} by its own clock`;
  const name = (by ?? 'nobody').replaceAll(/\p{C}/gu, '?');
  const rest = signed !== null && signed < records ? ` It covers the first ${signed} of ${records} records.` : '';
  switch (state) {
    case 'none':
      return 'The head is not signed.\n';
    case 'unchecked':
      return `The head bears a signature (${how}) that was not checked: name the keys that count with --signers FILE.${rest}\n`;
    case 'signed':
      return `The head is signed by ${name} (${how}).\n`;
    case 'partial':
      return `The head was signed by ${name} (${how}) before the run went on.${rest} Nobody signed the others.\n`;
    case 'foreign':
      return `The head is SIGNED BY NOBODY KNOWN (${how}): ${problem ?? ''}.${rest}\n`;
    case 'tampered':
      return `The SIGNATURE DOES NOT FIT this journal: ${problem ?? ''}.\n`;
  }
}

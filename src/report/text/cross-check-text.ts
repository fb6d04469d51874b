// The result of a cross-check as text: hosts that agree are counted, the others named. Pure.
import type { CrossCheck, CrossCheckResult } from '../../model/cross-check.ts';
import { counted } from '../../model/text/counted.ts';

export interface CheckedHost {
  readonly host: string;
  /** Null: the host did not answer at all. */
  readonly crossCheck: CrossCheck | null;
}

const heads: Readonly<Record<CrossCheckResult, string>> = {
  disagrees: 'DISAGREES',
  'not-read': 'not read',
  'templates-differ': 'templates differ',
  'not-available': 'not available',
};

export function renderCrossCheck(hosts: readonly CheckedHost[]): string {
  const checked = hosts.flatMap(({ host, crossCheck }) => (crossCheck === null ? [] : [{ host, ...crossCheck }]));
  const agreeing = checked.filter((one) => one.findings.length === 0).length;
  const head = `Cross-check: CIM agrees with netsh and sc on ${agreeing} of ${counted(checked.length, 'host')}\n`;
  const lines = checked.flatMap(({ host, findings }) =>
    findings.map(
      ({ result, about, sentence, hint }) =>
        `  ${host}: ${heads[result]}: ${about}: ${sentence}\n${hint === null ? '' : `      fix: ${hint}\n`}`,
    ),
  );
  return head + lines.join('');
}

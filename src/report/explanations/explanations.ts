// All pages of `explain` in one list. The types hold that every code has its page; the pages themselves are data, room by room.
import { failureCodes, type FailureCode } from '../../model/failure.ts';
import { verdicts } from '../../model/outcome.ts';
import { findingCodes } from '../../model/plan.ts';
import { missingCheck } from '../discovery/missing-words.ts';
import { changingPages } from './changing.ts';
import { directoryPages, notInInventoryPage } from './directory.ts';
import { runPages } from './runs.ts';
import { guardPages } from './guards.ts';
import { findingPages } from './findings.ts';
import { inputPages } from './input.ts';
import { kerberosPages } from './kerberos.ts';
import type { Page } from './page.ts';
import { protocolPages } from './protocol.ts';
import { reachingPages } from './reaching.ts';
import { statePages } from './state.ts';
import { verdictPages } from './verdicts.ts';

/** `failure`: printed in brackets behind an error; `finding`: of a plan; `verdict`: how a host ended. */
export type ExplanationKind = 'failure' | 'finding' | 'verdict';

export interface Explanation extends Page {
  readonly code: string;
  readonly kind: ExplanationKind;
}

const failurePages: Readonly<Record<FailureCode, Page>> = {
  ...inputPages,
  ...reachingPages,
  ...directoryPages,
  ...kerberosPages,
  ...protocolPages,
  ...changingPages,
  ...runPages,
  ...guardPages,
  ...statePages,
};

export const explanations: readonly Explanation[] = [
  ...failureCodes.map((code) => ({ code, kind: 'failure' as const, ...failurePages[code] })),
  ...findingCodes.map((code) => ({ code, kind: 'finding' as const, ...findingPages[code] })),
  { code: missingCheck, kind: 'finding', ...notInInventoryPage },
  ...verdicts.map((code) => ({ code, kind: 'verdict' as const, ...verdictPages[code] })),
];

// What an approval of a plan says, what a run remembers of those it was started with, and what is signed when a run ends. What makes one count
// is judged in approval/.
import type { ChangeWindow } from './strategy.ts';

/** What is signed. */
export interface ApprovalClaim {
  /** The plan's digest, which covers everything in the plan. */
  readonly plan: string;
  readonly playbook: string;
  readonly inventory: string;
  readonly window: ChangeWindow | null;
  /** The number of a change in somebody's ticket system; null: none was given. */
  readonly change: string | null;
  /** `user@machine`, as the plan has it. */
  readonly plannedBy: string;
  /** By the clock of whoever signed: shown, never judged. */
  readonly signedAt: string;
}

/** An approval that counted when a run was started. */
export interface CountedApproval {
  /** The name in the signers file. */
  readonly by: string;
  /** `SHA256:...`, as `ssh-keygen -l` shows it. */
  readonly key: string;
  readonly change: string | null;
  readonly signedAt: string;
}

/** What is signed at the end of a run: how far its journal goes. The chain covers everything before. */
export interface HeadClaim {
  readonly run: string;
  readonly records: number;
  readonly digest: string;
  /** By the clock of whoever signed: shown, never judged. */
  readonly signedAt: string;
}

/**
 * What a signature under a head comes to. `unchecked`: nobody said whose keys count; `partial`: the journal goes on after what was signed;
 * `foreign`: by a key that the signers file does not know, or not for this; `tampered`: it does not fit this journal.
 */
export const headSignatureStates = ['none', 'unchecked', 'signed', 'partial', 'foreign', 'tampered'] as const;
type HeadSignatureState = (typeof headSignatureStates)[number];

export interface HeadVerdict {
  readonly state: HeadSignatureState;
  /** The name in the signers file; null: nobody is known. */
  readonly by: string | null;
  /** `SHA256:...`; null: there is no SSH signature. */
  readonly key: string | null;
  /** How many records are signed. */
  readonly records: number | null;
  readonly signedAt: string | null;
  /** What is wrong, as half a sentence. */
  readonly problem: string | null;
}

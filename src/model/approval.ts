// What an approval of a plan says, and what a run remembers of those it was started with. What makes one count is judged in approval/.
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

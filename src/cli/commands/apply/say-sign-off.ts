// What stands before the question of an apply: short digest, counts, outages, approvals. On stderr, so that it is in the log of a run that
// was not asked (--yes) and stdout stays one document.
import type { Paces } from '../../../model/headline/paces.ts';
import type { FleetPlan } from '../../../model/plan.ts';
import { digestPlan } from '../../../plan/plan-file.ts';
import { renderPrompt } from '../../../report/sign-off/sign-off-text.ts';
import { viewSignOff } from '../../../report/sign-off/sign-off-view.ts';
import { renderApprovals } from '../../../report/view/approval-words.ts';
import type { CountedApproval } from '../../../model/approval.ts';
import type { World } from '../../compose.ts';

export interface PlanToConfirm {
  readonly plan: FleetPlan;
  /** Those that counted for this digest; null: none are asked for. */
  readonly approvals: readonly CountedApproval[] | null;
  readonly paces: Paces;
}

export function saySignOff({ plan, approvals, paces }: PlanToConfirm, world: World): void {
  const view = viewSignOff(plan, digestPlan(plan), paces);
  world.say(renderPrompt(view, approvals === null ? null : renderApprovals(approvals)));
}

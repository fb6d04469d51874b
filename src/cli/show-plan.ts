// A plan on stdout: for a person with signs in colour, or as one JSON document.
import type { FleetPlan } from '../model/plan.ts';
import { digestOfPlan } from '../plan/plan-file.ts';
import { paintSigns } from '../report/paint.ts';
import { renderPlan } from '../report/plan-text.ts';
import { paintFor } from './colours.ts';
import type { World } from './compose.ts';
import { jsonDocument } from './json.ts';

export interface ShowOptions {
  readonly json: boolean;
  readonly verbose: boolean;
  /** The plan is a rollback's. */
  readonly takesBack?: boolean;
}

/** `kind` names the JSON document. */
export function showPlan(plan: FleetPlan, args: ShowOptions, world: World, kind: 'plan' | 'verify' = 'plan'): void {
  if (args.json) world.out(jsonDocument(kind, { digest: digestOfPlan(plan), ...plan }));
  else world.out(paintSigns(renderPlan(plan, args), paintFor(process.stdout)));
}

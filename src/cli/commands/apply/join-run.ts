// An apply as one of several runners of one run: what it shares, and what it says of its part in the end. Who coordinates tells the channels;
// the others would say everything again.
import { failedVerdicts } from '../../../run/fleet/budget.ts';
import { Failure } from '../../../model/failure.ts';
import { counted } from '../../../model/text/counted.ts';
import type { OperatorPolicy } from '../../../policy/operator-policy.ts';
import type { RunRequest } from '../../../workflows/execute-run.ts';
import { inventoryFlags } from '../../../workflows/inventory-flags.ts';
import { joinRun, type JoinedOutcome } from '../../../workflows/join/join-run.ts';
import { runManners } from '../../agree.ts';
import type { World } from '../../compose.ts';
import { openNotifications } from '../../notify/open-notifications.ts';
import { showRun, type ShowRunOptions } from '../../show-run.ts';

export interface RunToJoin {
  readonly run: string;
  readonly request: RunRequest;
  readonly endsAt: string | null;
  readonly policies: readonly OperatorPolicy[];
  /** Asks for the window and for the operator's yes. */
  readonly agreed: () => Promise<void>;
}

/** Returns the exit code: of the run for its coordinator and for who comes after its end, of its own hosts for every other runner. */
export async function joinAndShow(
  { run, request, endsAt, policies, agreed }: RunToJoin,
  args: ShowRunOptions & { readonly yes: boolean },
  world: World,
): Promise<number> {
  const { notify } = request.plan.policy;
  const joined = world.state.openJoined({
    run,
    user: world.operator.user,
    now: () => world.clock.now(),
    onTakeover(label, holder) {
      world.notice({ kind: 'lock-taken-over', run, label, holder });
    },
    failing: failedVerdicts,
  });
  if (joined === null)
    throw new Failure('internal/bug', 'a state that can not be shared', { where: world.state.place });
  // Who comes after the end is told so, whatever the window says by now.
  if ((await joined.readStanding())?.isClosed !== true) await agreed();
  const outcome = await joinRun(request, runManners(args, endsAt, world), {
    ...world,
    joined,
    async onCoordinate(isFirst) {
      world.say(`This process coordinates run ${run}.\n`);
      const known = isFirst ? null : ({ run, kind: 'apply', flags: inventoryFlags(args.inventory) } as const);
      await openNotifications(policies, { asked: notify, known }, world);
    },
  });
  world.say(describePart(outcome));
  return showRun(outcome, { ...args, part: outcome.part }, world);
}

function describePart({ run, part, verdicts, plan }: JoinedOutcome): string {
  switch (part) {
    case 'late':
      return `Run ${run} had finished before this process joined it; nothing was sent.\n`;
    case 'coordinator':
      return '';
    case 'runner':
      return `This process had ${counted(verdicts.length, 'host')} of the ${String(plan.hosts.length)} of run ${run}; the others: fencepost status ${run}\n`;
  }
}

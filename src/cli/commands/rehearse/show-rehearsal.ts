// What `rehearse` does: reads a saved plan, proves it as apply would, plays it through in this process, and says what the night will be like.
import { Failure } from '../../../model/failure.ts';
import type { MishapLevel, Rehearsal } from '../../../model/rehearsal.ts';
import { renderRehearsal } from '../../../report/rehearsal/rehearsal-text.ts';
import { readPaces } from '../../../workflows/forecast/read-paces.ts';
import { readPlan } from '../../../workflows/read-plan.ts';
import { rehearsePlan } from '../../../workflows/rehearse/rehearse-plan.ts';
import type { World } from '../../compose.ts';
import { exitCodeOfRun, exitCodes } from '../../exit-codes.ts';
import { paintFor } from '../../io/colours.ts';
import { readPlanParts } from '../../io/text-parts.ts';
import { jsonDocument } from '../../json.ts';

export interface RehearseArguments {
  readonly plan: string;
  readonly mishaps: MishapLevel;
  readonly seed: number;
  readonly json: boolean;
}

/** Nobody waits longer than this for a word of how far it is. */
const silenceMs = 5000;

/** Returns the exit code: that of an apply on which nothing goes wrong, or 3 when a rollback would not restore a host. */
export async function showRehearsal(args: RehearseArguments, world: World): Promise<number> {
  const { mishaps, seed, json } = args;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new Failure('usage/invalid', `--seed: expected a whole number from 0, got ${seed}`);
  }
  const { plan, digest } = await readPlan(readPlanParts(args.plan), args.plan, world.operator.toolVersion);
  const paces = await readPaces(world.store);
  let spokenMs = world.clock.elapsedMs();
  const rehearsal = await rehearsePlan(
    { plan, digest, mishaps, seed, paces },
    {
      operator: world.operator,
      signal: world.interrupts.signal,
      onNight(night, of) {
        if (of > 1) world.say(`Rehearsing night ${night} of ${of}\n`);
        spokenMs = world.clock.elapsedMs();
      },
      onHost(finished, of) {
        if (world.clock.elapsedMs() - spokenMs < silenceMs) return;
        spokenMs = world.clock.elapsedMs();
        world.say(`  ${finished} of ${of} hosts\n`);
      },
    },
  );
  world.out(json ? jsonDocument('rehearsal', { ...rehearsal }) : renderRehearsal(rehearsal, paintFor(process.stdout)));
  return chooseExitCode(rehearsal);
}

function chooseExitCode({ nights, notRehearsed }: Rehearsal): number {
  const isRestored = nights.every((one) => one.rollback.notRestored.length === 0);
  if (notRehearsed.length > 0 || !isRestored) return exitCodes.someFailed;
  const verdicts = (nights[0]?.hosts ?? []).map((one) => ({ ...one, failure: null }));
  return exitCodeOfRun(verdicts, false);
}

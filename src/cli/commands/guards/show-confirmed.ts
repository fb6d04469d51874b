// What `confirm` does: the guards of a run called off or extended, one line per host, and the exit code.
import { Failure } from '../../../model/failure.ts';
import { confirmLimitsMs } from '../../../model/strategy.ts';
import { renderConfirmed } from '../../../report/guards/guards-text.ts';
import { readWithinMs } from '../../../playbook/schema.ts';
import { findRun } from '../../../workflows/find-run.ts';
import { confirmRun } from '../../../workflows/guards/confirm-run.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { ownInventory, readLimit } from '../../inputs.ts';
import { jsonDocument } from '../../json.ts';
import { checkedConcurrency, type InventoryArguments } from '../../options.ts';

interface ConfirmArguments extends InventoryArguments {
  readonly run: string;
  readonly extend: string | undefined;
  readonly concurrency: number;
  readonly json: boolean;
}

/** Returns the exit code: 0 when every host is confirmed or extended, else 3. */
export async function showConfirmed(args: ConfirmArguments, world: World): Promise<number> {
  const extendMs = args.extend === undefined ? null : readExtension(args.extend);
  const run = await findRun(args.run, world.store);
  const limit = await readLimit(args.limit);
  const concurrency = checkedConcurrency(args.concurrency);
  const inventory = ownInventory(args, world);
  const hosts = await confirmRun({ run, extendMs, limit, concurrency, inventory }, world);
  world.out(args.json ? jsonDocument('confirm', { run, hosts }) : renderConfirmed(run, hosts));
  const isDone = hosts.every((one) => one.result === 'confirmed' || one.result === 'extended');
  return isDone ? exitCodes.done : exitCodes.someFailed;
}

function readExtension(text: string): number {
  const ms = readWithinMs(text);
  if (ms >= confirmLimitsMs.least && ms <= confirmLimitsMs.most) return ms;
  throw new Failure('usage/invalid', `--extend: expected a time from 10m to 24h, such as 15m, got ${text}`);
}

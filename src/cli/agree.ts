// What stands between a plan that was shown and the first change: a state that can be written, the window, a person's yes.
import { Failure } from '../model/failure.ts';
import type { ChangeWindow } from '../model/strategy.ts';
import { counted } from '../model/text/counted.ts';
import { msUntilOpen } from '../run/fleet/window.ts';
import type { RunManners } from '../workflows/execute-run.ts';
import type { World } from './compose.ts';
import { confirm } from './io/terminal.ts';

export interface Agreement {
  readonly question: string;
  readonly yes: boolean;
  readonly window: ChangeWindow | null;
  /** False: refuse instead of waiting for the window to open. */
  readonly wait: boolean;
}

/** Throws Failure `journal/unwritable`, `run/window` or `run/not-confirmed`; nothing has been changed then. */
export async function agree({ question, yes, window, wait }: Agreement, world: World): Promise<void> {
  await world.state.checkWritable();
  if (window !== null) refuseOutside(window, wait, Date.parse(world.clock.now()));
  if (yes || (await confirm(question))) return;
  throw new Failure('run/not-confirmed', 'not confirmed; nothing was changed');
}

/** How the run that was agreed to is carried out: whoever said yes to all of it is not asked between batches. */
export function runManners(
  { yes, inventory }: { readonly yes: boolean; readonly inventory: readonly string[] | undefined },
  endsAt: string | null,
  { interrupts }: World,
): RunManners {
  const confirmBatch = async (batch: number, of: number, hosts: number): Promise<boolean> =>
    yes || (await confirm(`Batch ${batch} of ${of}: ${counted(hosts, 'host')}.`, interrupts.stop.signal));
  return { endsAt, confirmBatch, inventory };
}

function refuseOutside(window: ChangeWindow, wait: boolean, nowMs: number): void {
  if (nowMs >= Date.parse(window.closesAt)) {
    throw new Failure('run/window', `the change window closed at ${window.closesAt}; nothing was changed`, {
      hint: 'set the next window in the playbook, make a new plan and have it signed off',
    });
  }
  if (!wait && msUntilOpen(window, nowMs) > 0) {
    throw new Failure('run/window', `the change window opens at ${window.opensAt}; nothing was changed`, {
      hint: 'run it again then, or omit --no-wait so that apply waits',
    });
  }
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** `50m`, `90s`, `1h` from now -> ISO 8601; null stays null. Throws Failure `usage/invalid`. */
export function readDeadline(text: string | undefined, now: string): string | null {
  if (text === undefined) return null;
  const [, digits = '', unit = ''] = /^(\d+)\s*([smh])$/.exec(text) ?? [];
  const durationMs = Number(digits) * (units[unit] ?? 0);
  if (durationMs > 0) return new Date(Date.parse(now) + durationMs).toISOString();
  throw new Failure('usage/invalid', `--deadline: expected a duration such as 50m, 90s or 1h, got ${text}`);
}

// What `state prune` does: shows which runs go and which stay, asks, removes. Nothing of it reaches a host.
import type { Retention, State } from '../../../journal/state.ts';
import { Failure } from '../../../model/failure.ts';
import { counted } from '../../../model/text/counted.ts';
import { pruneRuns, type PrunedRuns } from '../../../workflows/state/prune-runs.ts';
import { agree } from '../../agree.ts';
import type { World } from '../../compose.ts';
import { exitCodes } from '../../exit-codes.ts';
import { jsonDocument } from '../../json.ts';

export interface PruneFlags {
  readonly before: string;
  readonly unexported: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

/** Returns the exit code. Throws Failure `usage/invalid`, `journal/unwritable`, `run/not-confirmed`. */
export async function pruneState(flags: PruneFlags, world: World): Promise<number> {
  const state = requireRetention(world.state);
  const request = { before: readDate(flags.before), unexported: flags.unexported };
  const planned = await pruneRuns({ ...request, dryRun: true }, state, world);
  const what = listWhat(planned);
  if (flags.dryRun || what.length === 0) return tell(planned, flags, world);
  if (!flags.json) world.out(describe(planned, true));
  const question = `Remove ${what.join(', ')} from ${state.place} for good?`;
  await agree({ question, yes: flags.yes, window: null, wait: false }, world);
  return tell(await pruneRuns({ ...request, dryRun: false }, state, world), flags, world);
}

function tell(pruned: PrunedRuns, { dryRun, json, before }: PruneFlags, world: World): number {
  if (json)
    world.out(jsonDocument('state-prune', { place: world.state.place, before: readDate(before), dryRun, ...pruned }));
  else world.out(describe(pruned, dryRun));
  return exitCodes.done;
}

function listWhat({ removed, approvals, letters }: PrunedRuns): readonly string[] {
  const all = [
    [removed.length, 'run'],
    [approvals, 'old approval'],
    [letters, 'old notification'],
  ] as const;
  return all.flatMap(([count, noun]) => (count === 0 ? [] : [counted(count, noun)]));
}

function describe(pruned: PrunedRuns, isPlanned: boolean): string {
  const { removed, kept } = pruned;
  const verb = isPlanned ? 'would be removed' : 'removed';
  const lines = [
    ...removed.map(({ run, records }) => `${run}  ${verb} (${counted(records, 'record')})`),
    ...kept.map(({ run, why }) => `${run}  kept: ${why}`),
    `${counted(removed.length, 'run')} ${verb}, ${String(kept.length)} kept`,
    ...listWhat({ ...pruned, removed: [] }).map((rest) => `${rest} ${verb}`),
  ];
  return `${lines.join('\n')}\n`;
}

function requireRetention(state: State): State & { readonly retention: Retention } {
  const { retention } = state;
  if (retention !== null) return { ...state, retention };
  throw new Failure('usage/invalid', 'runs in a directory are removed by removing their folders', {
    hint: 'fencepost state prune --before DATE --state postgres://USER@HOST/DATABASE',
  });
}

function readDate(text: string): string {
  const ms = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  throw new Failure('usage/invalid', `--before: expected a date such as 2026-01-31, got ${text}`, {
    hint: 'a date is the beginning of its day in UTC',
  });
}

// The last line under a run's verdicts: the one command to type next. After a failure it never invites to change more hosts.
import type { HostVerdict, RunKind, Verdict } from '../../model/outcome.ts';
import type { Policy } from '../../model/strategy.ts';
import { counted } from '../../model/text/counted.ts';

export interface EndedRun {
  readonly run: string;
  readonly kind: RunKind;
  /** The run that is rolled back; null for an apply. */
  readonly of: string | null;
  readonly verdicts: readonly HostVerdict[];
  readonly plan?: { readonly policy: Pick<Policy, 'confirm'> };
}

/** Verdicts of a rollback whose hosts it did not bring back, and that another one may. The others need a decision first. */
const notBack: readonly Verdict[] = [
  'in-doubt',
  'failed-partial',
  'failed-rolled-back',
  'rolled-back',
  'unreachable',
  'locked',
  'stale',
  'skipped',
];

/** `flags`: for the inventory, with a space in front. */
export function renderNextCommand({ run, kind, of, verdicts, plan }: EndedRun, flags: string): string {
  const has = (...kinds: readonly Verdict[]): boolean => verdicts.some((one) => kinds.includes(one.verdict));
  if (kind === 'rollback') {
    const left = verdicts.filter((one) => notBack.includes(one.verdict)).map((one) => one.host);
    if (left.length === 0) return `Details: fencepost runs show ${run}`;
    const count = `${counted(left.length, 'host')} of ${verdicts.length} not rolled back`;
    return `${count}. Roll back again: fencepost rollback ${of ?? 'RUN'} -l ${left.join(',')}${flags}`;
  }
  if (has('in-doubt', 'failed-partial')) return `See how each host stands: fencepost status ${run}`;
  const confirm = plan?.policy.confirm;
  // The time of the first host may be over soon: this comes before more hosts.
  if (has('changed') && confirm?.by === 'person') {
    const after = `${confirm.withinMs / 60_000} min after they started there`;
    return `Confirm now: each host undoes its changes ${after}: fencepost confirm ${run}${flags}`;
  }
  if (has('failed-rolled-back') && has('skipped')) {
    return `See why it failed before changing more hosts: fencepost runs show ${run}`;
  }
  if (has('skipped')) return `Continue: fencepost resume ${run}${flags}`;
  if (has('changed')) return `Roll back: fencepost rollback ${run}${flags}`;
  return `Details: fencepost runs show ${run}`;
}

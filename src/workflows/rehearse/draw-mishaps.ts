// Which mishaps a rehearsal plays, and on which hosts. Pure: the same plan, level and seed draw the same. Each has a night of its own, so
// that what it does to the others can be told.
import type { HostPlan } from '../../model/plan.ts';
import {
  mishapKinds,
  usualMishaps,
  type MishapKind,
  type MishapLevel,
  type RehearsedMishap,
} from '../../model/rehearsal.ts';

/** A kind that meets no host of the plan is left out. `changing`: the hosts that the plan changes. */
export function drawMishaps(
  changing: readonly HostPlan[],
  level: MishapLevel,
  seed: number,
): readonly RehearsedMishap[] {
  const kinds = { none: [], usual: usualMishaps, worst: mishapKinds }[level];
  const roll = throwDice(seed);
  return kinds.flatMap((kind) => {
    const meets = changing.filter((host) => canMeet(host, kind));
    const host = meets[Math.floor(roll() * meets.length)];
    return host === undefined ? [] : [{ kind, host: host.target }];
  });
}

function canMeet({ steps }: HostPlan, kind: MishapKind): boolean {
  const hasExclusion = steps.some((one) => one.kind === 'exclusion');
  switch (kind) {
    case 'slow-service':
    case 'service-stays-down':
      return steps.some((one) => one.kind === 'service' && one.verb === 'start' && one.when === undefined);
    case 'changed-by-other':
      return hasExclusion;
    case 'refused':
      // What refuses an add lets a delete pass.
      return steps.some((one) => one.kind === 'exclusion' && one.after.active && one.after.persistent);
    default:
      return true;
  }
}

/** Numbers from 0 to below 1 (mulberry32). */
function throwDice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

// Found and wanted -> the exclusions that have to change, per family. Knows nothing of holders and services.
import type { Family, HostState } from '../model/host-state.ts';
import type { ExclusionCommand, Presence } from '../model/plan.ts';
import { formatRange } from '../model/port-range.ts';
import type { Wanted, WantedExclusion } from '../model/wanted.ts';
import { commandsBetween } from '../windows/exclusion-commands.ts';
import { isReserved, presenceOf } from '../windows/verdict.ts';

/** One exclusion on one family that is not as wanted. */
export interface Change {
  readonly wanted: WantedExclusion;
  readonly family: Family;
  readonly before: Presence;
  readonly after: Presence;
  readonly commands: readonly ExclusionCommand[];
  readonly undo: readonly ExclusionCommand[];
  readonly sentence: string;
}

const inBoth: Presence = { active: true, persistent: true };
const inNone: Presence = { active: false, persistent: false };

/** Every difference, in the playbook's order, IPv4 before IPv6. A table that was not read yields no change: it is a blocker elsewhere. */
export function diffHostState(state: HostState, wanted: Wanted): readonly Change[] {
  return wanted.exclusions.flatMap((one) =>
    one.families.flatMap((family) => {
      const before = presenceOf(state, family, one.protocol, one.range);
      if (before === null) return [];
      const change = one.presence === 'present' ? toPresent(state, one, family, before) : toAbsent(one, family, before);
      return change === null ? [] : [change];
    }),
  );
}

function toPresent(state: HostState, wanted: WantedExclusion, family: Family, before: Presence): Change | null {
  if (isReserved(state, family, wanted.protocol, wanted.range) === true) return null;
  const what = `${wanted.protocol} ${formatRange(wanted.range)} on ${family}`;
  return {
    wanted,
    family,
    before,
    after: inBoth,
    commands: commandsBetween(family, wanted, before, inBoth),
    undo: commandsBetween(family, wanted, inBoth, before),
    sentence: presentWording(before, wanted.service === null ? what : `${what} for ${wanted.service}`),
  };
}

function presentWording(before: Presence, what: string): string {
  if (before.active) return `make permanent ${what} (now reserved until the next boot only)`;
  if (before.persistent) return `put in force ${what} (now reserved from the next boot only)`;
  return `reserve ${what}`;
}

function toAbsent(wanted: WantedExclusion, family: Family, before: Presence): Change | null {
  if (!before.active && !before.persistent) return null;
  return {
    wanted,
    family,
    before,
    after: inNone,
    commands: commandsBetween(family, wanted, before, inNone),
    undo: commandsBetween(family, wanted, inNone, before),
    sentence: `release ${wanted.protocol} ${formatRange(wanted.range)} on ${family}`,
  };
}

// The servers of a night: those of the chaos harness, and what a simulator can also afford: accounts without rights, tables that show
// nothing, services that refuse, banners. Each is rare, so that a night is about one or two of them; the order of draws is part of a seed.
import { usualQuirks, type Quirks } from '../../src/lab/machine/quirks.ts';
import type { AccountRights } from '../../src/lab/machine/machine.ts';
import type { ServerSpec } from '../../src/lab/scenario/server-spec.ts';
import type { Dice } from '../chaos/dice.ts';
import { randomServer } from '../chaos/random-fleet.ts';

export function nightServer(name: string, dice: Dice): ServerSpec {
  const usual = randomServer(name, dice.fork(`server ${name}`), []);
  const odd = dice.fork(`oddities ${name}`);
  const rights = oneOf<AccountRights>(odd, 0.06, ['user', 'filtered']) ?? 'administrator';
  return { ...usual, rights, quirks: { ...usual.quirks, ...oddities(odd) } };
}

function oddities(dice: Dice): Partial<Quirks> {
  return {
    // A permanent entry that netsh does not show, with and without the registry as the second witness.
    persistentShow: oneOf(dice, 0.15, ['blank', 'frame'] as const) ?? usualQuirks.persistentShow,
    persistentRegistry:
      oneOf(dice, 0.15, ['missing', 'denied', 'other-form'] as const) ?? usualQuirks.persistentRegistry,
    refuseStop: oneOf(dice, 0.08, ['busy-once', 'busy', 'dependents', 'not-stoppable'] as const) ?? 'none',
    refuseStart: oneOf(dice, 0.06, ['dependency', 'logon'] as const) ?? 'none',
    netshNoise: oneOf(dice, 0.1, ['helper-dll', 'helper-error', 'notice'] as const) ?? 'none',
    cmdAutoRun: oneOf(dice, 0.1, ['echo A banner of the domain 12 34', 'chcp 437', 'set seen=yes'] as const),
    tasklistForUsers: oneOf(dice, 0.5, ['without-services'] as const) ?? 'denied',
    scriptsInFolder: dice.chance(0.05) ? ['netsh', 'sc'] : [],
    exchangeKeyDenied: dice.chance(0.05),
    scStartExitCode: dice.chance(0.5) ? 1234 : 0,
  };
}

function oneOf<T>(dice: Dice, probability: number, choices: readonly T[]): T | null {
  return dice.chance(probability) ? dice.pick(choices) : null;
}

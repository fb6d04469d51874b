// Random servers, what is desired of them, and how the run is to go about it: the ordinary ones, and every doubt about Windows that the
// lab can take either way.
import { usualQuirks, type Quirks } from '../../src/lab/machine/quirks.ts';
import { languages, windowsReleases } from '../../src/lab/machine/releases.ts';
import {
  serverSpec,
  type ExclusionSpec,
  type HolderSpec,
  type MishapSpec,
} from '../../src/lab/scenario/server-spec.ts';
import type { ServerSpec } from '../../src/lab/scenario/server-spec.ts';
import { onFailureChoices, type Policy } from '../../src/model/strategy.ts';
import { families, type Store } from '../../src/model/host-state.ts';
import type { Desired, DesiredExclusion } from '../../src/model/desired.ts';
import type { Dice } from './dice.ts';

const imapPort = 9933;
const popPort = 9955;

export function randomServer(name: string, dice: Dice, mishaps: readonly MishapSpec[]): ServerSpec {
  return serverSpec({
    name,
    language: dice.pick(languages),
    windows: dice.pick(windowsReleases),
    exchange: dice.chance(0.05) ? 'none' : dice.pick(['2013', '2016', '2019', 'se'] as const),
    exclusions: randomExclusions(dice),
    holders: randomHolders(dice),
    imap: dice.pick(['stopped', 'running', 'running', 'missing'] as const),
    pop: dice.pick(['stopped', 'stopped', 'running', 'missing'] as const),
    imapPort: dice.chance(0.05) ? 1993 : imapPort,
    hotfix: dice.chance(0.9),
    quirks: randomQuirks(dice),
    mishaps,
  });
}

function randomExclusions(dice: Dice): readonly ExclusionSpec[] {
  const found: ExclusionSpec[] = [];
  const add = (firstPort: number, portCount: number, administered: boolean): void => {
    const stores = dice.pick<readonly Store[]>([['active'], ['persistent'], ['active', 'persistent']]);
    found.push({ range: { firstPort, portCount }, protocol: 'tcp', administered, stores, families });
  };
  if (dice.chance(0.15)) add(imapPort, 1, true);
  if (dice.chance(0.1)) add(popPort, 1, true);
  if (dice.chance(0.05)) add(9900, 20, true);
  if (dice.chance(0.05)) add(9950, 10, true);
  if (dice.chance(0.03)) add(popPort, 1, false);
  if (dice.chance(0.5)) add(7000, 10, true);
  return found;
}

function randomHolders(dice: Dice): readonly HolderSpec[] {
  if (!dice.chance(0.07)) return [];
  const state = dice.pick(['LISTENING', 'ESTABLISHED', 'TIME_WAIT'] as const);
  return [{ port: popPort, protocol: 'tcp', image: 'stranger.exe', services: [], families, state }];
}

function randomQuirks(dice: Dice): Quirks {
  return {
    ...usualQuirks,
    oneList: dice.chance(0.6),
    duplicateAdd: dice.pick(['in-use', 'exists', 'ok'] as const),
    persistentShowWhenEmpty: dice.pick(['table', 'blank'] as const),
    addPersistentOverActive: dice.chance(0.2) ? 'refused' : 'ok',
    addTakesEffect: dice.chance(0.15) ? 'next-boot' : 'at-once',
    deletePersistentKeepsActive: dice.chance(0.2),
    refuseAdd: dice.chance(0.9) ? 'none' : dice.pick(families),
    exitCodesLie: dice.chance(0.2),
    scStartFails: dice.chance(0.08) ? 'MSExchangeIMAP4BE' : null,
    pendingQueries: dice.between(0, 3),
    ipv4OnlyQueries: dice.between(0, 3),
  };
}

export function randomDesired(dice: Dice): Desired {
  const present: DesiredExclusion = {
    range: { firstPort: imapPort, portCount: 1 },
    protocol: 'tcp',
    families,
    presence: 'present',
    service: 'MSExchangeIMAP4BE',
  };
  const range = { firstPort: popPort, portCount: 1 };
  return {
    exclusions: [
      present,
      { ...present, range, service: 'MSExchangePOP3BE' },
      ...(dice.chance(0.2)
        ? [{ ...present, range: { firstPort: 9960, portCount: 5 }, protocol: 'udp' as const, service: null }]
        : []),
      ...(dice.chance(0.25)
        ? [{ ...present, range: { firstPort: 7000, portCount: 10 }, presence: 'absent' as const, service: null }]
        : []),
    ],
    whenHeldByOwnService: dice.chance(0.85) ? 'restart' : 'block',
  };
}

export function randomPolicy(dice: Dice): Policy {
  const percent = dice.pick([0, 0, 25, 100]);
  return {
    strategy: {
      canary: dice.between(0, 1),
      batches: dice.pick([
        [{ kind: 'percent', percent: 100 } as const],
        [{ kind: 'count', hosts: 2 } as const],
        [
          { kind: 'percent', percent: 25 },
          { kind: 'percent', percent: 100 },
        ] as const,
      ]),
      concurrency: dice.between(1, 6),
      maxFailed: { kind: 'percent', percent },
      maxFailedTotal: dice.chance(0.2) ? { kind: 'count', hosts: 1 } : null,
      oneAtATimeBy: null,
      pauseMs: dice.pick([0, 1000]),
      confirmBetweenBatches: false,
    },
    window: null,
    onFailure: dice.pick(onFailureChoices),
  };
}

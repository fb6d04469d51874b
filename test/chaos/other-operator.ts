// Somebody else who works on a server while Fencepost does: what he does is done to the server and to the picture of it that the test
// expects, so that it is Fencepost's changes alone that the two are compared for.
import type { Machine } from '../../src/lab/machine/machine.ts';
import { addExclusion, deleteExclusion } from '../../src/lab/machine/port-table.ts';
import { findService, finishPending, startService, stopService } from '../../src/lab/machine/service-control.ts';
import { families } from '../../src/model/host-state.ts';
import type { Dice } from './dice.ts';

export interface Deed {
  /** Whether it concerns what the plan rests on. */
  readonly isRelated: boolean;
  readonly words: string;
  readonly do: (machine: Machine) => void;
}

const port = (firstPort: number) => ({
  family: 'ipv4' as const,
  protocol: 'tcp' as const,
  firstPort,
  portCount: 1,
  store: 'persistent' as const,
});

/** Something that has nothing to do with the plan. */
export function unrelatedDeed(dice: Dice): Deed {
  const firstPort = dice.between(20_000, 20_100);
  return {
    isRelated: false,
    words: `adds an exclusion for ${firstPort}`,
    do(machine) {
      for (const family of families) addExclusion(machine, { ...port(firstPort), family });
    },
  };
}

/** Something that makes a plan for this server stale, if it comes to anything there. */
export function relatedDeed(dice: Dice): Deed {
  return dice.pick<Deed>([
    {
      isRelated: true,
      words: 'deletes 9933 where it is excluded',
      do(machine) {
        for (const family of families) deleteExclusion(machine, { ...port(9933), family });
      },
    },
    {
      isRelated: true,
      words: 'excludes 9955',
      do(machine) {
        for (const family of families) addExclusion(machine, { ...port(9955), family });
      },
    },
    {
      isRelated: true,
      words: 'excludes 9955 on ipv4 until the next boot',
      do(machine) {
        addExclusion(machine, { ...port(9955), store: 'active' });
      },
    },
    {
      isRelated: true,
      words: 'stops or starts the IMAP back end',
      do(machine) {
        const service = findService(machine, 'MSExchangeIMAP4BE');
        if (service === undefined) return;
        if (service.state === 'running') stopService(machine, service);
        else startService(machine, service);
        finishPending(machine, service);
      },
    },
  ]);
}

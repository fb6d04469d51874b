// The forms of the database in their order, and the protocol that this Fencepost speaks with it. A database that is older is brought up by
// `fencepost state init`; a newer one is refused: who does not know a rule can't keep it.
import { runsAndLeases } from './0001-runs-and-leases.ts';
import { joinedRuns } from './0002-joined-runs.ts';
import { sites } from './0003-sites.ts';
import { scaleAndRetention } from './0004-scale-and-retention.ts';
import { lettersAndApprovals } from './0005-letters-and-approvals.ts';
import { leftBehind } from './0006-left-behind.ts';
import { cheapStanding } from './0007-cheap-standing.ts';

export const migrations: readonly string[] = [
  runsAndLeases,
  joinedRuns,
  sites,
  scaleAndRetention,
  lettersAndApprovals,
  leftBehind,
  cheapStanding,
];

/** How leases and appends work together. It is raised with every migration. */
export const protocol = migrations.length;

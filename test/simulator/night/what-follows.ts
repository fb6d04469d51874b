// What people do after an apply, as its commands do it: resume it, roll it back, confirm it. Each from nothing but the disk, in a life of its
// own; when which of them comes says night.ts.
import type { HostVerdict } from '../../../src/model/outcome.ts';
import { confirmRun } from '../../../src/workflows/guards/confirm-run.ts';
import { executeResume, planResume } from '../../../src/workflows/resume/resume.ts';
import { executeRollback, isRollbackDue, planRollback } from '../../../src/workflows/roll-back.ts';
import { noInventory } from '../../support/memory-seams.ts';
import { judgeConfirmed } from '../guards.ts';
import { concedeForced } from '../judging/forced.ts';
import { live } from './live.ts';
import { firstRun, type Night } from './state.ts';

/** Null: there is nothing of the run to go on with. */
export async function resume(night: Night): Promise<readonly HostVerdict[] | null> {
  return live(night, 'apply', async (seams, manners) => {
    const planned = await planResume({ run: firstRun, concurrency: 4, inventory: noInventory }, seams);
    return planned.jobs.length === 0 ? planned.earlier.settled : executeResume(planned, manners, seams);
  });
}

export async function rollBack(night: Night, force = false): Promise<readonly HostVerdict[] | null> {
  const limit = findLimit(night);
  const request = { run: firstRun, limit, force, concurrency: 4, inventory: noInventory };
  return live(night, 'rollback', async (seams, manners) => {
    const planned = await planRollback(request, seams);
    const { hosts } = planned.plan;
    if (force) for (const host of hosts) concedeForced(night.servers.get(host.target), host.findings);
    // As the command: with nothing to change it ends with what the plan says.
    return !isRollbackDue(planned)
      ? hosts.map((one): HostVerdict => {
          const isCalm = one.state === 'ok';
          const detail = one.findings.map((finding) => finding.sentence).join('; ');
          return { host: one.target, verdict: isCalm ? 'unchanged' : 'blocked', detail, failure: one.failure };
        })
      : executeRollback(planned, manners, seams);
  });
}

/** The host that the next life is limited to. A host of which the run has begun nothing is none of the rollback's. */
function findLimit(night: Night): string | null {
  const mishap = night.mishaps.find((one) => one.life === night.lives && one.what === 'limited');
  const name = mishap === undefined ? undefined : [...night.servers.keys()][mishap.n];
  if (mishap === undefined || name === undefined) return null;
  night.happened.push(mishap);
  night.tell(`life ${night.lives}: is limited to ${name}`);
  return name;
}

/** A person confirms the run, or asks for more time. */
export async function confirm(night: Night, extendMs: number | null): Promise<void> {
  await live(night, 'apply', async (seams) => {
    const request = { run: firstRun, extendMs, limit: null, concurrency: 4, inventory: noInventory };
    for (const one of await confirmRun(request, seams)) {
      const server = night.servers.get(one.host);
      night.tell(`${one.host} is ${one.result}: ${one.detail}`);
      night.verdicts.push(`confirm ${one.result}`);
      if (one.result === 'confirmed') night.guards.confirmed += 1;
      if (server !== undefined) night.problems.push(...judgeConfirmed(server, one, firstRun));
    }
    return [];
  });
}

// Hosts of a site are reached from there, with what their runner finds on its own machine. A password that is written into the operator's
// inventory, or would be asked for here, never comes to it: said of all such hosts at once, before the run starts. Pure.
import { Failure, type Issue } from '../../model/failure.ts';
import type { FleetPlan } from '../../model/plan.ts';
import type { SecretRef, Target } from '../../model/target.ts';
import { counted } from '../../model/text/counted.ts';

const words: Partial<Record<SecretRef['kind'], string>> = {
  inline: 'its password is written into the inventory',
  prompt: 'its password would be asked for here',
};

/** Throws Failure `run/site-secret`. Hosts that the operator's inventory does not know are left to their site. */
export function refuseSiteSecrets(plan: FleetPlan, targets: readonly Target[]): void {
  const known = new Map(targets.map((one) => [one.name, one]));
  const issues = plan.hosts.flatMap(({ target, site, state, connection }): readonly Issue[] => {
    const found = known.get(target);
    if (site === undefined || state !== 'changes' || found === undefined || found.origin.file === '') return [];
    const { kind } = found.connection.password;
    // With a ticket nothing is asked.
    const problem = kind === 'prompt' && connection.credential !== 'password' ? undefined : words[kind];
    return problem === undefined ? [] : [{ ...found.origin, message: `${target} (site ${site}): ${problem}` }];
  });
  if (issues.length === 0) return;
  const message = `the runners of their sites could not have the passwords of ${counted(issues.length, 'host')}; nothing was sent`;
  throw new Failure('run/site-secret', message, {
    hint: 'write where the runner finds it at the site: password: { env: NAME }, { file: PATH } or { command: [...] }, in both inventories; or leave these hosts out of the one given with -i',
    issues,
  });
}

// What a run saw of its hosts, from its journal: each host before its first change, and how it was left. It works for a run that died, too. A host
// that the run did not start is left out: nothing was seen of it then.
import type { RunStore } from '../../journal/store.ts';
import { createAlike } from '../../model/lists/alike.ts';
import type { HostObservation } from '../../model/observations/observation.ts';
import { createObservationSharing } from '../../model/observations/share-observations.ts';
import { observeHost, observeVerdict, type LookedAt } from './observe-host.ts';

/** Oldest first per host. Throws Failure `run/unknown`. */
export async function observeRun(run: string, store: Pick<RunStore, 'readRun'>): Promise<readonly HostObservation[]> {
  const found: HostObservation[] = [];
  const { one } = createAlike();
  const { observation: share } = createObservationSharing();
  const started = new Map<string, LookedAt>();
  let about: { readonly by: 'apply' | 'rollback'; readonly playbook: string } = { by: 'apply', playbook: '' };
  await store.readRun(run, (event) => {
    if (event.type === 'run-started') about = { by: event.kind, playbook: event.playbook.name };
    if (event.type === 'host-started') {
      const { host, before } = event;
      const { address, port } = event.connection;
      // Of thousands of hosts: what they have alike once, and of the event only what is needed at the host's end.
      const looked = { host, connection: { address, port }, desired: one(event.desired), playbook: about.playbook };
      started.set(host, looked);
      found.push(share(observeHost(looked, about.by, before, run)));
    }
    const looked = event.type === 'host-finished' ? started.get(event.host) : undefined;
    if (event.type === 'host-finished' && looked !== undefined) {
      found.push(share(observeVerdict(looked, { by: about.by, run, verdict: event.verdict }, event.at)));
    }
  });
  return found;
}

// What an open port means for a change: who has to release it first, and how. Windows adds no exclusion over
// an open port. Who owns the port, model/rules/port-owners.ts says; here it is only judged. Source: facts windows.md sections 3 and 5.
import { isKnownUnprivileged } from '../model/rules/account-rights.ts';
import type { HostFacts, ServiceFacts, ServiceState } from '../model/facts.ts';
import type { Finding, FindingCode, FindingSeverity } from '../model/plan.ts';
import { formatRange } from '../model/port-range.ts';
import {
  adviceOnWindowsItself,
  describeOpen,
  describeOwner,
  findService,
  isOwnService,
  isWindowsItself,
  type OwnerFacts,
  type PortOwner,
} from '../model/rules/port-owners.ts';
import type { Desired, DesiredExclusion } from '../model/desired.ts';

/** With whose eyes it was seen. */
type AccountFacts = OwnerFacts & Pick<HostFacts, 'rights'>;

/** What an owner of a desired port means for adding its exclusion. `isHalf`: only the missing halves of ranges are added. */
export function judgeOwner(
  facts: AccountFacts,
  desired: Desired,
  one: DesiredExclusion,
  owner: PortOwner,
  isHalf: boolean,
): Finding {
  const port = `${one.protocol} ${formatRange(one.range)}`;
  const owned = `${describeOpen(port, owner)} ${describeOwner(owner)}`;
  if (isHidden(facts, one, owner)) return judgeHidden(one, owner);
  if (owner.kind === 'closing') {
    return finding(
      'warning',
      'held-in-doubt',
      `${port} still has closing connections (TIME_WAIT); it is unknown whether Windows adds an exclusion over them`,
      'if the step fails, nothing is lost: plan again a few minutes later, with clients kept away',
    );
  }
  if (owner.kind === 'unknown') {
    const sentence = `${owned}: an exclusion can't be added while it is open`;
    return finding('blocker', 'held-in-doubt', sentence, adviceToFree(owner, 'plan'));
  }
  if (owner.kind === 'stranger') {
    const isNot = one.service === null ? '' : ', which is not the service it is reserved for';
    const sentence = `${owned}${isNot}: an exclusion can't be added while it is open`;
    return finding('blocker', 'held-by-stranger', sentence, adviceToFree(owner, 'plan'));
  }
  return judgeOwnService(facts, desired, one, owner, owned, isHalf);
}

/** The account's rights are the reason that nobody can tell, and a finding of their own says so. */
function isHidden(facts: AccountFacts, one: DesiredExclusion, owner: PortOwner): boolean {
  if (!isKnownUnprivileged(facts.rights)) return false;
  const isOwn = isOwnService(owner) && findService(facts, one.service ?? '') === null;
  return owner.kind === 'unknown' || isOwn;
}

/** Without the process id, which differs from host to host: hosts that are alike are to be read as alike. */
function judgeHidden({ protocol, range }: DesiredExclusion, owner: PortOwner): Finding {
  const image = owner.process?.imageName ?? 'a process';
  const open = describeOpen(`${protocol} ${formatRange(range)}`, owner);
  return finding('info', 'held-in-doubt', `${open} ${image}; this account may not see whose it is`);
}

/** How to free a port that no restart of its own service frees. `then`: what to do right after. */
function adviceToFree(owner: PortOwner, then: 'plan' | 'roll back'): string {
  if (owner.kind === 'unknown') {
    return `${then} again: the process may have ended since; if not, see what it is: tasklist /svc /fi "PID eq ${owner.processId}"`;
  }
  if (isWindowsItself(owner)) {
    return `${adviceOnWindowsItself}, then ${then} again`;
  }
  return `stop or restart that process at a convenient time, then ${then} again right away, before another process takes the port`;
}

/** Whether a stop and a start free the port of its own service and bring it back. */
export function canRestart(facts: OwnerFacts, service: string): boolean {
  const known = findService(facts, service);
  return known?.installed === true && known.state === 'running' && known.startType !== 'disabled';
}

function judgeOwnService(
  facts: OwnerFacts,
  { whenHeldByOwnService }: Desired,
  one: DesiredExclusion,
  owner: PortOwner,
  owned: string,
  isHalf: boolean,
): Finding {
  const service = one.service ?? '';
  const known = findService(facts, service);
  if (known?.installed !== true || known.state !== 'running') {
    const state = known === null ? 'not known' : known.installed ? known.state : 'not installed';
    return finding(
      'blocker',
      'held-in-doubt',
      `${owned}, but its service ${service} is ${state}: it cannot be restarted cleanly`,
      adviceToSettle(known, service, owner, 'plan'),
    );
  }
  if (whenHeldByOwnService === 'block') {
    return finding(
      'blocker',
      'held-by-own-service',
      `${owned}: an exclusion can't be added while its own service ${service} runs`,
      'allow the restart in the playbook (when_held: { by_own_service: restart }), or stop the service for the change',
    );
  }
  if (!canRestart(facts, service)) {
    return finding(
      'blocker',
      'held-by-own-service',
      `${owned}; its service ${service} runs but is disabled: once stopped it could not be started again`,
      `set its start type first: sc config ${service} start= demand`,
    );
  }
  // Without the process id, which differs from host to host: hosts that are alike are to be read as alike.
  const port = `${one.protocol} ${formatRange(one.range)}`;
  const when = isHalf
    ? 'is stopped and started again only if Windows refuses the missing half while the port is open, or to undo the change'
    : 'is stopped for the change and started again';
  const sentence = `${port} is open in its own service ${service}, which ${when}`;
  return finding('info', 'held-by-own-service', sentence);
}

/** What an owner of a port means whose exclusion is deleted: that needs no free port, but its undo does. */
export function judgeOwnerOfReleased(
  facts: AccountFacts,
  { whenHeldByOwnService }: Desired,
  one: DesiredExclusion,
  owner: PortOwner,
): readonly Finding[] {
  if (owner.kind === 'closing') return [];
  if (isHidden(facts, one, owner)) return [{ ...judgeHidden(one, owner), severity: 'warning' }];
  const port = `${one.protocol} ${formatRange(one.range)}`;
  const isOwn = isOwnService(owner) && one.service !== null;
  if (isOwn && whenHeldByOwnService === 'restart' && canRestart(facts, one.service)) {
    const sentence = `${port} is open in its own service ${one.service}: to undo the release, the service is stopped and started again, for Windows cannot reserve a port that is in use`;
    return [finding('info', 'held-by-own-service', sentence)];
  }
  const code = isOwn ? 'held-by-own-service' : owner.kind === 'stranger' ? 'held-by-stranger' : 'held-in-doubt';
  // Without the process id, which differs from host to host: hosts that are alike are to be read as alike.
  const who = isOwn ? `its own service ${one.service}` : (owner.process?.imageName ?? 'a process');
  const sentence = `${port} is open in ${who}: while it is, the release cannot be undone, for Windows cannot reserve a port that is in use`;
  const hint =
    isOwn && whenHeldByOwnService === 'block' && canRestart(facts, one.service)
      ? 'allow the restart in the playbook (when_held: { by_own_service: restart }), or stop the service for the change'
      : 'to keep a way back, free the port before the change';
  return [finding('warning', code, sentence, hint)];
}

/** What a person does about a service that has its port open and does not simply run. */
function adviceToSettle(
  known: ServiceFacts | null,
  service: string,
  owner: PortOwner,
  then: 'plan' | 'roll back',
): string {
  if (known === null) return `see why its state could not be read: sc queryex ${service}`;
  if (known.installed && (known.state === 'paused' || isPending(known.state))) {
    return known.state === 'paused'
      ? `resume it (sc continue ${service}) or stop it (sc stop ${service}), then ${then} again`
      : `wait until the service has settled, then ${then} again`;
  }
  const end = `end that process (taskkill /f /pid ${owner.processId})`;
  return known.installed ? `${end} or start the service, then ${then} again` : `${end}, then ${then} again`;
}

function isPending(state: ServiceState): boolean {
  return state.endsWith('-pending');
}

/** The owners of a port that must be re-added and that no restart frees; closing connections do not block. */
export function findBarriers(
  facts: OwnerFacts,
  desired: Desired,
  one: DesiredExclusion,
  owners: readonly PortOwner[],
): readonly Finding[] {
  return owners.flatMap((owner) => {
    if (owner.kind === 'closing') return [];
    const isOwn = isOwnService(owner) && one.service !== null;
    if (isOwn && canRestart(facts, one.service) && desired.whenHeldByOwnService === 'restart') return [];
    const code = isOwn ? 'held-by-own-service' : owner.kind === 'unknown' ? 'held-in-doubt' : 'held-by-stranger';
    const port = `${one.protocol} ${formatRange(one.range)}`;
    const sentence = `${describeOpen(port, owner)} ${describeOwner(owner)}, and must be re-added: Windows cannot reserve a port that is in use`;
    const known = isOwn ? findService(facts, one.service) : null;
    const isUnsettled = known?.installed === true && known.state !== 'running';
    const hint = isUnsettled
      ? adviceToSettle(known, one.service ?? '', owner, 'roll back')
      : adviceToFree(owner, 'roll back');
    return [finding('blocker', code, sentence, hint)];
  });
}

function finding(severity: FindingSeverity, code: FindingCode, sentence: string, hint: string | null = null): Finding {
  return { severity, code, sentence, hint };
}

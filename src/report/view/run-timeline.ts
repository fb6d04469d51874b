// The events of a run -> the moments that concern it as a whole: its beginning and end, batches, interruptions, hosts that went wrong.
// What went well on one host is shown with that host. Pure.
import type { RunEvent } from '../../model/outcome.ts';
import type { FleetPlan } from '../../model/plan.ts';
import { countStandings, type HostView, type Moment } from './fleet-view.ts';
import { chooseTone, type Tone } from './human-words.ts';
import { counted } from '../../model/text/counted.ts';

/** So many hosts of a batch are named. */
const namedHosts = 8;

/** Whether an event concerns the run as a whole. `isStarted`: whether its host was started before it. */
export function concernsRun(event: RunEvent, isStarted: (host: string) => boolean): boolean {
  if (event.type === 'host-finished') return isStarted(event.host) && chooseTone(event.verdict) !== 'good';
  return !('host' in event);
}

/** `events`: those that concern the run. */
export function tellRun(
  events: readonly RunEvent[],
  hosts: readonly HostView[],
  plan: FleetPlan | null,
): readonly Moment[] {
  const members = new Map<number | null, HostView[]>();
  for (const host of hosts) {
    const batch = members.get(host.batch);
    if (batch === undefined) members.set(host.batch, [host]);
    else batch.push(host);
  }
  return events.flatMap((event): readonly Moment[] => {
    const told = tell(event, members, plan);
    return told === null ? [] : [{ at: event.at, text: told[0], tone: told[1] }];
  });
}

function tell(
  event: RunEvent,
  members: ReadonlyMap<number | null, readonly HostView[]>,
  plan: FleetPlan | null,
): readonly [string, Tone] | null {
  switch (event.type) {
    case 'run-started':
      return [
        `Run started by ${event.operator.user} on ${event.operator.machine}: ${counted(event.hosts.length, 'host')}`,
        'idle',
      ];
    case 'run-resumed':
      return [`Resumed by ${event.operator.user} on ${event.operator.machine}`, 'todo'];
    case 'batch-started':
      return [`${batchName(event.batch, plan)} started: ${listNames(event.hosts)}`, 'idle'];
    case 'batch-finished': {
      const counts = countStandings(members.get(event.batch) ?? []).map((one) => `${one.count} ${one.words}`);
      return [`${batchName(event.batch, plan)} finished: ${counts.join(', ')}`, event.failed > 0 ? 'bad' : 'good'];
    }
    case 'host-finished':
      return [`${event.host}: ${event.detail}`, chooseTone(event.verdict)];
    case 'run-stopping':
      return [`Starting no new hosts: ${event.reason}`, 'bad'];
    case 'run-finished':
      return ['Run finished', 'idle'];
    default:
      return null;
  }
}

function batchName(batch: number, plan: FleetPlan | null): string {
  const isCanary = batch === 1 && (plan?.policy.strategy.canary ?? 0) > 0;
  return isCanary ? `Batch ${batch} (canary)` : `Batch ${batch}`;
}

function listNames(hosts: readonly string[]): string {
  const more = hosts.length - namedHosts;
  const named = hosts.slice(0, more > 1 ? namedHosts : hosts.length).join(', ');
  return more > 1 ? `${named} and ${more} more` : named;
}

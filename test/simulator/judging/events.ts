// Every event that a life writes, held against the servers at that moment: who may be called what, and what a look has made known. It writes
// nothing to the disk and sends nothing.
import type { EventOf, RunEvent, RunKind } from '../../../src/model/outcome.ts';
import { judgeGuard } from '../guards.ts';
import { firstRun, silent, type Night } from '../night/state.ts';
import { judgeVerdict } from '../oracle.ts';
import { noteLook } from './doubt.ts';
import { concedeTold } from './told-doubt.ts';

export function watchEvent(night: Night, kind: RunKind, where: string, event: RunEvent): void {
  if ('host' in event && night.tell !== silent) night.tell(`${where}: ${event.host} ${describe(event)}`);
  const told = 'host' in event ? night.servers.get(event.host) : undefined;
  if (event.type === 'host-started' && told !== undefined) told.steps = event.steps;
  if (told !== undefined) noteLook(told.doubts, event, told.steps);
  if (event.type === 'command-planned') night.sent.set(event.host, event);
  if (event.type === 'guard' && event.state === 'armed') night.guards.armed += 1;
  if (event.type !== 'host-finished') return;
  night.hostRuns += 1;
  night.verdicts.push(`${kind} ${event.verdict}`);
  const server = night.servers.get(event.host);
  if (server === undefined) night.problems.push(`${where}: ${event.host} is no host`);
  else night.problems.push(...judgeVerdict(server, event, kind).map((one) => `${where} (${kind}): ${one}`));
  if (server !== undefined) concedeTold(server, event.detail);
  if (
    server?.isStale === true &&
    event.verdict === 'changed' &&
    server.plan?.state === 'changes' &&
    where === 'life 0'
  ) {
    night.problems.push(`${where}: ${event.host} changed, but somebody had changed it since the plan`);
  }
}

export function noteVerdict(
  { servers, plan, problems }: Night,
  kind: RunKind,
  where: string,
  told: EventOf<'host-finished'>,
) {
  const server = servers.get(told.host);
  if (server === undefined) return;
  const found = judgeGuard(server, told, kind, plan?.policy.confirm ?? null, firstRun);
  problems.push(...found.map((one) => `${where} (${kind}): ${told.host} ${told.verdict} (${told.detail}), but ${one}`));
}

function describe(event: RunEvent): string {
  if (event.type === 'host-started') return `host-started ${event.steps.map((one) => one.sentence).join('; ')}`;
  const { at, ...rest } = event;
  return `${at} ${JSON.stringify(rest)}`;
}

// Facts and what is desired -> what is kept of that look at the host. Pure. Whether the host is as desired is judged where plans are made; here
// the judgement is only cut down to what a history needs.
import { createHash } from 'node:crypto';
import type { Desired } from '../../model/desired.ts';
import type { HostFacts } from '../../model/facts.ts';
import type { FailureRecord } from '../../model/failure.ts';
import type { Finding, FleetPlan, HostPlanState } from '../../model/plan.ts';
import type { Difference, HostObservation, Observation, Observer } from '../../model/observations/observation.ts';
import { createObservationSharing } from '../../model/observations/share-observations.ts';
import { judgeReservation } from '../../model/rules/reservation.ts';
import type { Connection } from '../../model/target.ts';
import { diffDynamicRanges, diffHostState } from '../../plan/diff.ts';
import { judgeHost } from '../../plan/make-plan.ts';

export interface LookedAt {
  readonly host: string;
  readonly connection: Pick<Connection, 'address' | 'port'>;
  readonly desired: Desired;
  readonly playbook: string;
}

export function observeHost(about: LookedAt, by: Observer, facts: HostFacts, run: string | null): HostObservation {
  return keep(about, describeFacts(by, run, facts, about.desired, judgeHost(facts, about.desired)));
}

export function observeUnreached(about: LookedAt, by: Observer, { code }: FailureRecord, at: string): HostObservation {
  return keep(about, { ...blank, at, by, state: 'unreachable', code });
}

/** How a run left a host. Only an apply that changed it compared it with the playbook afterwards. */
export function observeVerdict(
  about: LookedAt,
  { by, run, verdict }: Pick<Observation, 'by' | 'run' | 'verdict'>,
  at: string,
): HostObservation {
  return keep(about, { ...blank, at, by, run, verdict, state: by === 'apply' && verdict === 'changed' ? 'ok' : null });
}

/** What a plan was made from. */
export function observePlan({ hosts, playbook }: Pick<FleetPlan, 'hosts' | 'playbook'>, by: Observer, now: string) {
  const { observation: share } = createObservationSharing();
  return hosts.flatMap(({ target: host, connection, desired, state, findings, facts, failure }) => {
    const about = { host, connection, desired, playbook: playbook.name };
    if (facts !== null) return [share(keep(about, describeFacts(by, null, facts, desired, { state, findings })))];
    return failure === null ? [] : [share(observeUnreached(about, by, failure, now))];
  });
}

const blank = {
  run: null,
  verdict: null,
  differences: [],
  code: null,
  windows: null,
  exchange: null,
  dynamicRanges: [],
} as const;

function keep({ host, connection, desired, playbook }: LookedAt, observation: Observation): HostObservation {
  return { host, endpoint: nameEndpoint(connection), desired: digestDesired(desired), playbook, observation };
}

function nameEndpoint({ address, port }: LookedAt['connection']): string {
  return `${address.toLowerCase()}:${String(port)}`;
}

/** Only what hosts are compared with: for whom a port is reserved, and what may be restarted for it, changes no verdict on the present. */
function digestDesired({ exclusions, dynamicRange }: Desired): string {
  const wishes = exclusions.map(({ presence, protocol, range, families }) =>
    [presence, protocol, range.firstPort, range.portCount, ...families.toSorted()].join(' '),
  );
  const ranges =
    dynamicRange === undefined
      ? []
      : [
          [
            dynamicRange.protocol,
            dynamicRange.range.firstPort,
            dynamicRange.range.portCount,
            ...dynamicRange.families.toSorted(),
          ],
        ];
  return createHash('sha256')
    .update(JSON.stringify([wishes.toSorted(), ranges]))
    .digest('hex')
    .slice(0, 16);
}

function describeFacts(
  by: Observer,
  run: string | null,
  facts: HostFacts,
  desired: Desired,
  { state, findings }: { readonly state: HostPlanState; readonly findings: readonly Finding[] },
): Observation {
  return {
    ...blank,
    at: facts.collectedAt,
    by,
    run,
    state,
    differences: state === 'ok' ? [] : listDifferences(facts, desired),
    code: findings.find((one) => one.severity === 'blocker')?.code ?? null,
    windows: facts.windows,
    exchange: facts.exchange,
    dynamicRanges: facts.state.dynamicRanges.map(({ protocol, family, range }) => ({ protocol, family, range })),
  };
}

/** What was seen to differ. What was not read, or is not shown, is no difference: nobody knows. */
function listDifferences({ state }: HostFacts, desired: Desired): readonly Difference[] {
  const missing = desired.exclusions.flatMap(({ presence, protocol, range, families }) =>
    presence === 'absent'
      ? []
      : families.flatMap((family): readonly Difference[] => {
          const { state: is } = judgeReservation(state, family, protocol, range);
          return is === 'reserved' || is === 'not-read' || is === 'not-shown' ? [] : [{ is, protocol, family, range }];
        }),
  );
  const present = diffHostState(state, desired)
    .filter((one) => one.desired.presence === 'absent')
    .map(({ family, desired: { protocol, range } }): Difference => ({ is: 'present', protocol, family, range }));
  const ranges = diffDynamicRanges(state, desired).map(({ protocol, family, before }): Difference => ({
    is: 'other-dynamic-range',
    protocol,
    family,
    range: before,
  }));
  return [...missing, ...present, ...ranges];
}

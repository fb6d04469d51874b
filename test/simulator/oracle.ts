// What is said of a host, of a run and of a night, held against the servers' true state. The rules are written from product.md's words,
// not from the code that gives the verdicts.
import type { Quirks } from '../../src/lab/machine/quirks.ts';
import { stores, type Store } from '../../src/model/host-state.ts';
import type { EventOf, HostVerdict, RunKind, Verdict } from '../../src/model/outcome.ts';
import type { Finding } from '../../src/model/plan.ts';
import { doubled, notAsDesired } from '../support/machine-state.ts';
import { findSubject, namesRange, rangeSubject } from './judging/subject.ts';
import { calm, isRestored, judgeToldDoubts } from './judging/told-doubt.ts';
import {
  differs,
  differsFromExpected,
  findOverriddenConflicts,
  mayBeHidden,
  valuesOf,
  withoutStore,
  type Server,
} from './truth.ts';

/** After a rollback: this life did nothing to it. */
const leftAlone: readonly Verdict[] = ['blocked', 'stale', 'conflict', 'unreachable', 'locked', 'skipped'];

/** Problems with one verdict, at the moment in which it is given. */
export function judgeVerdict(
  server: Server,
  { verdict, detail, findings }: EventOf<'host-finished'>,
  kind: RunKind,
): readonly string[] {
  const about = `${server.name} ${verdict} (${detail})`;
  const complain = (found: readonly string[]): readonly string[] =>
    found.length === 0 ? [] : [`${about}, but ${found.join(' | ')}`];
  const problems = complain(doubled(server.machine));
  const expected = isRestored(verdict, kind) ? complain(differsForSure(server)) : ([] as readonly string[]);
  const untouched =
    kind === 'rollback' && leftAlone.includes(verdict)
      ? complain(differs(server.untouched, server.machine))
      : ([] as readonly string[]);
  const desired =
    kind === 'apply' && verdict === 'changed' && server.plan !== null
      ? complain([
          ...notAsDesired(server.machine, server.plan.desired).filter(
            (one) => !isToldUnseen(one, server, detail, findings),
          ),
          ...servicesDown(server).map((one) => `service ${one} is down`),
        ])
      : ([] as readonly string[]);
  return [
    ...problems,
    ...expected,
    ...untouched,
    ...desired,
    ...judgeToldDoubts(server, { verdict, detail }, kind).map((one) => `${about}, but ${one}`),
    ...judgeConflict(server, kind).map((one) => `${about}, but ${one}`),
  ];
}

/** Rule `conflict`: what the run had changed and somebody else has changed since is left to the operator. */
function judgeConflict(server: Server, kind: RunKind): readonly string[] {
  if (kind !== 'rollback') return [];
  return findOverriddenConflicts(server)
    .filter((one) => !server.doubts.murky.has(findSubject(one)))
    .map((one) => `somebody else had changed it since, and this rollback did too: ${one}`);
}

/** A row of which nobody could tell whose it is: not the run, not the next life from what is on disk, not an operator who looks at the host. */
function isMurky({ doubts, expected, undone, sent, isRebooted, machine, plan }: Server, row: string): boolean {
  const subject = findSubject(row);
  // It changed between two looks, with a command whose answer is missing and somebody else both about it.
  if (doubts.murky.has(subject)) return true;
  // The guard had undone it, and before anybody noticed somebody reserved exactly that on that family in both stores: the guard is gone and the
  // row as the run left it, just as after a guard that was called off whose record was lost (decision 67). Once the journal has it as `fired`,
  // or where one store differs, there is no doubt.
  const isReservedAgain = stores.every((one) => expected.has(withStore(row, one)));
  if (row.startsWith('-') && undone.has(withoutStore(row.slice(1))) && isReservedAgain) return true;
  // An add that comes into force at the next boot was sent, and the host was restarted: the active row that came looks like somebody else's.
  const isPlanned = plan?.desired.exclusions.some((one) => rangeSubject(one.protocol, one.range) === subject) === true;
  return isPlanned && sent.has(subject) && isRebooted && machine.quirks.addTakesEffect === 'next-boot';
}

function withStore(row: string, store: Store): string {
  return row.slice(1).replace(/ (?:active|persistent) /, ` ${store} `);
}

function differsForSure(server: Server): readonly string[] {
  return differsFromExpected(server).filter((one) => !isMurky(server, one));
}

/** Of a store that nothing on that server shows nobody can say more than that. */
function isToldUnseen(problem: string, server: Server, detail: string, findings: readonly Finding[]): boolean {
  if (!mayBeHidden(server.machine.quirks)) return false;
  const desired = server.plan?.desired.exclusions ?? [];
  const range = desired.find((one) => problem.startsWith(`${one.protocol} ${one.range.firstPort} on `));
  if (range === undefined) return false;
  const isNamed = (text: string): boolean => namesRange(text, range.protocol, range.range);
  if (/ persistent should be absent$/.test(problem)) {
    return findings.some(({ code, sentence }) => code === 'persistent-not-shown' && isNamed(sentence));
  }
  // Windows has accepted it, and somebody else took it away unseen.
  if (!/ persistent should be present$/.test(problem)) return false;
  const accepted = /Windows accepted (.*) as permanent, but nothing on this host shows that/.exec(detail)?.[1] ?? '';
  return server.meddled.has(rangeSubject(range.protocol, range.range)) && isNamed(accepted);
}

/** Names of those that ran before, or were started by somebody, and do not run now. */
function servicesDown({ expected, machine }: Server): readonly string[] {
  const now = valuesOf(machine);
  return [...expected].flatMap(([key, value]) =>
    value === 'running' && now.get(key) !== 'running' ? [key.replace('service ', '')] : [],
  );
}

export interface Ending {
  readonly kind: RunKind;
  readonly hosts: readonly string[];
  readonly verdicts: readonly HostVerdict[];
  readonly exitCode: number;
  readonly isInterrupted: boolean;
}

/** Problems with how a life ended that did not die. */
export function judgeEnding(ending: Ending, servers: ReadonlyMap<string, Server>): readonly string[] {
  const { kind, hosts, verdicts, exitCode, isInterrupted } = ending;
  const problems: string[] = [];
  const names = verdicts.map((one) => one.host);
  if (JSON.stringify(names.toSorted()) !== JSON.stringify(hosts.toSorted())) {
    problems.push(`verdicts for ${names.join(' ')}, hosts ${hosts.join(' ')}`);
  }
  const touched = [...servers.values()].filter((one) => differs(one.untouched, one.machine).length > 0);
  if (exitCode === 1 && touched.length > 0) {
    problems.push(`exit code 1 says that nothing was done: ${touched.map((one) => one.name).join(' ')}`);
  }
  if (exitCode === 130 && !isInterrupted) problems.push('exit code 130 without an interrupt');
  if (exitCode === 0 && !verdicts.every((one) => calm.includes(one.verdict))) {
    problems.push(`exit code 0, and ${verdicts.map((one) => `${one.host} ${one.verdict}`).join(' ')}`);
  }
  if (exitCode === 4 && kind === 'apply') {
    const left = [...servers.values()].filter((one) => differsForSure(one).length > 0);
    if (left.length > 0) problems.push(`exit code 4, and changed: ${left.map((one) => one.name).join(' ')}`);
  }
  for (const name of servers.keys()) {
    if (hosts.includes(name) || !touched.some((one) => one.name === name)) continue;
    problems.push(`${name} is no host of the run and was changed`);
  }
  return problems;
}

/** Windows as it may be, on which a rollback may come to nothing, if it says so. */
const forgivable: readonly ((quirks: Quirks) => boolean)[] = [
  (quirks) => quirks.refuseAdd !== 'none',
  (quirks) => quirks.addPersistentOverActive === 'refused',
  (quirks) => quirks.refuseStop !== 'none',
];

/** Problems at the end of the night, after a rollback without mishaps. `said`: its verdicts; null: it had nothing to do. */
export function judgeMorning(servers: ReadonlyMap<string, Server>, said: readonly HostVerdict[]): readonly string[] {
  return [...servers.values()].flatMap((server) => {
    const found = differsForSure(server);
    if (found.length === 0) return [];
    const verdict = said.find((one) => one.host === server.name);
    const about = `in the morning ${server.name} (${verdict?.verdict ?? 'no verdict'}: ${verdict?.detail ?? ''})`;
    const problem = `${about} is not as it was: ${found.join(' | ')}`;
    const isSaid = verdict !== undefined && !calm.includes(verdict.verdict);
    const isForgivable =
      server.isMeddledWith || server.isRebooted || forgivable.some((fits) => fits(server.machine.quirks));
    if (isSaid && isForgivable) return [];
    return [problem];
  });
}

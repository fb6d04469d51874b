// What of a host differs from what its plan rests on, in words: the same parts that fingerprint.ts takes, said one by one. It judges nothing:
// whether a host still matches, the fingerprint decides. An answer that can't be read is no difference, and is told apart.
import type { Gap, HostFacts } from '../model/facts.ts';
import { families, stores } from '../model/host-state.ts';
import { containsPort, formatRange, overlaps } from '../model/port-range.ts';
import { findService } from '../model/rules/port-owners.ts';
import type { Desired, DesiredExclusion } from '../model/desired.ts';
import { findHolders, listListeningPorts } from '../windows/holders.ts';

/** Answers that could be read when the plan was made and can't be read now. */
export function findNewGaps(planned: HostFacts | null, now: HostFacts): readonly Gap[] {
  const known = new Set((planned?.gaps ?? []).map((one) => one.question));
  return now.gaps.filter((one) => !known.has(one.question));
}

/** `tcp 9933 on ipv4, active store: planned for none, now 9933 (administered)`; one sentence per part that differs. */
export function describeDifferences(planned: HostFacts | null, now: HostFacts, desired: Desired): readonly string[] {
  if (planned === null) return [];
  const before = describeParts(planned, desired);
  const after = describeParts(now, desired);
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((part) => {
    const was = before.get(part) ?? 'not known';
    const is = after.get(part) ?? 'not known';
    return was === is ? [] : [`${part}: planned for ${was}, now ${is}`];
  });
}

function describeParts(facts: HostFacts, desired: Desired): ReadonlyMap<string, string> {
  const { major, minor, build } = facts.windows;
  return new Map([
    ...desired.exclusions.flatMap((one) => [...describeRows(facts, one), ...describeOwners(facts, one)]),
    ...desired.exclusions.flatMap((one) => describeService(facts, one)),
    ...facts.state.dynamicRanges.map(({ family, protocol, range }): [string, string] => [
      `dynamic range ${family} ${protocol}`,
      formatRange(range),
    ]),
    ['Windows', `${major}.${minor}.${build}`],
    ['rights of the account', facts.rights ?? 'not known'],
    ['netsh', facts.exclusionSupport ? 'with excludedportrange' : 'without excludedportrange'],
    ['Exchange', facts.exchange === null ? 'not found' : 'found'],
    ...facts.gaps.map(({ question }): [string, string] => [`answer about ${question}`, 'not readable']),
  ]);
}

/** Also of families that are not desired: both may share one list. */
function describeRows(facts: HostFacts, { protocol, range }: DesiredExclusion): readonly [string, string][] {
  return families.flatMap((family) =>
    stores.map((store): [string, string] => {
      const table = facts.state.exclusionTables.find(
        (one) => one.family === family && one.protocol === protocol && one.store === store,
      );
      const rows = (table?.exclusions ?? [])
        .filter((row) => overlaps(row.range, range))
        .map((row) => `${formatRange(row.range)}${row.administered ? ' (administered)' : ''}`);
      const none = table === undefined ? 'not read' : table.witness === 'none' ? 'not shown' : 'no exclusion';
      const words = rows.length === 0 ? none : joinDistinct(rows);
      return [`${protocol} ${formatRange(range)} on ${family}, ${store} store`, words];
    }),
  );
}

function describeOwners(
  facts: HostFacts,
  { families: asked, protocol, range }: DesiredExclusion,
): readonly [string, string][] {
  return asked.map((family) => {
    const owners = findHolders(facts, family, protocol, range)
      .filter(({ socket }) => socket.processId !== 0)
      .map(({ socket, process }) => {
        const services = process === null || process.services.length === 0 ? '' : ` (${process.services.join(', ')})`;
        return `${process?.imageName ?? 'an unknown process'}${services} on ${socket.localPort}`;
      });
    const words = owners.length === 0 ? 'nobody' : joinDistinct(owners);
    return [`owner of ${protocol} ${formatRange(range)} on ${family}`, words];
  });
}

function describeService(facts: HostFacts, { service: name, range }: DesiredExclusion): readonly [string, string][] {
  if (name === null) return [];
  const service = findService(facts, name);
  if (service === null) return [[`service ${name}`, 'not read']];
  if (!service.installed) return [[`service ${name}`, 'not installed']];
  const ports = listListeningPorts(facts, name);
  const here = ports.some((port) => containsPort(range, port)) ? `on ${formatRange(range)}` : '';
  const elsewhere = ports.some((port) => !containsPort(range, port)) ? 'elsewhere' : '';
  const where = [here, elsewhere].filter((one) => one !== '').join(' and ');
  const listens = where === '' ? 'not listening' : `listening ${where}`;
  return [[`service ${name} for ${formatRange(range)}`, `${service.state}, ${service.startType ?? '?'}, ${listens}`]];
}

function joinDistinct(words: readonly string[]): string {
  return [...new Set(words)].sort().join(', ');
}

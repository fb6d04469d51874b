// The same questions asked a second way: the dynamic ranges and the services through CIM, beside what netsh and sc said. It concludes only
// whether the two agree; what is done rests on the facts. It changes nothing, and a host that can't answer is a finding, not a failure.
import type { CimObject, CimQuestion } from '../model/cim.ts';
import type { CrossCheck, CrossCheckFinding } from '../model/cross-check.ts';
import type { HostFacts, ServiceFacts } from '../model/facts.ts';
import { asFailure } from '../model/failure.ts';
import type { Failure } from '../model/failure.ts';
import { groupBy } from '../model/lists/group-by.ts';
import { families } from '../model/host-state.ts';
import type { Protocol } from '../model/host-state.ts';
import { formatRange, sameRange } from '../model/port-range.ts';
import type { Session, SessionOptions } from '../model/seams.ts';
import { dynamicRangeQuestion, readCimService, readTemplateRanges, servicesQuestion } from '../windows/cim.ts';
import type { TemplateRange } from '../windows/cim.ts';

/**
 * Asks CIM over the session's own connection and compares with `facts`, collected a moment ago. Rejects with a Failure only when
 * `signal` aborts.
 */
export async function crossCheck(
  session: Session,
  facts: HostFacts,
  options: SessionOptions = {},
): Promise<CrossCheck> {
  const agreed: string[] = [];
  const findings: CrossCheckFinding[] = [];
  function note(about: string, found: CrossCheckFinding | null): void {
    if (found === null) agreed.push(about);
    else findings.push(found);
  }

  async function ask(question: CimQuestion): Promise<readonly CimObject[] | Failure> {
    try {
      return await session.list(question, options);
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (options.signal?.aborted === true) throw failure;
      return failure;
    }
  }

  for (const protocol of listProtocols(facts)) {
    const about = `dynamic range ${protocol}`;
    const answer = await ask(dynamicRangeQuestion(protocol));
    note(
      about,
      'code' in answer ? describeNoAnswer(about, answer, facts) : compareRanges(about, protocol, answer, facts),
    );
  }
  const { services } = facts;
  if (services.length > 0) {
    const answer = await ask(servicesQuestion(services.map((one) => one.name)));
    if ('code' in answer) note('services', describeNoAnswer('services', answer, facts));
    else for (const one of services) note(`service ${one.name}`, compareService(one, answer));
  }
  return { agreed, findings };
}

function listProtocols({ state }: HostFacts): readonly Protocol[] {
  return [...new Set(state.dynamicRanges.map((one) => one.protocol))];
}

/** root/StandardCimv2 came with 6.2, Windows Server 2012. */
function describeNoAnswer(about: string, failure: Failure, { windows }: HostFacts): CrossCheckFinding {
  const isOld = windows.major < 6 || (windows.major === 6 && windows.minor < 2);
  if (failure.code === 'cim/not-found' && isOld && about !== 'services') {
    return { result: 'not-available', about, sentence: 'CIM on this Windows does not provide it', hint: null };
  }
  return { result: 'not-read', about, sentence: `CIM gave no answer: ${failure.message}`, hint: failure.hint };
}

function compareRanges(
  about: string,
  protocol: Protocol,
  answer: readonly CimObject[],
  { state }: HostFacts,
): CrossCheckFinding | null {
  const reading = readTemplateRanges(answer);
  if ('problem' in reading) return { result: 'not-read', about, sentence: reading.problem, hint: null };
  const templates = reading.value;
  if (templates.length === 0) {
    return { result: 'not-available', about, sentence: 'CIM on this Windows names no range', hint: null };
  }
  const shown = state.dynamicRanges.filter((one) => one.protocol === protocol);
  // Which template netsh shows is not documented: any of them will do, and several ranges are said aloud.
  const strange = shown.filter(({ range }) => !templates.some((one) => sameRange(one.range, range)));
  const said = describeTemplates(templates);
  if (strange.length > 0) {
    const netsh = families.flatMap((family) =>
      strange.filter((one) => one.family === family).map(({ range }) => `${family} ${formatRange(range)}`),
    );
    return {
      result: 'disagrees',
      about,
      sentence: `netsh says ${netsh.join(', ')}; CIM says ${said}`,
      hint: `compare on the host: netsh int ipv4 show dynamicport ${protocol}, and Get-Net${protocol.toUpperCase()}Setting`,
    };
  }
  const [first] = templates;
  if (first !== undefined && templates.every((one) => sameRange(one.range, first.range))) return null;
  return {
    result: 'templates-differ',
    about,
    sentence: `the TCP templates have their own ranges; netsh shows only one of them: ${said}`,
    hint: 'a connection may take its port from any of them; make them one: Set-NetTCPSetting -DynamicPortRangeStartPort ... for each',
  };
}

/** `6005-65534 (Internet, Compat), 49152-65535 (Datacenter)`; without names where there is one range. */
function describeTemplates(templates: readonly TemplateRange[]): string {
  const byRange = groupBy(templates, ({ range }) => formatRange(range));
  if (byRange.size === 1) return [...byRange.keys()].join();
  return [...byRange].map(([range, same]) => `${range} (${same.map((one) => one.template).join(', ')})`).join(', ');
}

function compareService(known: ServiceFacts, answer: readonly CimObject[]): CrossCheckFinding | null {
  const about = `service ${known.name}`;
  const reading = readCimService(answer, known.name);
  if ('problem' in reading) return { result: 'not-read', about, sentence: reading.problem, hint: null };
  const [first, second] = [describeService(known), describeService(reading.value)];
  if (
    first === second ||
    (isStartTypeUnknown(known, reading.value) && removeStartType(first) === removeStartType(second))
  ) {
    return null;
  }
  return {
    result: 'disagrees',
    about,
    sentence: `sc says ${first}; CIM says ${second}`,
    hint: `compare on the host: sc queryex ${known.name}, and Get-CimInstance Win32_Service -Filter "Name='${known.name}'"`,
  };
}

function describeService(one: ServiceFacts): string {
  if (!one.installed) return 'not installed';
  return [one.state, ...(one.processId === null ? [] : [`pid ${one.processId}`]), one.startType ?? ''].join(', ');
}

function isStartTypeUnknown(...both: readonly ServiceFacts[]): boolean {
  return both.some((one) => one.installed && one.startType === null);
}

function removeStartType(text: string): string {
  return text.replace(/, \w*$/, '');
}

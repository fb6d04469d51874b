// A lab scenario: a read YAML document in, servers out, or every mistake at once with its place. Pure; it opens nothing and
// builds no machine. The written form is in scenario-schema.ts, the servers' meaning in server-spec.ts.
import { families, stores } from '../../model/host-state.ts';
import type { DynamicRange, Family } from '../../model/host-state.ts';
import type { Issue } from '../../model/failure.ts';
import { highestPort, lastPort } from '../../model/port-range.ts';
import type { YamlDocument } from '../../yaml/document.ts';
import type { DocumentPath } from '../../yaml/document-path.ts';
import { checkShape } from '../../yaml/shape.ts';
import type { CheckResult } from '../../yaml/shape.ts';
import { expandServerNames } from './server-names.ts';
import { usualQuirks } from '../machine/quirks.ts';
import type { Quirks } from '../machine/quirks.ts';
import { scenarioSchema } from './scenario-schema.ts';
import type { WrittenDeed, WrittenMishap, WrittenScenario, WrittenServer } from './scenario-schema.ts';
import { serverSpec } from './server-spec.ts';
import type {
  ExclusionSpec,
  HolderSpec,
  MishapAct,
  MishapSpec,
  Scenario,
  ServerSpec,
  StrangerDeed,
} from './server-spec.ts';

type ServerSettings = Omit<WrittenServer, 'name'>;

/** Reads a scenario; `value` is null exactly when there are issues. Never throws. */
export function readScenario(document: YamlDocument): CheckResult<Scenario> {
  const checked = checkShape<WrittenScenario>(scenarioSchema, document);
  if (checked.value === null) return { value: null, issues: checked.issues };
  const issues: Issue[] = [];
  const report = (path: DocumentPath, message: string): void => {
    issues.push({ file: document.file, ...document.at(path), message });
  };
  const { defaults = {}, servers: written } = checked.value;
  const servers: ServerSpec[] = [];
  const taken = new Set<string>();
  checkRanges(defaults, ['defaults'], report);
  for (const [index, one] of written.entries()) {
    const path = ['servers', index];
    const names = expandServerNames(one.name);
    if (typeof names === 'string') {
      report([...path, 'name'], `servers[${index}].name: ${names}`);
      continue;
    }
    checkRanges(one, path, report);
    for (const name of names) {
      if (taken.has(name)) report([...path, 'name'], `servers[${index}].name: ${name} is listed twice`);
      taken.add(name);
      const server = resolveServer(name, mergeSettings(defaults, one));
      const clash = findPortClash(server);
      if (clash !== null) report(path, `servers[${index}]: ${name}: ${clash}`);
      servers.push(server);
    }
  }
  return issues.length === 0 ? { value: { servers }, issues } : { value: null, issues };
}

/** A server's own settings over the defaults; quirks are merged key by key, lists replace lists. */
function mergeSettings(defaults: ServerSettings, server: ServerSettings): ServerSettings {
  return { ...defaults, ...server, quirks: { ...defaults.quirks, ...server.quirks } };
}

function checkRanges(
  settings: ServerSettings,
  path: DocumentPath,
  report: (path: DocumentPath, message: string) => void,
): void {
  const check = (first: number, portCount: number, at: DocumentPath): void => {
    const last = lastPort({ firstPort: first, portCount });
    if (last > highestPort) {
      report(
        at,
        `${at.join('.')}: a range from ${first} with ${portCount} ports ends at ${last}, above ${highestPort}`,
      );
    }
  };
  if (settings.dynamic !== undefined) check(settings.dynamic.start, settings.dynamic.count, [...path, 'dynamic']);
  for (const [index, one] of (settings.exclusions ?? []).entries()) {
    check(one.port, one.count ?? 1, [...path, 'exclusions', index]);
  }
}

/** Two that want one port: a running back end or service and a holder of another name. */
function findPortClash(server: ServerSpec): string | null {
  const running = [
    ...(server.imap === 'running' ? [{ name: 'MSExchangeIMAP4BE', ports: [server.imapPort] }] : []),
    ...(server.pop === 'running' ? [{ name: 'MSExchangePOP3BE', ports: [server.popPort] }] : []),
    ...server.services.filter((service) => service.state === 'running'),
  ];
  for (const { name, ports } of running) {
    const holder = server.holders.find(
      (one) => one.protocol === 'tcp' && ports.includes(one.port) && !one.services.includes(name),
    );
    if (holder !== undefined) return `${name} cannot be running while ${holder.image} has port ${holder.port}`;
  }
  return null;
}

function readFamilies(written: Family | 'both' | undefined): readonly Family[] {
  return written === undefined || written === 'both' ? families : [written];
}

function resolveServer(name: string, settings: ServerSettings): ServerSpec {
  const { dynamic, exclusions, holders, imap_port, pop_port, services, quirks, mishaps, ...same } = settings;
  return serverSpec({
    ...removeUndefined(same),
    name,
    // Exchange's setup is only known to change tcp (windows.md section 4), so a scenario's range means tcp.
    dynamic: dynamic === undefined ? [] : families.map((family) => makeTcpRange(family, dynamic.start, dynamic.count)),
    exclusions: (exclusions ?? []).map(resolveExclusion),
    holders: (holders ?? []).map((holder): HolderSpec => ({
      port: holder.port,
      protocol: holder.protocol ?? 'tcp',
      image: holder.image,
      services: holder.services ?? [],
      families: readFamilies(holder.family),
      state: holder.state ?? 'LISTENING',
    })),
    ...(imap_port === undefined ? {} : { imapPort: imap_port }),
    ...(pop_port === undefined ? {} : { popPort: pop_port }),
    services: (services ?? []).map(({ name: service, image, state = 'stopped', ports = [] }) => ({
      name: service,
      image,
      state,
      ports,
    })),
    quirks: resolveQuirks(quirks ?? {}),
    mishaps: (mishaps ?? []).map(resolveMishap),
  });
}

/** Keys that are there with a value; zod leaves `undefined` in the type of optional ones. */
function removeUndefined<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const kept = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(kept) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}

function makeTcpRange(family: Family, firstPort: number, portCount: number): DynamicRange {
  return { family, protocol: 'tcp', range: { firstPort, portCount } };
}

function resolveExclusion(written: NonNullable<ServerSettings['exclusions']>[number]): ExclusionSpec {
  const administered = written.administered ?? true;
  // Rows without `*` are made by running components, so they are active only (windows.md section 3).
  const usualStore = administered ? 'both' : 'active';
  const store = written.store ?? usualStore;
  return {
    range: { firstPort: written.port, portCount: written.count ?? 1 },
    protocol: written.protocol ?? 'tcp',
    administered,
    stores: store === 'both' ? stores : [store],
    families: readFamilies(written.family),
  };
}

function resolveQuirks(written: NonNullable<ServerSettings['quirks']>): Quirks {
  return {
    oneList: written.one_list ?? usualQuirks.oneList,
    duplicateAdd: written.duplicate_add ?? usualQuirks.duplicateAdd,
    persistentShowWhenEmpty: written.persistent_show_when_empty ?? usualQuirks.persistentShowWhenEmpty,
    persistentShow: written.persistent_show ?? usualQuirks.persistentShow,
    persistentRegistry: written.persistent_registry ?? usualQuirks.persistentRegistry,
    addPersistentOverActive: written.add_persistent_over_active ?? usualQuirks.addPersistentOverActive,
    addActiveOverPersistent: written.add_active_over_persistent ?? usualQuirks.addActiveOverPersistent,
    addTakesEffect: written.add_takes_effect ?? usualQuirks.addTakesEffect,
    deletePersistentKeepsActive: written.delete_persistent_keeps_active ?? usualQuirks.deletePersistentKeepsActive,
    refuseAdd: written.refuse_add ?? usualQuirks.refuseAdd,
    exitCodesLie: written.exit_codes_lie ?? usualQuirks.exitCodesLie,
    scStartFails: written.sc_start_fails ?? usualQuirks.scStartFails,
    scStartExitCode: written.sc_start_exit_code ?? usualQuirks.scStartExitCode,
    refuseStop: written.refuse_stop ?? usualQuirks.refuseStop,
    refuseStart: written.refuse_start ?? usualQuirks.refuseStart,
    pendingQueries: written.pending_queries ?? usualQuirks.pendingQueries,
    ipv4OnlyQueries: written.ipv4_only_queries ?? usualQuirks.ipv4OnlyQueries,
    lostOutput: written.lost_output ?? usualQuirks.lostOutput,
    cimRange: written.cim_range ?? usualQuirks.cimRange,
    cimServices: written.cim_services ?? usualQuirks.cimServices,
    cmdAutoRun: written.cmd_autorun ?? usualQuirks.cmdAutoRun,
    scriptsInFolder: written.scripts_in_folder ?? usualQuirks.scriptsInFolder,
    netshNoise: written.netsh_noise ?? usualQuirks.netshNoise,
    ntlmTimestamp: written.ntlm_timestamp ?? usualQuirks.ntlmTimestamp,
    tasklistForUsers: written.tasklist_for_users ?? usualQuirks.tasklistForUsers,
    forbiddenPrograms: written.forbidden_programs ?? usualQuirks.forbiddenPrograms,
    taskCreate: written.task_create ?? usualQuirks.taskCreate,
    onBattery: written.on_battery ?? usualQuirks.onBattery,
    exchangeKeyDenied: written.exchange_key_denied ?? usualQuirks.exchangeKeyDenied,
  };
}

function resolveMishap(written: WrittenMishap): MishapSpec {
  const { operation, nth, line, request } = written.on;
  return {
    on: { operation: operation ?? 'any', nth: nth ?? null, line: line ?? null, request: request ?? null },
    act: resolveAct(written.do),
    times: written.times ?? 1,
  };
}

function resolveAct(written: WrittenMishap['do']): MishapAct {
  if (typeof written === 'string') return { kind: written };
  if ('late_by' in written) return { kind: 'late', byRequests: written.late_by };
  if ('delay_ms' in written) return { kind: 'delay', delayMs: written.delay_ms };
  if ('fault' in written) {
    const { fault: code, text } = written;
    return text === undefined ? { kind: 'fault', code } : { kind: 'fault', code, text };
  }
  if ('stranger' in written) return { kind: 'stranger', deed: resolveDeed(written.stranger) };
  return { kind: 'status', status: written.status };
}

function resolveDeed(written: WrittenDeed): StrangerDeed {
  if ('service' in written) return written;
  const { does, port, protocol = 'tcp', store = 'persistent' } = written;
  return { does, protocol, range: { firstPort: port, portCount: 1 }, store, families };
}

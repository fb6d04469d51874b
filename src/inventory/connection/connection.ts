// The merged settings of one host -> its Connection, with the defaults, and the refusal of what contradicts itself or would
// send a password in clear. It reads no secret: a password stays a reference.
// Source: Windows' default listeners (http 5985, https 5986); Ansible's defaults where the file speaks Ansible's words.
import { toSecretRef } from '../secrets/read-reference.ts';
import { dirname, isAbsolute, join } from 'node:path';
import { findBrokenRules } from '../../model/connection-rules.ts';
import type { Issue } from '../../model/failure.ts';
import type { Connection, SecretRef, Timeouts } from '../../model/target.ts';
import { untrustedSettings, type Trust } from '../untrusted.ts';
import { readAnsibleSettings } from './ansible.ts';
import { winrmSchema } from '../schema.ts';
import type { WinrmKey, WinrmSettings, WrittenPassword } from '../schema.ts';
import type { FleetIssues } from '../fleet-issues.ts';
import type { IdleSettings, JudgedSetting } from './idle-places.ts';
import { judgedKeys, judgeSetting, type ResolvedSettings } from './idle-settings.ts';
import { followReferences } from './references.ts';
import { ruleKeys, chooseAccountName, readSecurity } from './security.ts';
import type { SecuritySettings } from './security.ts';
import { issueAt } from '../variables.ts';
import type { DocumentPlace, Variable, Variables } from '../variables.ts';
import { isVaultText } from '../secrets/vault.ts';

export type ConnectionResult =
  /** `places`: of the settings that are written somewhere. */
  | {
      readonly kind: 'connection';
      readonly connection: Connection;
      readonly places: ReadonlyMap<string, DocumentPlace>;
    }
  /** Not reached by WinRM at all. */
  | { readonly kind: 'foreign'; readonly reason: Issue }
  /** What is wrong was reported. */
  | { readonly kind: 'faulty' };

const defaultPath = '/wsman';
const defaultPorts = { http: 5985, https: 5986 } as const;
const defaultSeconds = { connect: 10, operation: 20, requestMargin: 10, host: 300 } as const;

interface ResolveParts {
  readonly report: FleetIssues;
  readonly trust: Trust;
  /** Is told which settings count. */
  readonly idle: IdleSettings;
  /** Whether a place is of the host itself, and of no group. */
  readonly isOwn: (place: DocumentPlace) => boolean;
}

/** Resolves one host; faults and warnings go to `report`, which says each once for all hosts it concerns. */
export function resolveConnection(
  name: string,
  variables: Variables,
  place: DocumentPlace,
  { report, trust, idle, isOwn }: ResolveParts,
): ConnectionResult {
  const followed = followReferences(variables.variables, name);
  const ansible = readAnsibleSettings(followed.variables);
  if (ansible.foreign !== null) return { kind: 'foreign', reason: ansible.foreign };
  for (const issue of followed.issues) report.hostIssue(issue, name);
  for (const issue of ansible.issues) report.issue(issue);
  for (const warning of ansible.warnings) report.warning(warning);

  const settings = createSettings(variables, ansible.winrm);
  const nativeWay = variables.winrm.has('scheme') || variables.winrm.has('port');
  const { scheme, port } = chooseSchemeAndPort(settings, ansible.usesAnsible && !nativeWay);
  const auth = settings.get('auth') ?? 'negotiate';
  const security: SecuritySettings = {
    get: (key) => settings.get(key),
    pathOf(key) {
      const path = settings.get(key);
      return path === undefined ? undefined : resolvePath(settings.placeOf(key, place), path);
    },
  };
  const username = settings.get('username') ?? chooseAccountName(security, auth);
  const password = settings.get('password');

  const ansibleIssues = [...followed.issues, ...ansible.issues];
  let faulty = settings.faulty || ansibleIssues.length > 0;
  const refuse = (at: DocumentPlace, message: string): void => {
    faulty = true;
    report.hostIssue(issueAt(at, message), name);
  };
  for (const at of settings.sealed) refuse(at, 'a vaulted value is not supported here; write it in place of the alias');
  const untrusted = trust === 'untrusted' ? untrustedSettings((key) => settings.get(key)) : [];
  for (const { key, message } of untrusted) refuse(settings.placeOf(key, place), message);
  const timeouts = readTimeouts(settings);
  if (timeouts.requestMs <= timeouts.operationMs) {
    const at = settings.placeOf('request_timeout_s', place);
    const [request, operation] = [timeouts.requestMs / 1000, timeouts.operationMs / 1000];
    refuse(at, `expected more than the operation timeout (${operation}), got ${request}`);
  }
  if (username === undefined && !settings.isFaulty('username') && !ansibleIssues.some(isAboutUser)) {
    faulty = true;
    report.missing('username', name, place);
  }
  const passwordPlace = settings.placeOf('password', place);
  if (typeof password === 'string' && passwordPlace.document.vaultedAt(passwordPlace.path) === null) {
    const advice = 'anyone who can read this file can read this password; write { env: NAME } or { file: PATH }';
    report.warning(issueAt(passwordPlace, advice));
  }
  const address = (settings.get('address') ?? name).replace(/^\[(.*)\]$/, '$1');
  // An untrusted one is never dialled: what it lacks is in the protected inventory. Of faulty settings nobody knows what they should come to.
  const isSound = !settings.faulty && ansibleIssues.length === 0 && trust === 'protected';
  noteIdleSettings(settings, isSound ? { scheme, auth, address, username } : null, (setting) => {
    idle.add(name, setting, { placeOf: (key) => settings.writtenAt(key), isOwn });
  });
  if (username === undefined) return { kind: 'faulty' };
  const caFile = settings.get('ca_file');
  const connection: Connection = {
    address,
    port,
    scheme,
    path: settings.get('path') ?? defaultPath,
    auth,
    username,
    password: readSecretRef(password, passwordPlace),
    caFile: caFile === undefined ? null : resolvePath(settings.placeOf('ca_file', place), caFile),
    tlsServerName: settings.get('tls_server_name') ?? null,
    timeouts,
    ...readSecurity(security, auth),
  };
  const isJudged = !settings.faulty && trust === 'protected';
  for (const { setting, message, fix } of isJudged ? findBrokenRules(connection) : []) {
    const key = ruleKeys[setting].find((one) => settings.get(one) !== undefined);
    refuse(key === undefined ? place : settings.placeOf(key, place), fix === null ? message : `${message}; ${fix}`);
  }
  return faulty ? { kind: 'faulty' } : { kind: 'connection', connection, places: settings.places() };
}

/** `resolved`: null where it can't be told whether they count; then all do. */
function noteIdleSettings(
  settings: ConnectionSettings,
  resolved: ResolvedSettings | null,
  note: (setting: JudgedSetting) => void,
): void {
  for (const key of judgedKeys) {
    const place = settings.writtenAt(key);
    if (place === null || settings.get(key) === undefined) continue;
    const idle = resolved === null ? null : judgeSetting(key, (one) => settings.get(one), resolved);
    note({ place, isNative: settings.isNative(key), idle });
  }
}

interface ConnectionSettings {
  /** Undefined: not given, or given wrongly (`isFaulty`), which the shape check has reported. */
  get<K extends WinrmKey>(key: K): WinrmSettings[K];
  isFaulty(key: WinrmKey): boolean;
  readonly faulty: boolean;
  /** Vault texts where no password is: a setting that is written elsewhere and meant by an alias. */
  readonly sealed: readonly DocumentPlace[];
  placeOf(key: WinrmKey, otherwise: DocumentPlace): DocumentPlace;
  /** Where the file says it, be it by `{{ name }}`; null: nowhere. */
  writtenAt(key: WinrmKey): DocumentPlace | null;
  /** Of a `winrm:` block. */
  isNative(key: WinrmKey): boolean;
  places(): ReadonlyMap<string, DocumentPlace>;
}

/** One variable of a group is the same object for all its hosts: it is judged once. */
const knownVerdicts = new WeakMap<Variable, boolean>();

function isWellFormed(key: string, variable: Variable): boolean {
  const known = knownVerdicts.get(variable);
  if (known !== undefined) return known;
  // The key's own schema, not the whole block's: with a thousand hosts that is felt.
  const schema = isWinrmKey(key) ? winrmSchema.shape[key] : null;
  const verdict =
    variable.isUnsafe === true
      ? typeof variable.value === 'string'
      : schema?.safeParse(variable.value).success === true;
  knownVerdicts.set(variable, verdict);
  return verdict;
}

function isWinrmKey(key: string): key is WinrmKey {
  return Object.hasOwn(winrmSchema.shape, key);
}

/** Native keys win over Ansible's variables, wherever either is written. */
function createSettings(variables: Variables, ansible: ReadonlyMap<WinrmKey, Variable>): ConnectionSettings {
  const found = new Map<string, Variable>([...ansible, ...variables.winrm]);
  const faulty = new Set<string>();
  const sealed: DocumentPlace[] = [];
  const good: Record<string, unknown> = {};
  for (const [key, variable] of found) {
    if (key !== 'password' && typeof variable.value === 'string' && isVaultText(variable.value)) {
      sealed.push(variable.place);
    }
    if (isWellFormed(key, variable)) good[key] = variable.value;
    else faulty.add(key);
  }
  const settings = good as WinrmSettings;
  return {
    get: (key) => settings[key],
    isFaulty: (key) => faulty.has(key),
    faulty: faulty.size > 0,
    sealed,
    placeOf: (key, otherwise) => found.get(key)?.place ?? otherwise,
    writtenAt: (key) => found.get(key)?.reference ?? found.get(key)?.place ?? null,
    isNative: (key) => variables.winrm.has(key),
    places: () => new Map([...found].map(([key, { place }]) => [key, place])),
  };
}

/** Ansible's own: port 5986; http when the port is 5985, https otherwise. Ours: http, unless the port is 5986. */
function chooseSchemeAndPort(
  settings: ConnectionSettings,
  ansibleDefaults: boolean,
): { scheme: 'http' | 'https'; port: number } {
  const given = settings.get('port');
  const usual = ansibleDefaults ? given !== defaultPorts.http : given === defaultPorts.https;
  const scheme = settings.get('scheme') ?? (usual ? 'https' : 'http');
  return { scheme, port: given ?? (ansibleDefaults ? defaultPorts.https : defaultPorts[scheme]) };
}

function readTimeouts(settings: ConnectionSettings): Timeouts {
  const operation = settings.get('operation_timeout_s') ?? defaultSeconds.operation;
  const request = settings.get('request_timeout_s') ?? operation + defaultSeconds.requestMargin;
  return {
    connectMs: toMilliseconds(settings.get('connect_timeout_s') ?? defaultSeconds.connect),
    operationMs: toMilliseconds(operation),
    requestMs: toMilliseconds(request),
    hostMs: toMilliseconds(settings.get('host_timeout_s') ?? Math.max(defaultSeconds.host, request)),
  };
}

function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}

function isAboutUser(issue: Issue): boolean {
  return /ansible_(winrm_)?user:/.test(issue.message);
}

/** Nothing written means: ask. */
function readSecretRef(password: WrittenPassword | undefined, place: DocumentPlace): SecretRef {
  if (password === undefined) return { kind: 'prompt' };
  if (typeof password === 'string') {
    const { document, path } = place;
    const ciphertext = document.vaultedAt(path)?.ciphertext ?? null;
    if (ciphertext === null) return { kind: 'inline', value: password };
    return { kind: 'vault', ciphertext, origin: { file: document.file, ...document.at(path) } };
  }
  return toSecretRef(password, (path) => resolvePath(place, path));
}

/** A relative path is relative to the file that names it. */
function resolvePath(place: DocumentPlace, path: string): string {
  return isAbsolute(path) ? path : join(dirname(place.document.file), path);
}

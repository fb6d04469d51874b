// Ansible's connection variables -> the keys of a `winrm:` block, so that a file people already have works as it is. It
// evaluates no templates (references.ts follows the simplest before) and reads no psrp-only options. Source: the options of Ansible's
// winrm connection plugin (2.19).
import type { Issue } from '../../model/failure.ts';
import { authMethods } from '../../model/target.ts';
import type { AuthMethod } from '../../model/target.ts';
import { findFault } from '../../yaml/shape.ts';
import { describeValue, chooseSecrecyPath } from '../../yaml/words.ts';
import { winrmSchema } from '../schema.ts';
import type { WinrmKey } from '../schema.ts';
import { templateAdvice } from './template.ts';
import { checkUnreadVariable } from './unread-variables.ts';
import { issueAt } from '../variables.ts';
import type { Variable } from '../variables.ts';

export interface AnsibleSettings {
  /** True when the host is said to be reached by WinRM in Ansible's words: then Ansible's default port and scheme hold. */
  readonly usesAnsible: boolean;
  /** Why this host is none of ours (`ansible_connection: ssh`); null when it is. */
  readonly foreign: Issue | null;
  readonly winrm: ReadonlyMap<WinrmKey, Variable>;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/** Of several variables for one key the last that is set wins, as in Ansible. */
const plainVariables: readonly (readonly [string, WinrmKey])[] = [
  ['ansible_host', 'address'],
  ['ansible_winrm_host', 'address'],
  ['ansible_port', 'port'],
  ['ansible_winrm_port', 'port'],
  ['ansible_user', 'username'],
  ['ansible_winrm_user', 'username'],
  ['ansible_password', 'password'],
  ['ansible_winrm_pass', 'password'],
  ['ansible_winrm_password', 'password'],
  ['ansible_winrm_scheme', 'scheme'],
  ['ansible_winrm_path', 'path'],
  ['ansible_winrm_ca_trust_path', 'ca_file'],
  ['ansible_winrm_server_cert_validation', 'certificate_validation'],
  ['ansible_winrm_cert_pem', 'client_certificate_file'],
  ['ansible_winrm_cert_key_pem', 'client_key_file'],
  ['ansible_winrm_kerberos_hostname_override', 'kerberos_hostname'],
  ['ansible_winrm_service', 'kerberos_service'],
  ['ansible_winrm_proxy', 'proxy'],
  ['ansible_winrm_operation_timeout_sec', 'operation_timeout_s'],
  ['ansible_winrm_read_timeout_sec', 'request_timeout_s'],
];

/** Understood, but not by a plain mapping to one key. */
const specialVariables = [
  'ansible_connection',
  'ansible_winrm_transport',
  'ansible_winrm_connection_timeout',
  'ansible_winrm_kerberos_delegation',
  'ansible_winrm_message_encryption',
];

/** Those whose value is a password. */
export const passwordVariables: readonly string[] = plainVariables
  .filter(([, key]) => key === 'password')
  .map(([name]) => name);

/** All others that are read. */
export const openVariables: readonly string[] = [
  ...plainVariables.filter(([, key]) => key !== 'password').map(([name]) => name),
  ...specialVariables,
];

const knownVariables = [...plainVariables.map(([name]) => name), ...specialVariables];

/** Ansible sets the read timeout this much above the operation timeout (option connection_timeout). */
const readMarginSeconds = 10;

/** Reads the variables of one host. Never throws. */
export function readAnsibleSettings(variables: ReadonlyMap<string, Variable>): AnsibleSettings {
  const issues: Issue[] = [];
  const winrm = new Map<WinrmKey, Variable>();
  const connection = variables.get('ansible_connection');
  const foreign = connection === undefined ? null : checkConnection(connection);
  if (foreign !== null) return { usesAnsible: false, foreign, winrm, issues, warnings: [] };

  readConnectionTimeout(variables.get('ansible_winrm_connection_timeout'), winrm, issues);
  for (const [name, key] of plainVariables) {
    const variable = variables.get(name);
    if (variable === undefined) continue;
    const doubt = key === 'password' || key === 'username' ? findDoubt(variable) : null;
    if (doubt !== null) issues.push(makeIssue(variable, doubt));
    if (doubt !== null || variable.value === null) continue;
    const value = readValue(key, variable.value);
    const isUnsafe = key === 'password' && variable.place.document.isUnsafeAt(variable.place.path);
    const shownAs = key === 'password' ? [...variable.place.path, 'secret'] : chooseSecrecyPath(variable.place);
    const fault = isUnsafe && typeof value === 'string' ? null : findFault(winrmSchema.shape[key], value, shownAs);
    if (fault === null) winrm.set(key, { ...placed(variable), value, ...(isUnsafe ? { isUnsafe } : {}) });
    else issues.push(makeIssue(variable, fault));
  }
  const warnings: Issue[] = [];
  readTransport(variables.get('ansible_winrm_transport'), winrm, issues, warnings);
  readDelegation(variables.get('ansible_winrm_kerberos_delegation'), warnings);
  readEncryption(variables.get('ansible_winrm_message_encryption'), warnings);
  for (const [name, variable] of variables) warnings.push(...checkUnreadVariable(name, variable, knownVariables));
  const usesAnsible =
    connection !== undefined || [...variables.keys()].some((name) => name.startsWith('ansible_winrm_'));
  return { usesAnsible, foreign, winrm, issues, warnings };
}

function placed({ place, reference }: Variable): Pick<Variable, 'place' | 'reference'> {
  return { place, ...(reference === undefined ? {} : { reference }) };
}

/** At the reference where there is one: the line of what it means may show a secret under a harmless name. */
function makeIssue({ place, reference }: Variable, fault: string): Issue {
  if (reference === undefined) return issueAt(place, fault);
  const { line, column } = place.document.at(place.path);
  const elsewhere = place.document.file === reference.document.file ? '' : ` of ${place.document.file}`;
  return issueAt(reference, `the referenced value, in line ${line}:${column}${elsewhere}: ${fault}`);
}

function checkConnection(connection: Variable): Issue | null {
  const name = typeof connection.value === 'string' ? connection.value.replace(/^ansible\.builtin\./, '') : null;
  if (name === 'winrm' || name === 'psrp') return null;
  const advice = templateAdvice(connection.value, 'connection');
  return makeIssue(
    connection,
    advice ?? `expected winrm or psrp, got ${describeValue(connection.value, chooseSecrecyPath(connection.place))}`,
  );
}

/** What the file may not mean: a password without quotation marks that is read as a number, or that a `#` cuts short. */
function findDoubt({ place: { document, path } }: Variable): string | null {
  return document.doubtAt(path);
}

/** As Ansible converts it: a number that is written plainly is text where text is due. */
function readValue(key: WinrmKey, value: unknown): unknown {
  if (key === 'port' || key.endsWith('_s')) return readNumber(value);
  return (key === 'password' || key === 'username') && typeof value === 'number' ? String(value) : value;
}

function readNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function readConnectionTimeout(variable: Variable | undefined, winrm: Map<WinrmKey, Variable>, issues: Issue[]): void {
  if (variable === undefined || variable.value === null) return;
  const value = readNumber(variable.value);
  const fault = findFault(winrmSchema.shape.operation_timeout_s, value, chooseSecrecyPath(variable.place));
  if (fault !== null || typeof value !== 'number') {
    issues.push(makeIssue(variable, fault ?? 'expected seconds'));
    return;
  }
  winrm.set('operation_timeout_s', { value, place: variable.place });
  winrm.set('request_timeout_s', { value: value + readMarginSeconds, place: variable.place });
}

/** A ticket that goes on to the host could be used there in the account's name; nothing here needs it. */
function readDelegation(variable: Variable | undefined, warnings: Issue[]): void {
  if (variable === undefined || variable.value === null || isNo(variable.value)) return;
  const advice = 'the ticket is not delegated: Fencepost never connects from one host to another';
  warnings.push(issueAt(variable.place, advice));
}

/** `auto` and `always` ask for what is done anyway. */
function readEncryption(variable: Variable | undefined, warnings: Issue[]): void {
  if (variable?.value !== 'never') return;
  warnings.push(issueAt(variable.place, 'messages over http are always encrypted'));
}

function isNo(value: unknown): boolean {
  return value === false || (typeof value === 'string' && /^(?:no|false|off)$/i.test(value));
}

/** What Ansible calls each way to prove who one is, and what is said here of those that are none of ours. */
const refusedTransports: Readonly<Record<string, string>> = {
  credssp: 'credssp is not supported; write kerberos or ntlm',
  plaintext: 'plaintext means basic authentication over http, which sends the password in clear; write ntlm',
};

function readTransport(
  variable: Variable | undefined,
  winrm: Map<WinrmKey, Variable>,
  issues: Issue[],
  warnings: Issue[],
): void {
  if (variable === undefined || variable.value === null) return;
  const { value, place } = variable;
  const advice = templateAdvice(value, 'auth');
  const written =
    typeof value === 'string' ? value.split(',').map((one) => one.trim()) : Array.isArray(value) ? value : [];
  // pywinrm's older name: with a certificate where there is one.
  const ssl = winrm.has('client_certificate_file') ? 'certificate' : 'basic';
  const names: readonly unknown[] = written.map((one: unknown) => (one === 'ssl' ? ssl : one));
  if (written.includes('ssl')) warnings.push(issueAt(place, `ssl is read as ${ssl}, over https`));
  const usable = names.filter(isSupported);
  // Of Ansible's list the first that works is taken; of ours negotiate alone tries two.
  const known = usable[0] === 'kerberos' && usable[1] === 'ntlm' ? 'negotiate' : usable[0];
  const meant: readonly unknown[] = known === 'negotiate' ? ['negotiate', 'kerberos', 'ntlm'] : [known];
  const first: unknown = names[0];
  const refusal = typeof first === 'string' ? refusedTransports[first] : undefined;
  if (advice !== null) issues.push(makeIssue(variable, advice));
  else if (known === undefined)
    issues.push(
      makeIssue(
        variable,
        refusal ??
          `expected ${authMethods.slice(0, -1).join(', ')} or ${authMethods.at(-1) ?? ''}, got ${describeValue(value, chooseSecrecyPath(place))}`,
      ),
    );
  else winrm.set('auth', { ...placed(variable), value: known });
  if (known !== undefined && names.some((one) => !meant.includes(one))) {
    warnings.push(
      issueAt(place, `of these only ${known === 'negotiate' ? 'kerberos and ntlm are' : `${known} is`} tried`),
    );
  }
}

function isSupported(name: unknown): name is AuthMethod {
  return authMethods.some((one) => one === name);
}

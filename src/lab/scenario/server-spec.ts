// One simulated server as its scenario describes it, with every default filled in. Types and defaults; no reading of files.
import type { ServiceState } from '../../model/facts.ts';
import type { DynamicRange, Family, Protocol, Store } from '../../model/host-state.ts';
import type { PortRange } from '../../model/port-range.ts';
import type { ExchangeRelease, Language, WindowsRelease } from '../machine/releases.ts';
import type { AccountRights } from '../machine/machine.ts';
import { usualQuirks } from '../machine/quirks.ts';
import type { Quirks } from '../machine/quirks.ts';

export interface ExclusionSpec {
  readonly range: PortRange;
  readonly protocol: Protocol;
  readonly administered: boolean;
  readonly stores: readonly Store[];
  readonly families: readonly Family[];
}

/** A process that has a port open. */
export interface HolderSpec {
  readonly port: number;
  readonly protocol: Protocol;
  readonly image: string;
  readonly services: readonly string[];
  readonly families: readonly Family[];
  /** Whether it listens, is bound without listening, or merely has a connection or a TIME_WAIT on that local port. */
  readonly state: 'LISTENING' | 'ESTABLISHED' | 'TIME_WAIT' | 'BOUND';
}

export interface ServiceSpec {
  readonly name: string;
  readonly state: Extract<ServiceState, 'running' | 'stopped'>;
  readonly image: string;
  readonly ports: readonly number[];
}

export const backEndStates = ['stopped', 'running', 'missing'] as const;
type BackEndState = (typeof backEndStates)[number];

export const mishapOperations = [
  'create',
  'command',
  'receive',
  'send',
  'signal',
  'delete',
  'identify',
  'get',
  'enumerate',
  'pull',
  'release',
  'invoke',
  'any',
] as const;
export const plainMishaps = ['drop-before', 'drop-after', 'half-answer', 'hang', 'refuse'] as const;

/** Which request meets the mishap: all given conditions hold together. */
export interface MishapTrigger {
  readonly operation: (typeof mishapOperations)[number];
  /** From the nth request (from 1) that meets the other conditions on, until `times` is used up; null: from the first. */
  readonly nth: number | null;
  /** The command line contains this text. */
  readonly line: string | null;
  /** The nth HTTP request (from 1) to this server, whatever it carries. */
  readonly request: number | null;
}

export type MishapAct =
  | { readonly kind: (typeof plainMishaps)[number] }
  | { readonly kind: 'delay'; readonly delayMs: number }
  /**
   * The connection breaks as if nothing had arrived; the request is carried out behind so many others, as by a server that stood still with it
   * in its queue (a VM that was frozen). Its answer reaches nobody.
   */
  | { readonly kind: 'late'; readonly byRequests: number }
  /** A SOAP fault with this WSManFault code; `text`: what it says, hostile or endless, instead of what Windows would. */
  | { readonly kind: 'fault'; readonly code: number; readonly text?: string }
  | { readonly kind: 'status'; readonly status: number }
  /** Somebody else works on the server right before the request arrives; the request itself is answered as always. */
  | { readonly kind: 'stranger'; readonly deed: StrangerDeed };

/** What somebody else does on a server. Like every command it may come to nothing. */
export type StrangerDeed =
  | {
      readonly does: 'reserve' | 'release';
      readonly protocol: Protocol;
      readonly range: PortRange;
      readonly store: Store;
      readonly families: readonly Family[];
    }
  | { readonly does: 'stop' | 'start'; readonly service: string };

export interface MishapSpec {
  readonly on: MishapTrigger;
  readonly act: MishapAct;
  readonly times: number;
}

/** The ways to log on that the lab knows; client certificates it does not. Kerberos needs a keytab. */
export const labAuthMethods = ['ntlm', 'kerberos', 'basic'] as const;
export type LabAuthMethod = (typeof labAuthMethods)[number];

export interface ServerSpec {
  readonly name: string;
  readonly groups: readonly string[];
  readonly variables: Readonly<Record<string, unknown>>;
  readonly language: Language;
  readonly windows: WindowsRelease;
  readonly exchange: ExchangeRelease | 'none';
  readonly listener: 'http' | 'https';
  readonly auth: readonly LabAuthMethod[];
  readonly dynamic: readonly DynamicRange[];
  readonly exclusions: readonly ExclusionSpec[];
  /** Adds the rows and listeners every WinRM host with IIS has: 80, 443, 5985, 47001, and 50000-50059 with `*`. */
  readonly filler: boolean;
  readonly holders: readonly HolderSpec[];
  readonly imap: BackEndState;
  readonly pop: BackEndState;
  /** ProxyTargetPort: where the back end really listens (windows.md section 4). */
  readonly imapPort: number;
  readonly popPort: number;
  readonly services: readonly ServiceSpec[];
  readonly rights: AccountRights;
  readonly hotfix: boolean;
  /** `wrong`: the inventory that is written for this fleet has a password the server refuses. */
  readonly password: 'right' | 'wrong';
  /** False: nothing listens. */
  readonly reachable: boolean;
  readonly quirks: Quirks;
  readonly mishaps: readonly MishapSpec[];
}

export interface Scenario {
  readonly servers: readonly ServerSpec[];
}

/** A server in good order, with the given differences: an English Exchange 2019 on Windows 2019, back ends stopped. */
export function serverSpec(differences: Partial<ServerSpec> & { readonly name: string }): ServerSpec {
  return {
    groups: [],
    variables: {},
    language: 'en',
    windows: '2019',
    exchange: '2019',
    listener: 'http',
    auth: ['ntlm'],
    dynamic: [],
    exclusions: [],
    filler: true,
    holders: [],
    imap: 'stopped',
    pop: 'stopped',
    imapPort: 9933,
    popPort: 9955,
    services: [],
    rights: 'administrator',
    hotfix: true,
    password: 'right',
    reachable: true,
    quirks: usualQuirks,
    mishaps: [],
    ...differences,
  };
}

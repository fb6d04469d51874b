// What one host answered at one time. Everything here was read from the host; nothing is concluded.
import type { AccountRights } from './rules/account-rights.ts';
import type { Family, HostState, Protocol } from './host-state.ts';

export interface WindowsVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  /** Null on systems whose `ver` prints three numbers only. */
  readonly revision: number | null;
}

/** From the registry, HKLM\SOFTWARE\Microsoft\ExchangeServer\v15\Setup (windows.md section 4, version detection). */
export interface ExchangeVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly revision: number;
}

/** One row of `netstat -ano`: a socket with a local port. A connection or TIME_WAIT holds its local port too. */
export interface Socket {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly localAddress: string;
  readonly localPort: number;
  readonly listening: boolean;
  /** Bound without listening, as far as `netstat -q` tells; not there: no. Such a socket has its port open all the same. */
  readonly bound?: true | undefined;
  readonly processId: number;
}

export interface Process {
  readonly processId: number;
  readonly imageName: string;
  /** Names of the services that run in this process. */
  readonly services: readonly string[];
}

export const serviceStates = [
  'stopped',
  'start-pending',
  'stop-pending',
  'running',
  'continue-pending',
  'pause-pending',
  'paused',
] as const;
export type ServiceState = (typeof serviceStates)[number];

export const startTypes = ['boot', 'system', 'automatic', 'manual', 'disabled'] as const;
export type StartType = (typeof startTypes)[number];

/** A service that was asked about. Not installed is a state of its own (windows.md section 4). */
export type ServiceFacts =
  | { readonly name: string; readonly installed: false }
  | {
      readonly name: string;
      readonly installed: true;
      readonly state: ServiceState;
      /** Null while the service doesn't run. */
      readonly processId: number | null;
      /** Null when Windows did not say. */
      readonly startType: StartType | null;
    };

/** An answer that could not be read completely. While one exists, the host is blocked: never "reserved", never "not reserved". */
export interface Gap {
  /** The question, in words: `exclusions ipv4 tcp persistent`. */
  readonly question: string;
  /** What was wrong with the answer: `line 7: expected two numbers, got "x"`. */
  readonly reason: string;
  /** Windows refused the question: there was no answer to be read. Not there: no. */
  readonly refused?: true | undefined;
}

/** Lines around an answer that are no part of it, such as the error of a helper DLL of netsh. The answer was read all the same. */
export interface Noise {
  readonly question: string;
  /** The first of them, cut to a hundred characters. */
  readonly line: string;
  readonly count: number;
}

export interface HostFacts {
  /** ISO 8601, UTC. */
  readonly collectedAt: string;
  /** Of the account that asked; null: not read. */
  readonly rights: AccountRights | null;
  readonly windows: WindowsVersion;
  /** Null: the registry has no Exchange 2013 or later on this host, or (then there is a gap) that was not read. */
  readonly exchange: ExchangeVersion | null;
  /** False: this host's netsh has no `excludedportrange` (2008 and 2008 R2 without KB2665809). */
  readonly exclusionSupport: boolean;
  readonly state: HostState;
  /** The listening sockets, and every socket on a desired port. */
  readonly sockets: readonly Socket[];
  /** The processes that own one of `sockets`. */
  readonly processes: readonly Process[];
  readonly services: readonly ServiceFacts[];
  readonly gaps: readonly Gap[];
  /** Paths of the guards on the host, of whatever run; null: they could not be listed, so not known. Left out: it was not asked. */
  readonly guards?: readonly string[] | null | undefined;
  /** Absent when there was none. */
  readonly noise?: readonly Noise[] | undefined;
}

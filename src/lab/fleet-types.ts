// What a caller of the lab gives and gets: options, the running fleet, one running server. Types only; fleet.ts makes them.
import type { KerberosService } from '../winrm/auth/kerberos/library.ts';
import type { RequestRecord } from './http/http-handler.ts';
import type { LabClock } from './lab-clock.ts';
import type { Machine } from './machine/machine.ts';
import type { ServerSpec } from './scenario/server-spec.ts';
import type { WireOptions } from './simulated-server.ts';

export interface FleetOptions {
  readonly servers: readonly ServerSpec[];
  /** `user`: `DOMAIN\name`. A server whose spec says `password: wrong` takes another password, which nobody knows. */
  readonly account: { readonly user: string; readonly password: string };
  /** Port of the first server, the next ones counting up; 0: any free port each. Default 0. */
  readonly firstPort?: number;
  /** Every answer is held back so long. Default 0. */
  readonly delayMs?: number;
  /** A command's output is there so long after it started. Default 0. */
  readonly commandMs?: number;
  /** A connection without requests is closed after so long. Default 120000, as HTTP.sys does; Node adds a second. */
  readonly idleCloseMs?: number;
  /** How the wire of a server differs from the usual. */
  readonly wire?: (spec: ServerSpec) => Partial<WireOptions>;
  /** What takes tickets at servers whose `auth` names kerberos. Left out: they take none. */
  readonly kerberos?: KerberosService | null;
  readonly clock?: LabClock;
  readonly randomBytes?: (count: number) => Buffer;
  /** Called for every request, when its answer is decided. */
  readonly onRequest?: (server: string, record: RequestRecord) => void;
}

export interface RunningServer {
  readonly name: string;
  readonly spec: ServerSpec;
  readonly scheme: 'http' | 'https';
  readonly port: number;
  readonly machine: Machine;
  readonly requests: readonly RequestRecord[];
  readonly connectionsOpened: number;
  readonly openShells: number;
  /** Enumerations that were neither finished nor released. */
  readonly openEnumerations: number;
  /** As when the host goes down: nothing listens, connections break, shells are gone. The machine keeps its state. */
  stop(): Promise<void>;
  /** Windows starts again, at once; the listener's port stays. */
  reboot(): void;
  /** Listens again, on the same port. */
  start(): Promise<void>;
}

export interface Fleet {
  readonly account: string;
  readonly servers: readonly RunningServer[];
  /** Throws RangeError for a name that no server has. */
  server(name: string): RunningServer;
  /** The authority that signed the servers' certificates; null when none listens on https. */
  readonly caPem: string | null;
  close(): Promise<void>;
}

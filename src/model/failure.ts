// Failure codes and the one error class that carries them. The layer that knows what went wrong makes the Failure; nobody
// matches message text. Secrets never enter one.
import { cutText } from './text/cut-text.ts';

/** Every code there is. `explain` has a page for each; a code is never reused for another meaning. */
export const failureCodes = [
  // the command line and the files a person wrote
  'usage/invalid',
  'output/unwritable',
  'inventory/unreadable',
  'inventory/invalid',
  'inventory/no-match',
  'inventory/untrusted',
  'playbook/unreadable',
  'playbook/invalid',
  'policy/unreadable',
  'policy/invalid',
  'policy/breach',
  'scenario/invalid',
  'secret/missing',
  // reaching a host
  'connect/name',
  'connect/refused',
  'connect/no-route',
  'connect/timeout',
  'connect/lost',
  'connect/proxy',
  'tls/untrusted',
  'tls/wrong-name',
  'tls/expired',
  'tls/failed',
  'auth/refused',
  'auth/held-back',
  'auth/unsupported',
  'auth/unsafe',
  'auth/server',
  'auth/kerberos-library',
  'auth/kerberos-ticket',
  'auth/kerberos-clock',
  'auth/kerberos-service',
  'auth/kerberos-realm',
  'auth/kerberos-kdc',
  'auth/kerberos-failed',
  // asking a directory
  'directory/no-controller',
  'directory/stronger-auth',
  'directory/refused',
  'directory/silent',
  'directory/unread',
  'directory/no-exchange',
  // HTTP and WS-Management
  'http/status',
  'http/not-winrm',
  'wire/invalid',
  'wire/unsealed',
  'wire/fault',
  'wire/access-denied',
  'wire/quota',
  'wire/shell-gone',
  'wire/too-large',
  'cim/not-found',
  'command/too-long',
  'deadline/request',
  'deadline/host',
  'interrupted',
  'change/refused-read-only',
  // reading and changing Windows
  'answer/incomplete',
  'step/no-effect',
  'step/refused',
  'step/unread',
  'step/disputed',
  'step/not-as-desired',
  // plans, runs, journals
  'plan/unreadable',
  'plan/damaged',
  'plan/already-applied',
  'plan/other-connection',
  'plan/other-port',
  'approval/missing',
  'approval/not-signed',
  'approval/ssh-keygen',
  'run/unknown',
  'run/stale',
  'run/not-confirmed',
  'run/host-locked',
  'run/lease-lost',
  'run/left-behind',
  'run/cannot-rollback',
  'run/cannot-resume',
  'run/cannot-join',
  'run/site-secret',
  'run/other-connection',
  'run/other-port',
  'run/window',
  'run/out-of-time',
  'journal/unwritable',
  'journal/damaged',
  'state/unavailable',
  'state/other-version',
  'rollback/changed-since',
  // the guards of hosts
  'guard/not-armed',
  'guard/late',
  'guard/gone',
  'guard/still-armed',
  'guard/none',
  'internal/bug',
] as const;
export type FailureCode = (typeof failureCodes)[number];

/**
 * Whether trying again can help. `same-request`: as it is; `new-session`: after connecting again; `never`: a person has to act.
 */
export type Retry = 'never' | 'same-request' | 'new-session';

/** One fault in a file that a person wrote. `line` and `column` count from 1; 0 = the file as a whole. */
export interface Issue {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What was found and what is allowed: `hosts.ex01.port: expected a port from 1 to 65535, got 70000`. */
  readonly message: string;
}

export interface FailureDetails {
  /** Host, step, or file; null when there is none. Never said again in the message: a renderer puts it in front. */
  readonly where?: string | null;
  /** The next thing to try, as a command where there is one. */
  readonly hint?: string | null;
  readonly retry?: Retry;
  /** `unknown`: what failed may have changed something: a request that was lost, a run that broke off. */
  readonly effect?: 'none' | 'unknown';
  readonly issues?: readonly Issue[];
  readonly cause?: unknown;
}

/** Whatever goes into a message: neither a terminal nor a journal gets more. */
const longestMessage = 4000;

export class Failure extends Error {
  readonly code: FailureCode;
  readonly where: string | null;
  readonly hint: string | null;
  readonly retry: Retry;
  readonly effect: 'none' | 'unknown';
  readonly issues: readonly Issue[];

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(cutText(message, longestMessage), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Failure';
    this.code = code;
    this.where = details.where ?? null;
    this.hint = details.hint === undefined || details.hint === null ? null : cutText(details.hint, longestMessage);
    this.retry = details.retry ?? 'never';
    this.effect = details.effect ?? 'none';
    this.issues = details.issues ?? [];
  }
}

/** A Failure as plain data, for journals and JSON output. */
export interface FailureRecord {
  readonly code: FailureCode;
  readonly message: string;
  readonly where: string | null;
  readonly hint: string | null;
}

export function failureRecord(failure: Failure): FailureRecord {
  return { code: failure.code, message: failure.message, where: failure.where, hint: failure.hint };
}

/** Any thrown value as a Failure; what is not one already is a bug of ours and is named so. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure('internal/bug', `unexpected error: ${message}`, {
    hint: 'run again with --debug and report the output',
    cause: thrown,
  });
}

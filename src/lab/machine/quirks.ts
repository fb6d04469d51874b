// What nobody has recorded about Windows, as choices of the scenario. Each default is the likelier reading of the sources
// in facts windows.md; a test that matters runs under the other reading too. Pure data.
import type { Family } from '../../model/host-state.ts';

export const duplicateAddChoices = ['in-use', 'exists', 'ok'] as const;
export const emptyShowChoices = ['table', 'blank'] as const;
export const persistentShowChoices = ['rows', 'frame', 'blank'] as const;
export const persistentRegistryChoices = ['kept', 'missing', 'denied', 'other-form'] as const;
/** `in-use-too`: taken even while a socket has the port open. */
export const missingHalfChoices = ['ok', 'in-use-too', 'refused'] as const;
export const effectChoices = ['at-once', 'next-boot'] as const;
export const refuseAddChoices = ['none', 'ipv4', 'ipv6'] as const;

/** Why `sc stop` is refused (ControlService), and `sc start` (StartService). `busy-once`: only the first time. */
export const refuseStopChoices = ['none', 'busy-once', 'busy', 'dependents', 'not-stoppable'] as const;
export const refuseStartChoices = ['none', 'dependency', 'logon'] as const;

export const netshNoiseChoices = ['none', 'helper-dll', 'helper-error', 'notice'] as const;

export const lostOutputChoices = ['given-again', 'same-message-only', 'gone'] as const;

export const cimRangeChoices = ['as-netsh', 'one-template', 'other'] as const;
export const cimServiceChoices = ['as-sc', 'stale'] as const;

/** What becomes of a task that `schtasks /create` is given. */
export const taskCreateChoices = ['kept', 'denied', 'ok-but-gone'] as const;

export const tasklistChoices = ['denied', 'without-services'] as const;

export interface Quirks {
  /**
   * IPv4 and IPv6 share one exclusion list per protocol. windows.md section 3: the IP Helper call takes no family, and
   * bigfix.me 27007 says both write one key. Doubt: no transcript of "add ipv4, then add ipv6" was found.
   */
  readonly oneList: boolean;
  /**
   * What an `add` says about a range that is there already. `in-use`: the API documents ERROR_SHARING_VIOLATION for
   * "matches or overlaps"; `exists`: netsh's own text may be another; `ok`: it says Ok. and changes nothing. Doubt.
   */
  readonly duplicateAdd: (typeof duplicateAddChoices)[number];
  /** What `show ... store=persistent` prints when that store is empty: the frame, or one blank line. Doubt: no recording. */
  readonly persistentShowWhenEmpty: (typeof emptyShowChoices)[number];
  /**
   * What `show ... store=persistent` prints of the rows that are there: them; the frame without any; or one blank line. windows.md
   * section 0, point 9: one observer saw no rows although the range was permanent, and nobody published a listing with rows.
   */
  readonly persistentShow: (typeof persistentShowChoices)[number];
  /**
   * What `reg query` says of the key that holds the persistent ranges (windows.md section 3, community): them; that there is no such
   * key; that access is denied; or values of a form nobody described. Doubt: Microsoft documents neither key nor form.
   */
  readonly persistentRegistry: (typeof persistentRegistryChoices)[number];
  /**
   * An `add store=persistent` for a range that is in the active store only: taken, or refused with the sharing violation. Doubt: the API
   * documents that for whatever "matches or overlaps" (windows.md section 2), and nobody recorded a range in one store alone.
   */
  readonly addPersistentOverActive: (typeof missingHalfChoices)[number];
  /** The same of an `add store=active` for a range that is in the persistent store only. */
  readonly addActiveOverPersistent: (typeof missingHalfChoices)[number];
  /**
   * When a default `add` reaches the active store. `at-once` is recorded (transcript-add-en-1); `next-boot` is what
   * Microsoft's RPC printing page suggests ("restart after both").
   */
  readonly addTakesEffect: (typeof effectChoices)[number];
  /** A default `delete` leaves the active store as it is until the next boot. Doubt; help-delete-es-1 says permanent only. */
  readonly deletePersistentKeepsActive: boolean;
  /** Every `add` on this family is refused with the sharing violation, whatever the tables say. A rehearsal of half success. */
  readonly refuseAdd: Family | 'none';
  /** Refusals print their text and exit with 0. windows.md section 2: no exit code of a refused add was ever measured. */
  readonly exitCodesLie: boolean;
  /** This service never comes up again: `sc start` is taken, the process ends. Null: every service starts. */
  readonly scStartFails: string | null;
  /** With `scStartFails`: the SERVICE_EXIT_CODE of its own that it ends with (WIN32_EXIT_CODE 1066). 0: its process aborts (1067). */
  readonly scStartExitCode: number;
  /** Every `sc stop`, or every `sc start`, is refused: the service stays as it is. */
  readonly refuseStop: (typeof refuseStopChoices)[number];
  readonly refuseStart: (typeof refuseStartChoices)[number];
  /** How many status queries still see START_PENDING or STOP_PENDING after `sc start` or `sc stop`. */
  readonly pendingQueries: number;
  /**
   * How many status queries a service that runs again listens on 0.0.0.0 only. Exchange binds [::] after it, with a socket of its own, and
   * tries for up to 60 s (windows.md section 8, SO_REUSEADDR).
   */
  readonly ipv4OnlyQueries: number;
  /**
   * Output whose answer was lost on the way. `given-again`: to whatever Receive comes next; `same-message-only`: to a repeat with the same
   * MessageID, and any other goes on behind it, as an independent server does; `gone`: to nobody. Doubt (wsman.md section 0, fact 7).
   */
  readonly lostOutput: (typeof lostOutputChoices)[number];
  /**
   * What MSFT_NetTCPSetting says of the dynamic range: what netsh shows; that, but the template Datacenter has a range of its own; or
   * all templates another one. Doubt: which template netsh shows is not documented.
   */
  readonly cimRange: (typeof cimRangeChoices)[number];
  /** Win32_Service says what sc says, or the opposite, as a provider that lags behind. A rehearsal of disagreement. */
  readonly cimServices: (typeof cimServiceChoices)[number];
  /**
   * The command line in the registry value AutoRun of the Command Processor, which every cmd without /D carries out first (`cmd /?`); null:
   * there is none. The cmd of a WinRM shell is started without /D (issue 13 point 16).
   */
  readonly cmdAutoRun: string | null;
  /**
   * Programs of which the current folder has a script of the same name. cmd looks there before it searches PATH (Microsoft's page of the
   * command `path`), so a bare name finds the script.
   */
  readonly scriptsInFolder: readonly string[];
  /**
   * What netsh prints around every answer: nothing; before it, that a helper DLL cannot be loaded (console-samples/netsh-err-helper-dll-en-1);
   * the same with numbers in it, also as a line of its own (issue 13 point 17); or behind it the notice that netsh may go away
   * (console-samples/netsh-notice-tcpip-en-1).
   */
  readonly netshNoise: (typeof netshNoiseChoices)[number];
  /** The NTLM challenge bears the time, as since Windows Vista; without it there is no MIC (MS-NLMP 3.1.5.1.2). */
  readonly ntlmTimestamp: boolean;
  /**
   * What `tasklist /svc` gives an account that is no administrator. `denied`: a published session (console-samples/tasklist-err-en-1);
   * `without-services`: every process, and N/A for all services (pywinrm#306, Windows 2012).
   */
  readonly tasklistForUsers: (typeof tasklistChoices)[number];
  /** Programs that a policy of the domain keeps from starting (AppLocker, software restriction). Text and exit code: not recorded. */
  readonly forbiddenPrograms: readonly string[];
  /**
   * `denied`: a policy lets nobody create tasks (exit code 1); `ok-but-gone`: schtasks says it is there, and a guard program has taken it
   * away at once (T1053.005: security products watch new SYSTEM tasks). Rehearsals; neither is recorded.
   */
  readonly taskCreate: (typeof taskCreateChoices)[number];
  /** The machine runs on its UPS: tasks with the usual settings do not start (facts: windows.md section 9). */
  readonly onBattery: boolean;
  /** The account may not read Exchange's key: `reg query` ends with 1 for it, as it does for a key that is not there. Doubt. */
  readonly exchangeKeyDenied: boolean;
}

export const usualQuirks: Quirks = {
  oneList: true,
  duplicateAdd: 'in-use',
  persistentShowWhenEmpty: 'table',
  persistentShow: 'rows',
  persistentRegistry: 'kept',
  addPersistentOverActive: 'ok',
  addActiveOverPersistent: 'ok',
  addTakesEffect: 'at-once',
  deletePersistentKeepsActive: false,
  refuseAdd: 'none',
  exitCodesLie: false,
  scStartFails: null,
  scStartExitCode: 0,
  refuseStop: 'none',
  refuseStart: 'none',
  pendingQueries: 1,
  ipv4OnlyQueries: 0,
  lostOutput: 'given-again',
  cimRange: 'as-netsh',
  cimServices: 'as-sc',
  cmdAutoRun: null,
  scriptsInFolder: [],
  netshNoise: 'none',
  ntlmTimestamp: true,
  tasklistForUsers: 'denied',
  forbiddenPrograms: [],
  taskCreate: 'kept',
  onBattery: false,
  exchangeKeyDenied: false,
};

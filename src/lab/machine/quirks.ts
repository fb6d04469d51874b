// What nobody has recorded about Windows, as choices of the scenario. Each default is the likelier reading of the sources
// in facts windows.md; a test that matters runs under the other reading too. Pure data.
import type { Family } from '../../model/host-state.ts';

export const duplicateAddChoices = ['in-use', 'exists', 'ok'] as const;
export const emptyShowChoices = ['table', 'blank'] as const;
export const persistentShowChoices = ['rows', 'frame', 'blank'] as const;
export const persistentRegistryChoices = ['kept', 'missing', 'denied', 'other-form'] as const;
export const overActiveChoices = ['ok', 'refused'] as const;
export const effectChoices = ['at-once', 'next-boot'] as const;
export const refuseAddChoices = ['none', 'ipv4', 'ipv6'] as const;

export const lostOutputChoices = ['given-again', 'same-message-only', 'gone'] as const;

export const cimRangeChoices = ['as-netsh', 'one-template', 'other'] as const;
export const cimServiceChoices = ['as-sc', 'stale'] as const;

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
  /** An `add store=persistent` for a range that is in the active store only: taken, or refused as a duplicate. Doubt. */
  readonly addPersistentOverActive: (typeof overActiveChoices)[number];
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
  /** How many status queries still see START_PENDING or STOP_PENDING after `sc start` or `sc stop`. */
  readonly pendingQueries: number;
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
}

export const usualQuirks: Quirks = {
  oneList: true,
  duplicateAdd: 'in-use',
  persistentShowWhenEmpty: 'table',
  persistentShow: 'rows',
  persistentRegistry: 'kept',
  addPersistentOverActive: 'ok',
  addTakesEffect: 'at-once',
  deletePersistentKeepsActive: false,
  refuseAdd: 'none',
  exitCodesLie: false,
  scStartFails: null,
  pendingQueries: 1,
  lostOutput: 'given-again',
  cimRange: 'as-netsh',
  cimServices: 'as-sc',
};

// What a second way of asking (CIM) said beside the first (netsh and sc). Words only: the tables decide what is done, never this.

export const crossCheckResults = ['disagrees', 'templates-differ', 'not-read', 'not-available'] as const;

/**
 * disagrees: the two ways say different things, and did so when asked again. templates-differ: the range that netsh shows is that of
 * some TCP templates, while others have another. not-read: the second way gave no usable answer. not-available: this Windows has it not.
 */
export type CrossCheckResult = (typeof crossCheckResults)[number];

export interface CrossCheckFinding {
  readonly result: CrossCheckResult;
  /** `dynamic range tcp`, `service MSExchangeIMAP4BE` */
  readonly about: string;
  readonly sentence: string;
  /** What to do; null where there is nothing. */
  readonly hint: string | null;
}

export interface CrossCheck {
  /** Questions to which both ways gave the same answer. */
  readonly agreed: readonly string[];
  readonly findings: readonly CrossCheckFinding[];
}

/** Whether a person has to look at the host. */
export function isInDoubt({ findings }: CrossCheck): boolean {
  return findings.some(({ result }) => result === 'disagrees' || result === 'not-read');
}

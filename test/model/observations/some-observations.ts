// Observations for tests: one written out, with differences.
import type { HostObservations, Observation } from '../../../src/model/observations/observation.ts';
import { portRange } from '../../../src/model/port-range.ts';

/** `05T02:00` -> a full moment of December 2026. */
export const at = (moment: string): string => `2026-12-${moment}:00.000Z`;

const version = (revision: number) => ({ major: 15, minor: 0, build: 1497, revision });

export function seen(moment: string, differences: Partial<Observation> = {}): Observation {
  return {
    at: at(moment),
    by: 'verify',
    run: null,
    verdict: null,
    state: 'ok',
    differences: [],
    code: null,
    windows: { major: 6, minor: 3, build: 9600, revision: 1 },
    exchange: version(2),
    dynamicRanges: [{ protocol: 'tcp', family: 'ipv4', range: portRange(49152, 16384) }],
    ...differences,
  };
}

export const drifted = {
  state: 'changes',
  differences: [{ is: 'not-reserved', protocol: 'tcp', family: 'ipv4', range: portRange(9933) }],
} as const satisfies Partial<Observation>;

export const unreached = {
  state: 'unreachable',
  code: 'connect/timeout',
  windows: null,
  exchange: null,
  dynamicRanges: [],
} as const satisfies Partial<Observation>;

export const updated = {
  exchange: version(48),
  dynamicRanges: [{ protocol: 'tcp', family: 'ipv4', range: portRange(6005, 59530) }],
} as const satisfies Partial<Observation>;

export function historyOf(
  spans: HostObservations['spans'],
  differences: Partial<HostObservations> = {},
): HostObservations {
  return { host: 'ex01', endpoint: '10.0.0.1:5985', desired: 'd', playbook: 'ports', spans, ...differences };
}

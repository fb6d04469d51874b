// What the hosts of a fleet were seen to have alike is in memory once, so that the histories of ten thousand fit. Pure: what is said of each
// host is the same before and after.
import { createAlike } from '../lists/alike.ts';
import type { HostObservation, HostObservations } from './observation.ts';

interface ObservationSharing {
  readonly observation: (one: HostObservation) => HostObservation;
  readonly history: (one: HostObservations) => HostObservations;
}

/** Remembers distinct parts it has seen, for as long as it is itself remembered. */
export function createObservationSharing(): ObservationSharing {
  const { each } = createAlike();
  return {
    observation: (one) => ({ ...one, observation: each(one.observation) }),
    history: (one) => ({ ...one, spans: one.spans.map(each) }),
  };
}

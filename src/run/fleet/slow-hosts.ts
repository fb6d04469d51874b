// How long a host may keep its place while others wait. A host that takes four times as long as usual is dead or slow and only waits: it
// lends its place, so that a switch that is down does not hold up the fleet. Only for questions: for changes the limit is strict.
import type { Clock } from '../../model/seams.ts';
import type { Place } from './pool.ts';

const slownessFactor = 4;
/** As long as too few have answered to know what is usual. */
const firstMs = 5000;
const leastMs = 1000;
/** The latest answers make the measure: it follows when the whole network becomes slower. */
const remembered = 31;
const enough = 5;

export interface SlowHosts {
  /** Watches one host from now on. The returned function ends that; `answered`: its time counts as usual. */
  watch(place: Place): (answered: boolean) => void;
}

export function createSlowHosts(clock: Clock): SlowHosts {
  const latestMs: number[] = [];
  return {
    watch(place) {
      const startedMs = clock.elapsedMs();
      const timer = setTimeout(() => {
        place.lend();
      }, computeLendAfterMs(latestMs));
      timer.unref();
      return (answered) => {
        clearTimeout(timer);
        if (!answered) return;
        latestMs.push(clock.elapsedMs() - startedMs);
        if (latestMs.length > remembered) latestMs.shift();
      };
    },
  };
}

/** Of the latest hosts' times: four times their median, within bounds. */
export function computeLendAfterMs(latestMs: readonly number[]): number {
  if (latestMs.length < enough) return firstMs;
  const sorted = latestMs.toSorted((a, b) => a - b);
  return Math.max(leastMs, slownessFactor * (sorted[Math.floor(sorted.length / 2)] ?? firstMs));
}

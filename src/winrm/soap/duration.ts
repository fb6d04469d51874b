// ISO 8601 durations as WS-Management writes them (xs:duration, XML Schema part 2 section 3.2.6), from and to milliseconds.
// Years and months are deliberately refused: they have no fixed length and Windows never sends them.
import { Failure } from '../../model/failure.ts';

/** `PT20.000S`, the form Windows itself writes (ms-wsmv/4.7.1). Throws RangeError for what is no whole number of milliseconds. */
export function writeDuration(durationMs: number): string {
  if (!Number.isInteger(durationMs)) throw new RangeError(`expected whole milliseconds, got ${durationMs}`);
  return `${durationMs < 0 ? '-' : ''}PT${(Math.abs(durationMs) / 1000).toFixed(3)}S`;
}

const form = /^(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Milliseconds; negative for `-PT1S`. Throws Failure `wire/invalid`. */
export function readDuration(text: string): number {
  const found = form.exec(text.trim());
  const [, minus, days, hours, minutes, seconds] = found ?? [];
  const empty = [days, hours, minutes, seconds].every((one) => one === undefined);
  if (found === null || empty || text.trim().endsWith('T')) {
    throw new Failure('wire/invalid', `expected a duration such as PT20S, got "${text.slice(0, 40)}"`);
  }
  const total =
    Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  return Math.round(total * 1000) * (minus === undefined ? 1 : -1);
}

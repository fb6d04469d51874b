// Times as a report prints them: UTC, because the reader and the servers may sit in different zones, and said to be so.

/** `22:01:14.203` of an ISO 8601 text in UTC. */
export function clockTime(at: string): string {
  return at.slice(11, 23).replace(/Z$/, '');
}

/** `2026-12-05 22:01:14 UTC` */
export function dayAndTime(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}

/** `1 min 20 s`; `0.4 s` below ten seconds. */
export function spanWords(fromAt: string, toAt: string): string {
  const seconds = Math.max(0, (Date.parse(toAt) - Date.parse(fromAt)) / 1000);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}

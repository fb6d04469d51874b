// A date and time as people write it into a playbook -> the same moment in UTC. An offset is required: "22:00" alone is two
// moments in the night the clocks go back, and another one on a jump host abroad. Source: RFC 3339.

export type ParsedMoment = { readonly utc: string; readonly fault: null } | { readonly fault: string };

const shape =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.0{1,9})?)?\s?(?:([Zz])|([+-])(\d{2}):?(\d{2}))?$/;

/** Without its fraction a window would open up to a second too early. */
const hasFraction = /:\d{2}\.\d/;

/** The same shape with its offset, for the JSON Schema that editors read. */
export const momentPattern = shape.source.replace('^', '^\\s*').replace(/\)\?\$$/, ')\\s*$');

/** ISO 8601 text in UTC, to the second; or what is wrong. */
export function parseMoment(text: string): ParsedMoment {
  const found = shape.exec(text.trim());
  if (found === null && hasFraction.test(text)) return { fault: 'a moment is whole seconds; leave out the fraction' };
  if (found === null) return { fault: 'expected a date and time with a UTC offset, such as 2026-12-05T22:00:00+01:00' };
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part));
  const [, , , , , , , zulu, sign, offsetHours = '0', offsetMinutes = '0'] = found;
  if (zulu === undefined && sign === undefined) {
    return { fault: `the offset from UTC is missing; write ${text.trim()}+01:00 or ${text.trim()}Z` };
  }
  const wall = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, Number.isNaN(second) ? 0 : second);
  const back = new Date(wall);
  const same = back.getUTCMonth() + 1 === month && back.getUTCDate() === day && back.getUTCHours() === hour;
  if (!same || (minute ?? 0) > 59 || (second ?? 0) > 59) return { fault: 'no such date or time' };
  if (Number(offsetHours) > 14 || Number(offsetMinutes) > 59)
    return { fault: 'an offset from UTC is at most 14 hours' };
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '-' ? -1 : 1);
  return { utc: new Date(wall - offset * 60_000).toISOString().replace('.000Z', 'Z'), fault: null };
}

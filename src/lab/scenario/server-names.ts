// Server names with a range, `ex[01:12].corp.example`, as Ansible's inventories write host ranges: both ends belong to it, a
// leading zero sets the width, a third number is the step. One range per name; letters are not ranged.

/** More servers than this in one name is surely a slip of the finger. */
const mostServers = 2000;

/** The names, or what is wrong with the range. A name without brackets is itself. */
export function expandServerNames(name: string): string[] | string {
  const parts = /^([^[\]]*)\[(\d+):(\d+)(?::(\d+))?\]([^[\]]*)$/.exec(name);
  if (parts === null) {
    return /[[\]]/.test(name) ? `expected a range like ex[01:12], got ${name}` : [name];
  }
  const [, before = '', from = '', to = '', stepText, after = ''] = parts;
  const [first, last, step] = [Number(from), Number(to), Number(stepText ?? '1')];
  if (last < first) return `a range must not go backwards, got ${from}:${to}`;
  if (step < 1) return `expected a step of at least 1, got ${step}`;
  if (from.startsWith('0') && from.length > 1 && to.length !== from.length) {
    return `both ends of a zero-padded range must have the same length, got ${from}:${to}`;
  }
  const howMany = Math.floor((last - first) / step) + 1;
  if (howMany > mostServers) return `expected at most ${mostServers} servers, got ${howMany}`;
  const width = from.startsWith('0') ? from.length : 0;
  return Array.from({ length: howMany }, (_, index) => {
    return `${before}${String(first + index * step).padStart(width, '0')}${after}`;
  });
}

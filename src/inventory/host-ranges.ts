// A key under `hosts:` -> the hosts it stands for: `ex[01:20].corp`, `ex[a:d]`, `db[1:9:2]-[x:z]`, `ex01:5986`.
// It looks nothing up. Source: Ansible's host ranges (both ends included, zeros kept, steps, letters a-z then A-Z).

export type HostRangeResult =
  | { readonly names: readonly string[]; readonly port: number | null; readonly fault: null }
  | { readonly fault: string };

/** More hosts than this in one key is a slip of the hand, not a fleet. */
const mostHosts = 10_000;
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The names in order, and the port behind a colon when there is one; or what is wrong. */
export function expandHostRanges(written: string): HostRangeResult {
  const { name, port } = splitPort(written);
  if (port !== null && (port < 1 || port > 65_535)) return { fault: `expected a port from 1 to 65535, got ${port}` };
  const expanded = expand(name);
  if (typeof expanded === 'string') return { fault: expanded };
  const strange = expanded.find((one) => !/^[^\s,!&~*?[\]/\\'"]+$/.test(one));
  if (strange !== undefined) {
    return {
      fault: `expected a host name, an IP address or a range such as ex[01:20], got ${JSON.stringify(strange)}`,
    };
  }
  return { names: expanded, port, fault: null };
}

function splitPort(written: string): { readonly name: string; readonly port: number | null } {
  const bracketed = /^\[([0-9a-fA-F]*:[0-9a-fA-F:.]*(?:%\w+)?)\](?::(\d{1,6}))?$/.exec(written);
  // `[fe80::1]` is an address, `[1:3]` a range: an address has two colons or more, and neighbours among them.
  if (bracketed?.[1]?.includes('::') === true || bracketed?.[1]?.split(':').length === 8) {
    return { name: bracketed[1], port: bracketed[2] === undefined ? null : Number(bracketed[2]) };
  }
  const outside = written.replaceAll(/\[[^\]]*\]/g, '');
  const plain = /^(.*[^:]):(\d{1,6})$/.exec(written);
  if (plain?.[1] === undefined || outside.split(':').length !== 2) return { name: written, port: null };
  return { name: plain[1], port: Number(plain[2]) };
}

/** The names, or what is wrong with the first range that is not one. */
function expand(name: string): readonly string[] | string {
  const range = /^([^[]*)\[([^\]]*)\](.*)$/s.exec(name);
  if (range === null) return name.includes('[') ? 'missing ] at the end of a range' : [name];
  const [, head = '', inside = '', tail = ''] = range;
  const steps = expandSequence(inside);
  const tails = expand(tail);
  if (typeof steps === 'string') return steps;
  if (typeof tails === 'string') return tails;
  if (steps.length * tails.length > mostHosts) return `this range has more than ${mostHosts} hosts`;
  return steps.flatMap((step) => tails.map((rest) => `${head}${step}${rest}`));
}

function expandSequence(inside: string): readonly string[] | string {
  const [first = '', last = '', step = '1', ...more] = inside.split(':');
  const shape = `expected a range such as [01:20], [a:d] or [1:9:2], got [${inside}]`;
  if (!inside.includes(':') || more.length > 0 || !/^[1-9]\d{0,5}$/.test(step)) return shape;
  if (/^[A-Za-z]$/.test(first) && /^[A-Za-z]$/.test(last)) {
    const [from, to] = [letters.indexOf(first), letters.indexOf(last)];
    if (from > to) return `a range must not go backwards, got [${inside}]`;
    return Array.from(letters.slice(from, to + 1)).filter((_, at) => at % Number(step) === 0);
  }
  const begin = first === '' ? '0' : first;
  if (!/^\d{1,9}$/.test(begin) || !/^\d{1,9}$/.test(last)) return shape;
  const padded = begin.startsWith('0') && begin.length > 1;
  if (padded && begin.length !== last.length)
    return `both ends of a zero-padded range must have the same length, got [${inside}]`;
  if (Number(begin) > Number(last)) return `a range must not go backwards, got [${inside}]`;
  if ((Number(last) - Number(begin)) / Number(step) >= mostHosts) return `this range has more than ${mostHosts} hosts`;
  const numbers: string[] = [];
  for (let at = Number(begin); at <= Number(last); at += Number(step)) {
    numbers.push(padded ? String(at).padStart(begin.length, '0') : String(at));
  }
  return numbers;
}

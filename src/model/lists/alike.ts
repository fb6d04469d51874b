// Equal parts of many things become one object: hosts of a fleet are alike, and what ten thousand of them have alike is in memory once.
// Pure: what it is given and what it gives back read the same.

/** Parts that differ from host to host are not worth remembering: what a fleet has alike shows early. */
const mostKnown = 4096;

export interface Alike {
  /** The first part seen that is equal, as JSON has it; the part itself when there is none. */
  readonly one: <T>(part: T) => T;
  /** The same text, as it was seen first. */
  readonly text: (text: string) => string;
  /** A copy of an object whose parts are shared, though the object itself may be the only one of its kind. */
  readonly each: <T extends object>(parts: T) => T;
}

/** Remembers distinct parts it has seen, for as long as it is itself remembered. */
export function createAlike(): Alike {
  const known = new Map<string, unknown>();
  const texts = new Map<string, string>();
  const text = (given: string): string => {
    const same = texts.get(given);
    if (same === undefined && texts.size < mostKnown) texts.set(given, given);
    return same ?? given;
  };
  const one = <T>(part: T): T => {
    if (typeof part !== 'object' || part === null) return part;
    const key = JSON.stringify(part);
    const same = known.get(key);
    if (same === undefined && known.size < mostKnown) known.set(key, part);
    return (same ?? part) as T;
  };
  const each = <T extends object>(parts: T): T => {
    // A copy first, then the parts: so V8 keeps the fields in the object, not in a table beside it.
    const copy = { ...parts };
    for (const name of Object.keys(copy) as (keyof T)[]) {
      const part = copy[name];
      copy[name] = typeof part === 'string' ? (text(part) as typeof part) : one(part);
    }
    return copy;
  };
  return { one, text, each };
}

// Seeded chance: the same seed, the same throws. Every consumer takes a die of its own, so that the order in which hosts happen to be
// served has no say in what is thrown. Mulberry32 (public domain algorithm by T. Ettinger), not for secrets.

export interface Dice {
  /** A number from 0 up to, not including, 1. */
  roll(): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  /** One of the list. Throws RangeError when it is empty. */
  pick<T>(list: readonly T[]): T;
  /** A die of its own for `name`, the same for the same seed and name. */
  fork(name: string): Dice;
}

export function throwDice(seed: number): Dice {
  let state = seed >>> 0;
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    roll,
    chance: (probability) => roll() < probability,
    between: (from, to) => from + Math.floor(roll() * (to - from + 1)),
    pick(list) {
      const picked = list[Math.floor(roll() * list.length)];
      if (picked === undefined) throw new RangeError('expected something to pick from');
      return picked;
    },
    fork(name) {
      let hash = seed >>> 0;
      for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
      return throwDice(hash);
    },
  };
}

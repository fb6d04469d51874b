// Every field of a JSON document forged in turn: left out, of another kind, a little off, and as a forger would like it. Knows no format;
// who calls makes the digests again (forge.ts) and says what may come of it.
import { amount } from './amount.ts';
import type { Json } from './forge.ts';

export interface ForgedField {
  /** As `hosts.*.steps.*.range.firstPort`, whatever the index. */
  readonly path: string;
  readonly value: Json;
  readonly forged: Json;
}

type Keys = readonly (string | number)[];

const hostile: readonly Json[] = [
  null,
  true,
  false,
  -1,
  0,
  1,
  25,
  1.5,
  70_000,
  '',
  'MSExchangeTransport',
  'ex02',
  [],
  {},
];

/** Every field is forged, with every n-th of the values: others for each field, the same each time. */
export const forgeryStride = amount({ share: 7, ci: 1 });

/** `places`: how many fields of one path are forged; the hosts of a fleet and their steps have the same ones. */
export function* forgeEachField(json: Json, places: number): Generator<ForgedField> {
  const seen = new Map<string, number>();
  let turn = 0;
  for (const keys of keysOf(json)) {
    const path = keys.map((key) => (typeof key === 'number' ? '*' : key)).join('.');
    const count = (seen.get(path) ?? 0) + 1;
    seen.set(path, count);
    if (count > places) continue;
    const found = get(json, keys);
    turn += 1;
    for (const [index, value] of [...hostile, ...slightlyOff(found)].entries()) {
      if ((index + turn) % forgeryStride !== 0) continue;
      if (JSON.stringify(value) !== JSON.stringify(found)) yield { path, value, forged: withValue(json, keys, value) };
    }
    yield { path, value: 'nothing', forged: withValue(json, keys, undefined) };
  }
}

function slightlyOff(found: Json): readonly Json[] {
  if (typeof found === 'number') return [found + 1, found - 1, String(found)];
  if (typeof found === 'string') {
    const bits = found === '' ? [] : [found.slice(1), `${found.slice(0, -1)}${found.endsWith('0') ? '1' : '0'}`];
    return [...bits, found.toUpperCase(), `${found} & net user backdoor P4ss /add`, `${found}\u001b]52;c;eA==\u0007`];
  }
  if (Array.isArray(found)) return [[...found, ...found], found.slice(1), found.toReversed()];
  if (typeof found === 'object' && found !== null) return [{ ...found, line: 'net user backdoor P4ss /add' }];
  return [];
}

/** The keys that lead to every value inside, the outer ones first. */
function* keysOf(json: Json, above: Keys = []): Generator<Keys> {
  if (typeof json !== 'object' || json === null) return;
  const keys = Array.isArray(json) ? json.map((_, index) => index) : Object.keys(json);
  for (const key of keys) {
    const here = [...above, key];
    yield here;
    yield* keysOf(get(json, [key]), here);
  }
}

function get(json: Json, keys: Keys): Json {
  return keys.reduce<Json>((value, key) => (value as { [key: string]: Json })[key] ?? null, json);
}

/** A copy that differs in this one place; undefined leaves it out. */
function withValue(json: Json, keys: Keys, value: Json | undefined): Json {
  const [key, ...below] = keys;
  if (key === undefined) return value ?? null;
  const inner = below.length === 0 ? value : withValue(get(json, [key]), below, value);
  if (Array.isArray(json)) {
    return json.flatMap((one, index) => (index !== key ? [one] : inner === undefined ? [] : [inner]));
  }
  const entries = Object.entries(json as { [key: string]: Json });
  return Object.fromEntries(
    entries.flatMap(([name, one]) => (name !== key ? [[name, one]] : inner === undefined ? [] : [[name, inner]])),
  );
}

// Every character of Unicode, as the unit of random texts. It draws what fast-check's own unit `binary` draws; but that one first makes a table
// of all of them in each process, a second of reckoning and 85 MB that V8 looks through whenever it collects.
import fc from 'fast-check';

const firstSurrogate = 0xd800;
const surrogates = 0x800;

/** For `fc.string({ unit: anyCharacter })`: no halves of a surrogate pair. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10ffff - surrogates })
  .map((index) => String.fromCodePoint(index < firstSurrogate ? index : index + surrogates), indexOf);

/** Of a value that is no such character it throws, as fast-check asks for. */
function indexOf(value: unknown): number {
  const point = typeof value === 'string' ? (value.codePointAt(0) ?? -1) : -1;
  const isWhole = point >= 0 && (point < firstSurrogate || point >= firstSurrogate + surrogates);
  if (!isWhole || String.fromCodePoint(point) !== value) throw new Error('not a character');
  return point < firstSurrogate ? point : point - surrogates;
}

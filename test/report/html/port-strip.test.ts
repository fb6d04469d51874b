// Close-ups: whole hundreds that hold every desired range, none of them over another; drawings that say in words what they show.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers, overlaps, portRange, lastPort } from '../../../src/model/port-range.ts';
import { closeUps, drawAllPorts, drawCloseUp } from '../../../src/report/html/port-strip.ts';
import { listPortOwners, buildPortMaps } from '../../../src/report/view/port-map.ts';
import { factsArbitrary, oneHost } from '../../facts/some-facts.ts';

test('9933 and 9955 share one close-up; nothing desired shows the same; far ports have their own', () => {
  const shipped = closeUps([{ range: portRange(9933) }, { range: portRange(9955) }]);
  expect(shipped).toEqual([portRange(9900, 100)]);
  expect(closeUps([])).toEqual(shipped);
  expect(closeUps([{ range: portRange(65535) }, { range: portRange(1) }])).toEqual([
    { firstPort: 0, portCount: 100 },
    { firstPort: 65500, portCount: 36 },
  ]);
});

test('every desired range lies in exactly one close-up, and close-ups do not overlap', () => {
  const range = fc
    .tuple(fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 1, max: 300 }))
    .map(([first, count]) => portRange(first, Math.min(count, 65536 - first)));
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 8 }), (ranges) => {
      const windows = closeUps(ranges.map((one) => ({ range: one })));
      for (const one of ranges) expect(windows.filter((window) => covers(window, one))).toHaveLength(1);
      for (const [index, one] of windows.entries()) {
        expect(lastPort(one)).toBeLessThan(65536);
        expect(windows.slice(index + 1).some((other) => overlaps(one, other))).toBe(false);
      }
    }),
  );
});

test('a drawing holds a bar for each exclusion, a mark for each desired port, a dot for each holder, and tells them', () => {
  const [map] = buildPortMaps(oneHost);
  if (map === undefined) throw new Error('no map');
  const holders = listPortOwners(oneHost).filter((one) => one.family === 'ipv4');
  const drawn = { map, holders, desired: [portRange(9933), portRange(9955)] };
  const { text } = drawAllPorts(drawn, closeUps([]));
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  expect([count(/class="foreign"/g), count(/class="own"/g), count(/class="wish"/g), count(/class="holder"/g)]).toEqual([
    1, 1, 2, 2,
  ]);
  const closeUp = drawCloseUp(drawn, portRange(9900, 100)).text;
  expect(closeUp).toContain('exclusions 9900-9949 administered"');
  expect(closeUp).toMatch(/<rect[^>]*class="own"[^>]*x="0%"[^>]*width="50%"/);
});

test('no drawing leaves its frame: every x and every width is from 0 to 100 percent', () => {
  fc.assert(
    fc.property(factsArbitrary, (facts) => {
      for (const map of buildPortMaps(facts)) {
        const drawn = { map, holders: listPortOwners(facts), desired: [portRange(9933)] };
        const text = drawAllPorts(drawn, closeUps([])).text + drawCloseUp(drawn, portRange(9900, 100)).text;
        for (const [, value] of text.matchAll(/"(-?[\d.e+]+)%"/g)) {
          expect(Number(value)).toBeGreaterThanOrEqual(0);
          expect(Number(value)).toBeLessThanOrEqual(100);
        }
      }
    }),
  );
});

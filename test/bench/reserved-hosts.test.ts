// A host counts as reserved only with every row, and as untouched only without any.
import { expect, test } from 'vitest';
import { portRange } from '../../src/model/port-range.ts';
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import { buildMachine } from '../../src/lab/scenario/build-machine.ts';
import { serverSpec, type ExclusionSpec } from '../../src/lab/scenario/server-spec.ts';
import { countReserved } from './reserved-hosts.ts';

const reserved = (port: number, differences: Partial<ExclusionSpec> = {}): ExclusionSpec => ({
  range: portRange(port),
  protocol: 'tcp',
  administered: true,
  stores: ['active', 'persistent'],
  families: ['ipv4', 'ipv6'],
  ...differences,
});
/** With a list of its own for each family. */
const quirks = { ...usualQuirks, oneList: false };
const machine = (...exclusions: readonly ExclusionSpec[]) =>
  buildMachine(serverSpec({ name: 'ex01', exclusions, quirks }));

test.each([
  ['every row', [reserved(9933), reserved(9955)], { reserved: 1, untouched: 0 }],
  ['none but those of Windows', [], { reserved: 0, untouched: 1 }],
  ['another port', [reserved(9999)], { reserved: 0, untouched: 1 }],
  ['one of the ports', [reserved(9933)], { reserved: 0, untouched: 0 }],
  ['one family', [reserved(9933), reserved(9955, { families: ['ipv4'] })], { reserved: 0, untouched: 0 }],
  ['one store', [reserved(9933), reserved(9955, { stores: ['active'] })], { reserved: 0, untouched: 0 }],
])('%s', (_, exclusions, counts) => {
  expect(countReserved([machine(...exclusions)])).toEqual(counts);
});

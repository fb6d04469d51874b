// A table that was not read is null, never empty.
import { describe, expect, test } from 'vitest';
import { findDynamicRange, findExclusions, type HostState } from '../../src/model/host-state.ts';
import { portRange } from '../../src/model/port-range.ts';
import { describePresence } from '../../src/model/presence.ts';

const state: HostState = {
  exclusionTables: [
    { family: 'ipv4', protocol: 'tcp', store: 'active', exclusions: [] },
    { family: 'ipv6', protocol: 'udp', store: 'persistent', exclusions: [{ range: portRange(1), administered: true }] },
  ],
  dynamicRanges: [{ family: 'ipv6', protocol: 'tcp', range: portRange(6005, 59530) }],
};

describe('the state of a host', () => {
  test('tells an empty table from one that was not read', () => {
    expect(findExclusions(state, 'ipv4', 'tcp', 'active')).toEqual([]);
    expect(findExclusions(state, 'ipv4', 'tcp', 'persistent')).toBeNull();
    expect(findExclusions(state, 'ipv6', 'tcp', 'active')).toBeNull();
    expect(findExclusions(state, 'ipv6', 'udp', 'persistent')).toHaveLength(1);
  });

  test('knows the dynamic range of each family and protocol, or null', () => {
    expect(findDynamicRange(state, 'ipv6', 'tcp')).toEqual(portRange(6005, 59530));
    expect([findDynamicRange(state, 'ipv4', 'tcp'), findDynamicRange(state, 'ipv6', 'udp')]).toEqual([null, null]);
  });

  test('says where a range is', () => {
    const said = [true, false].flatMap((active) =>
      [true, false].map((persistent) => describePresence({ active, persistent })),
    );
    expect(said).toEqual([
      'in both stores',
      'in the active store only',
      'in the persistent store only',
      'in neither store',
    ]);
  });
});

// What many hosts were seen to have alike is one object afterwards, and each reads as before.
import { expect, test } from 'vitest';
import type { Observation } from '../../../src/model/observations/observation.ts';
import { createObservationSharing } from '../../../src/model/observations/share-observations.ts';

const seen = (): Observation => ({
  at: '2026-11-28T10:00:00.000Z',
  by: 'verify',
  run: null,
  verdict: null,
  state: 'changes',
  differences: [{ is: 'not-reserved', protocol: 'tcp', family: 'ipv4', range: { firstPort: 9933, portCount: 1 } }],
  code: null,
  windows: null,
  exchange: null,
  dynamicRanges: [],
});
const of = (host: string) => ({ host, endpoint: `${host}:5985`, desired: 'd', playbook: 'Ports' });

test('observations', () => {
  const { observation } = createObservationSharing();
  const [a, b] = ['ex01', 'ex02'].map((host) => observation({ ...of(host), observation: seen() }));
  expect(a).toEqual({ ...of('ex01'), observation: seen() });
  expect(b).toEqual({ ...of('ex02'), observation: seen() });
  expect(b?.observation.differences).toBe(a?.observation.differences);
});

test('histories', () => {
  const { history } = createObservationSharing();
  const spans = () => [{ ...seen(), lastAt: seen().at, times: 2 }];
  const [a, b] = ['ex01', 'ex02'].map((host) => history({ ...of(host), spans: spans() }));
  expect(b).toEqual({ ...of('ex02'), spans: spans() });
  expect(b?.spans[0]?.differences).toBe(a?.spans[0]?.differences);
});

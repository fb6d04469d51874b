// What `collect` says of hosts that gave no facts: alike ones once, and a network of which none answered.
import { expect, test } from 'vitest';
import { renderCollected, type CollectedHost } from '../../../src/report/text/facts-text.ts';

const names = { windows: () => 'Windows', exchange: () => 'Exchange' };

const silent = (index: number): CollectedHost => ({
  host: `ex0${index}`,
  address: `10.3.7.${index}`,
  desired: { exclusions: [], whenHeldByOwnService: 'block' },
  facts: null,
  failure: {
    code: 'connect/no-route',
    message: 'no route to this address (EHOSTUNREACH)',
    where: `ex0${index}:5985`,
    hint: 'check the route',
  },
});

test('a silent network is said once, after its hosts', () => {
  expect(renderCollected([1, 2, 3, 4, 5].map(silent), names)).toBe(`5 hosts: not collected
  ex01, ex02, ex03, ex04, ex05
    ! no route to this address (EHOSTUNREACH) [connect/no-route]
      fix: check the route

! none of the 5 hosts in 10.3.7.0/24 answered: check the network first (switch,
  firewall, line)
`);
});

test('fewer hosts say nothing of their network', () => {
  expect(renderCollected([1, 2].map(silent), names)).not.toContain('none of');
});

// A network is called silent only when enough of its hosts were asked and not one answered.
import { expect, test } from 'vitest';
import { renderSilentNetworks, type AskedHost } from '../../../src/report/text/silent-networks.ts';

function asked(network: string, count: number, code: string | null = 'connect/timeout'): readonly AskedHost[] {
  return Array.from({ length: count }, (_, index) => ({
    address: `${network}.${index + 1}`,
    code,
  }));
}

test('two silent networks are said once each, whatever answers elsewhere', () => {
  const text = renderSilentNetworks([
    ...asked('10.3.7', 250),
    ...asked('10.3.8', 5, 'connect/no-route'),
    ...asked('10.3.9', 80, null),
  ]);
  expect(text).toBe(
    '! none of the 250 hosts in 10.3.7.0/24 answered: check the network first\n  (switch, firewall, line)\n' +
      '! none of the 5 hosts in 10.3.8.0/24 answered: check the network first (switch,\n  firewall, line)\n\n',
  );
});

test.each([
  ['one of them answered', [...asked('10.3.7', 50), ...asked('10.3.7', 1, null)]],
  ['they refused', asked('10.3.7', 50, 'connect/refused')],
  ['they are few', asked('10.3.7', 4)],
  ['they have names', asked('ex', 50)],
  ['nobody was asked', []],
])('nothing is said when %s', (_, hosts) => {
  expect(renderSilentNetworks(hosts)).toBe('');
});

// Six hosts in two batches without a canary: the fleet of the tests that break a run off.
import { usualQuirks } from '../../src/lab/machine/quirks.ts';
import type { Differences, TestLab } from '../support/lab.ts';

export const sixHostsPlaybook = `name: No canary
hosts: exchange
exclusions:
  - { port: 9933, for: MSExchangeIMAP4BE }
  - { port: 9955, for: MSExchangePOP3BE }
strategy: { canary: 0, batches: [3, 3], concurrency: 3 }
`;

export const sixHosts = (oneList: boolean): readonly Differences[] =>
  ['ex01', 'ex02', 'ex03', 'ex04', 'ex05', 'ex06'].map((name) => ({ name, quirks: { ...usualQuirks, oneList } }));

/** Resolves when the servers have answered so many requests more. */
export function afterRequests(lab: TestLab, count: number, watch: { onRequest: () => void }): Promise<void> {
  const goal = lab.requestCount() + count;
  return new Promise((resolve) => {
    watch.onRequest = () => {
      if (lab.requestCount() >= goal) resolve();
    };
  });
}

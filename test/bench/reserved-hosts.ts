// How many simulated hosts have all that the shipped playbook asks for, and how many nothing of it: the true state that a bench of changes is
// held to. A host that has a part of it is in neither number. Pure.
import type { Machine } from '../../src/lab/machine/machine.ts';

/** Those of playbooks/exchange-backend-ports.yml, for both families, now and after a restart. */
const ports: readonly number[] = [9933, 9955];
const families = ['ipv4', 'ipv6'] as const;
const stores = ['active', 'persistent'] as const;

export function countReserved(machines: readonly Pick<Machine, 'exclusions'>[]): {
  readonly reserved: number;
  readonly untouched: number;
} {
  const counts = machines.map(countRows);
  return {
    reserved: counts.filter((count) => count === ports.length * families.length * stores.length).length,
    untouched: counts.filter((count) => count === 0).length,
  };
}

function countRows({ exclusions }: Pick<Machine, 'exclusions'>): number {
  const rows = families.flatMap((family) => stores.flatMap((store) => exclusions.tcp[family][store]));
  return rows.filter(
    ({ administered, range }) => administered && range.portCount === 1 && ports.includes(range.firstPort),
  ).length;
}

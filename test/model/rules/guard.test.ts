// What a guard would do, and what it must not be trusted with.
import { describe, expect, it } from 'vitest';
import { listGuardActions, nameGuard, whyNotGuarded } from '../../../src/model/rules/guard.ts';
import { planMemory, backEndPorts, policyOf } from '../../support/memory-run.ts';
import { memoryFleet, memoryMachine } from '../../support/memory-fleet.ts';
import { reserved } from '../../support/lab.ts';

const confirm = { withinMs: 900_000, by: 'run' } as const;

async function plan(
  ...[differences, quirks, desired = backEndPorts]: [...Partial<Parameters<typeof machineOf>>, typeof backEndPorts?]
) {
  const { hosts } = await planMemory(memoryFleet([machineOf(differences, quirks)]), desired, policyOf({ confirm }));
  const [host] = hosts;
  if (host === undefined) throw new Error('no host');
  return host;
}

function machineOf(differences?: Parameters<typeof memoryMachine>[1], quirks?: Parameters<typeof memoryMachine>[2]) {
  return memoryMachine('ex01', differences, quirks);
}

describe('a guard', () => {
  it('starts what the run stops, then deletes what it adds, on both families and from both stores', async () => {
    const { state, steps } = await plan({ imap: 'running' });
    expect(state).toBe('changes');
    const deletes = [9933, 9955].flatMap((port) =>
      ['ipv4', 'ipv6'].flatMap((family) =>
        ['persistent', 'active'].map(
          (store) =>
            `netsh interface ${family} delete excludedportrange protocol=tcp startport=${port} numberofports=1 store=${store}`,
        ),
      ),
    );
    const actions = listGuardActions(steps);
    expect(actions[0]).toBe('sc start MSExchangeIMAP4BE');
    expect([...actions.slice(1)].sort()).toEqual([...deletes].sort());
  });

  it.each([
    [
      'of a range in one store only',
      { exclusions: [reserved(9933, { stores: ['active'] })] },
      {},
      /reserved from nothing/,
    ],
    [
      'where nothing shows what is permanent',
      {},
      { persistentShow: 'blank', persistentRegistry: 'missing' },
      /permanent/,
    ],
  ] as const)('is not trusted with the change %s: the host is blocked', async (_, differences, quirks, sentence) => {
    const host = await plan(differences, quirks);
    expect(host).toMatchObject({ state: 'blocked', steps: [] });
    expect(host.findings[0]).toMatchObject({ severity: 'blocker', code: 'guard-cannot-undo' });
    expect(host.findings[0]?.sentence).toMatch(sentence);
  });

  it('is not trusted with a release', async () => {
    const absent = {
      ...backEndPorts,
      exclusions: backEndPorts.exclusions.map((one) => ({ ...one, presence: 'absent' as const })),
    };
    const host = await plan({ exclusions: [reserved(9933)] }, {}, absent);
    expect(host.findings.map((one) => one.code)).toContain('guard-cannot-undo');
  });

  it('is not trusted with more commands than a task holds', async () => {
    const [one] = backEndPorts.exclusions;
    if (one === undefined) throw new Error('none');
    const many = (count: number) => ({
      ...backEndPorts,
      exclusions: Array.from({ length: count }, (_, index) => ({
        ...one,
        range: { firstPort: 20_000 + index * 2, portCount: 1 },
        service: null,
      })),
    });
    expect((await plan({}, {}, many(7))).state).toBe('changes');
    expect((await plan({}, {}, many(8))).state).toBe('blocked');
  });

  it('has the name of its run', async () => {
    expect(nameGuard('20261205-220114-4f9a1c')).toBe('\\Fencepost\\20261205-220114-4f9a1c');
    const { steps, facts } = await plan();
    expect(facts === null ? '' : whyNotGuarded(steps, facts)).toBeNull();
  });
});

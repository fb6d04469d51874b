import { Failure } from '../../model/failure.ts';
import { defineCommand } from '../define-command.ts';
import { exitCodes } from '../exit-codes.ts';
import { commonOptions, defaultPlaybook } from '../options.ts';

export const labCommand = defineCommand({
  command: 'lab [scenario]',
  describe: 'Serve a simulated fleet on loopback, over the real protocol, and write the inventory to reach it',
  positionals: {
    scenario: { type: 'string', describe: 'A scenario file [default: the twelve servers of the demo]' },
  },
  options: {
    from: {
      type: 'string',
      conflicts: 'scenario',
      describe: 'A snapshot (fencepost collect --out): the fleet answers as the real one did',
    },
    dir: {
      type: 'string',
      default: 'fencepost-lab',
      describe: 'Where inventory.yml, password and ca.pem are written',
    },
    'first-port': {
      type: 'number',
      default: 0,
      describe: 'Port of the first server; the others count up from it; 0 = any free ports',
    },
    'delay-ms': { type: 'number', default: 0, describe: 'Delay every answer by this many milliseconds' },
    keytab: {
      type: 'string',
      describe:
        'Keytab with keys for HTTP, WSMAN or host; servers with kerberos in their auth accept tickets, or all if none has',
    },
    requests: { type: 'boolean', default: false, describe: 'Show every request on stderr' },
    ...commonOptions,
  },
  examples: [
    ['lab', 'then, elsewhere: fencepost collect -i fencepost-lab/inventory.yml'],
    ['lab --keytab services.keytab', 'the same, with Kerberos tickets from your own KDC'],
    ['lab --from last-night.json', 'rehearse a window on a copy of the real fleet'],
  ],
  async run(args) {
    const { loadScenario, scenarioFromSnapshot, startLab } = await import('./lab/lab-files.ts');
    const { renderTable } = await import('../../report/text/table.ts');
    const { findShippedPlaybook } = await import('../inputs.ts');
    const { jsonDocument } = await import('../json.ts');
    const { results, talk } = await import('../io/standard-streams.ts');
    const { 'first-port': firstPort, 'delay-ms': delayMs } = args;
    checkWhole('--first-port', firstPort, 65_535);
    checkWhole('--delay-ms', delayMs, 3_600_000);
    const scenario =
      args.from === undefined ? await loadScenario(args.scenario ?? null) : await scenarioFromSnapshot(args.from);
    const onRequest = (line: string): void => {
      if (args.requests) talk.write(line);
    };
    const { fleet, inventoryFile } = await startLab({
      scenario,
      folder: args.dir,
      firstPort,
      delayMs,
      keytabFile: args.keytab ?? null,
      onRequest,
    });
    const servers = fleet.servers.map(({ name, scheme, port, spec }) => ({
      name,
      url: `${scheme}://127.0.0.1:${port}/wsman`,
      windows: spec.windows,
      language: spec.language,
      reachable: spec.reachable,
    }));
    const rows = servers.map((one) => [
      one.name,
      one.reachable ? one.url : 'nothing listens',
      `Windows ${one.windows}`,
      one.language,
    ]);
    // Before the message says how to stop it.
    const interrupted = new Promise<void>((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    });
    results.write(
      args.json
        ? jsonDocument('lab', { inventory: inventoryFile, servers })
        : renderTable([['SERVER', 'ADDRESS', 'SYSTEM', 'LANGUAGE'], ...rows]),
    );
    // A plan is made for a playbook of one's own, where there is one; a look needs none.
    const next = (await findShippedPlaybook({ playbook: defaultPlaybook })) === null ? 'plan' : 'collect';
    talk.write(`Inventory: ${inventoryFile}\nTry: fencepost ${next} -i ${inventoryFile}\nStop with Ctrl-C.\n`);
    await interrupted;
    await fleet.close();
    return exitCodes.done;
  },
});

function checkWhole(flag: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new Failure('usage/invalid', `${flag}: expected a whole number from 0 to ${String(most)}`);
}

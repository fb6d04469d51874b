import { writeFile } from 'node:fs/promises';
import type { Argv } from 'yargs';
import { Failure, failureRecord } from '../../model/failure.ts';
import { exitCodes } from '../exit-codes.ts';
import {
  commonOptions,
  inventoryOptions,
  playbookOptions,
  type Command,
  type CommonArguments,
  type InventoryArguments,
  type PlaybookArguments,
} from '../options.ts';

type Arguments = CommonArguments & InventoryArguments & PlaybookArguments & { out: string | undefined };

export const collectCommand: Command<Arguments> = {
  command: 'collect',
  describe: 'Ask every host for its port configuration and show it; changes nothing',
  builder: (yargs: Argv) =>
    yargs
      .options({ ...inventoryOptions, ...playbookOptions, ...commonOptions })
      .option('out', { type: 'string', describe: 'Also write the facts to this file, a snapshot' })
      .example('$0 collect -i inventory/prod.yml -l paris', 'the hosts of group paris'),
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { readIntent, survey } = await import('../prepare-plan.ts');
    const { writeSnapshot } = await import('../../facts/snapshot.ts');
    const { renderCollected } = await import('../../report/facts-text.ts');
    const { windowsName } = await import('../../windows/version.ts');
    const { exchangeName } = await import('../../windows/exchange.ts');
    const { counted } = await import('../../report/table.ts');
    const { jsonDocument } = await import('../json.ts');
    const { tellCiOfFacts } = await import('../tell-ci.ts');
    return withWorld(args, async (world) => {
      const intent = await readIntent(args, world);
      const hosts = await survey(intent, world, (one) => ({
        host: one.target.name,
        wanted: intent.wantedOf(one.target).exclusions,
        facts: 'facts' in one ? one.facts : null,
        failure: 'failure' in one ? failureRecord(one.failure) : null,
        // Word for word only where they are shown: they are most of what a host says.
        answers: args.json && 'answers' in one ? one.answers : [],
      }));
      const snapshot = {
        takenAt: world.clock.now(),
        toolVersion: world.operator.toolVersion,
        hosts: hosts.map(({ host, facts, failure }) => ({ target: host, facts, failure })),
      };
      if (args.out !== undefined) {
        await writeFile(args.out, writeSnapshot(snapshot), { flag: 'wx' }).catch((thrown: unknown) => {
          throw unwritable(args.out ?? '', thrown);
        });
        world.say(`Facts of ${counted(hosts.length, 'host')} written to ${args.out}\n`);
      }
      world.out(
        args.json
          ? jsonDocument('facts', {
              hosts: hosts.map(({ host, facts, failure, answers }) => ({ host, facts, failure, answers })),
            })
          : renderCollected(hosts, { windows: windowsName, exchange: exchangeName }),
      );
      await tellCiOfFacts(snapshot, intent.targets, world);
      return hosts.some((one) => one.facts === null || one.facts.gaps.length > 0)
        ? exitCodes.someFailed
        : exitCodes.done;
    });
  },
};

function unwritable(file: string, thrown: unknown): Failure {
  const exists = thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST';
  return new Failure('usage/invalid', exists ? `${file} exists already` : `${file} can't be written`, {
    where: file,
    hint: 'name another file with --out',
    cause: thrown,
  });
}

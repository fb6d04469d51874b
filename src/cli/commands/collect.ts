import { writeFile } from 'node:fs/promises';
import type { Argv } from 'yargs';
import { Failure, failureRecord } from '../../model/failure.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Spooled } from '../spool.ts';
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
    const { snapshotHost, writeSnapshot } = await import('../../facts/snapshot.ts');
    const { relevantFacts } = await import('../../facts/relevant-facts.ts');
    const { createSharing } = await import('../../plan/share-alike.ts');
    const { renderCollected } = await import('../../report/facts-text.ts');
    const { windowsName } = await import('../../windows/version.ts');
    const { exchangeName } = await import('../../windows/exchange.ts');
    const { counted } = await import('../../report/table.ts');
    const { jsonDocumentByHost } = await import('../json.ts');
    const { createSpool } = await import('../spool.ts');
    const { tellCiOfFacts } = await import('../tell-ci.ts');
    return withWorld(args, async (world) => {
      const spool = args.json || args.out !== undefined ? createSpool() : null;
      try {
        const intent = await readIntent(args, world);
        const sharing = createSharing();
        const hosts = await survey(intent, world, (one) => {
          const { exclusions } = intent.wantedOf(one.target);
          const facts = 'facts' in one ? one.facts : null;
          return {
            host: one.target.name,
            wanted: exclusions,
            // In memory what the table shows; all of it on the disk.
            facts: facts === null ? null : sharing.facts(relevantFacts(facts, intent.wantedOf(one.target))),
            failure: 'failure' in one ? failureRecord(one.failure) : null,
            factsText: spool?.put(JSON.stringify(facts)) ?? null,
            answersText: args.json ? (spool?.put(JSON.stringify('answers' in one ? one.answers : [])) ?? null) : null,
          };
        });
        const read = (where: Spooled | null): string => (where === null ? 'null' : (spool?.read(where) ?? 'null'));
        const about = { takenAt: world.clock.now(), toolVersion: world.operator.toolVersion };
        if (args.out !== undefined) {
          const texts = each(hosts, (one) => snapshotHost(one.host, read(one.factsText), one.failure));
          await writeFile(args.out, writeSnapshot(about, texts), { flag: 'wx' }).catch((thrown: unknown) => {
            throw unwritable(args.out ?? '', thrown);
          });
          world.say(`Facts of ${counted(hosts.length, 'host')} written to ${args.out}\n`);
        }
        if (args.json) {
          const texts = each(
            hosts,
            ({ host, factsText, failure, answersText }) =>
              `{"host":${JSON.stringify(host)},"facts":${read(factsText)},"failure":${JSON.stringify(failure)},"answers":${read(answersText)}}`,
          );
          for (const part of jsonDocumentByHost('facts', texts)) world.out(part);
        } else {
          world.out(renderCollected(hosts, { windows: windowsName, exchange: exchangeName }));
        }
        const snapshot = {
          ...about,
          hosts: hosts.map(({ host, facts, failure }) => ({ target: host, facts, failure })),
        };
        await tellCiOfFacts(snapshot, intent.targets, world);
        return hosts.some((one) => one.facts === null || one.facts.gaps.length > 0)
          ? exitCodes.someFailed
          : exitCodes.done;
      } finally {
        spool?.dispose();
      }
    });
  },
};

/** The texts of a list, made anew each time they are gone through. */
function each<T>(items: readonly T[], textOf: (item: T) => string): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      for (const item of items) yield textOf(item);
    },
  };
}

function unwritable(file: string, thrown: unknown): Failure {
  const exists = thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST';
  return new Failure('usage/invalid', exists ? `${file} exists already` : `${file} can't be written`, {
    where: file,
    hint: 'name another file with --out',
    cause: thrown,
  });
}

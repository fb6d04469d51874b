import type { Desired } from '../../model/desired.ts';
import { failureRecord } from '../../model/failure.ts';
import type { Target } from '../../model/target.ts';
import type { SurveyResult } from '../../run/survey/survey.ts';
import { defineCommand } from '../define-command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { SpooledText } from '../io/spool.ts';
import {
  commonOptions,
  inventoryOptions,
  playbookOptions,
  stateOptions,
  talkOptions,
  untrustedOptions,
} from '../options.ts';

export const collectCommand = defineCommand({
  command: 'collect',
  describe: 'Collect the port configuration of every host and show it; changes nothing',
  options: {
    out: { type: 'string', describe: 'Also save the facts to this file as a snapshot' },
    'cross-check': {
      type: 'boolean',
      default: false,
      describe: 'Ask through CIM too and show where it disagrees with netsh and sc (exit code 3)',
    },
    ...inventoryOptions,
    ...untrustedOptions,
    ...playbookOptions,
    ...stateOptions,
    ...talkOptions,
    ...commonOptions,
  },
  examples: [['collect -i inventory/prod.yml -l paris', 'the hosts of group paris']],
  async run(args) {
    const { withWorld } = await import('../compose.ts');
    const { findShippedPlaybook, readIntentFrom } = await import('../inputs.ts');
    const { makeRequest } = await import('../../workflows/host-jobs.ts');
    const { surveyFleet } = await import('../../workflows/survey-fleet.ts');
    const { writeSnapshotHost, writeSnapshot } = await import('../../facts/snapshot.ts');
    const { selectRelevantFacts } = await import('../../facts/relevant-facts.ts');
    const { createSharing } = await import('../../plan/share-alike.ts');
    const { renderCollected } = await import('../../report/text/facts-text.ts');
    const { renderCrossCheck } = await import('../../report/text/cross-check-text.ts');
    const { findLeftGuards } = await import('../../model/rules/left-guards.ts');
    const { describeUnresolved } = await import('../../model/backend/unresolved-back-ends.ts');
    const { describePorts } = await import('../../model/rules/service-port.ts');
    const { isInDoubt } = await import('../../model/cross-check.ts');
    const { windowsName } = await import('../../windows/version.ts');
    const { exchangeName } = await import('../../windows/exchange.ts');
    const { counted } = await import('../../model/text/counted.ts');
    const { jsonDocumentByItem } = await import('../json.ts');
    const { paintFor } = await import('../io/colours.ts');
    const { findColumns } = await import('../io/terminal.ts');
    const { writeNewFile } = await import('../io/new-file.ts');
    const { createSpool } = await import('../io/spool.ts');
    const { createObservationSharing } = await import('../../model/observations/share-observations.ts');
    const { observeHost, observeUnreached } = await import('../../workflows/history/observe-host.ts');
    const { keepHistory } = await import('../history/keep-history.ts');
    const { isCiTold } = await import('../is-ci-told.ts');
    const ci = isCiTold() ? await import('../tell-ci.ts') : null;
    return withWorld(args, async (world) => {
      const spool = args.json || args.out !== undefined ? createSpool() : null;
      try {
        // What only looks needs no more than an inventory.
        const shipped = await findShippedPlaybook(args);
        const intent = await readIntentFrom(args, world, shipped);
        if (shipped !== null) {
          world.say(
            `No ${shipped.name} here: asking all hosts about the ports of the playbook that ships. Name another: -p FILE\n`,
          );
        }
        const sharing = createSharing();
        const showsFacts = !args.json || ci !== null;
        const crossCheck = args['cross-check'];
        const observations = createObservationSharing();
        /** Of a host in the JSON document, what comes behind its facts. */
        const restOfDocument = (one: SurveyResult, desired: Desired): string => {
          if ('failure' in one) {
            return JSON.stringify({ answers: [], failure: failureRecord(one.failure), findings: [], crossCheck: null });
          }
          const findings = [
            ...describeUnresolved(one.facts, desired),
            ...describePorts(one.facts, desired.exclusions),
            ...findLeftGuards(one.facts, { left: 'warning', unknown: 'warning' }),
          ];
          return JSON.stringify({ answers: one.answers, failure: null, findings, crossCheck: one.crossCheck });
        };
        const keep = (one: SurveyResult) => {
          const desired = intent.desiredOf(one.target);
          const facts = 'facts' in one ? one.facts : null;
          const { name: host, connection } = one.target;
          const looked = { host, connection, desired, playbook: intent.playbook.name };
          const checked = 'facts' in one ? one.crossCheck : null;
          return {
            host: one.target.name,
            address: world.addresses.get(one.target.name) ?? one.target.connection.address,
            desired,
            isWhole: facts !== null && facts.gaps.length === 0 && (checked === null || !isInDoubt(checked)),
            // In memory only what is shown; all of it on the disk.
            facts: facts === null || !showsFacts ? null : sharing.facts(selectRelevantFacts(facts, desired)),
            failure: 'failure' in one ? failureRecord(one.failure) : null,
            factsText: spool?.put(JSON.stringify(facts)) ?? null,
            restText: args.json ? (spool?.put(restOfDocument(one, desired)) ?? null) : null,
            crossCheck: checked,
            observed: observations.observation(
              'failure' in one
                ? observeUnreached(looked, 'collect', failureRecord(one.failure), world.clock.now())
                : observeHost(looked, 'collect', one.facts, null),
            ),
          };
        };
        const request = {
          targets: intent.targets,
          concurrency: intent.policy.strategy.concurrency,
          requestOf: (target: Target) => makeRequest(intent.desiredOf(target)),
          crossCheck,
        };
        const hosts = await surveyFleet(request, world, keep);
        const read = (where: SpooledText | null): string => (where === null ? 'null' : (spool?.read(where) ?? 'null'));
        const about = { takenAt: world.clock.now(), toolVersion: world.operator.toolVersion };
        if (args.out !== undefined) {
          const texts = each(hosts, (one) => writeSnapshotHost(one.host, read(one.factsText), one.failure));
          await writeNewFile(args.out, writeSnapshot(about, texts), { hint: 'name another file with --out' });
          world.say(`Facts of ${counted(hosts.length, 'host')} written to ${args.out}\n`);
        }
        // Before the results, whose reader may take its time or never come back.
        await keepHistory(
          hosts.map((one) => one.observed),
          world,
          process.env,
        );
        if (args.json) {
          const texts = each(
            hosts,
            ({ host, factsText, restText }) =>
              `{"host":${JSON.stringify(host)},"facts":${read(factsText)},${read(restText).slice(1)}`,
          );
          await world.outParts(jsonDocumentByItem('facts', {}, 'hosts', texts));
        } else {
          const names = { windows: windowsName, exchange: exchangeName };
          const table = renderCollected(hosts, names, {
            paint: paintFor(process.stdout),
            width: findColumns(process.stdout),
          });
          world.out(crossCheck ? `${table}\n${renderCrossCheck(hosts)}` : table);
        }
        const snapshot = {
          ...about,
          hosts: hosts.map(({ host, facts, failure }) => ({ target: host, facts, failure })),
        };
        await ci?.tellCiOfFacts(snapshot, intent.targets, world);
        return hosts.every((one) => one.isWhole) ? exitCodes.done : exitCodes.someFailed;
      } finally {
        spool?.dispose();
      }
    });
  },
});

/** The texts of a list, made again on each pass. */
function each<T>(items: readonly T[], textOf: (item: T) => string): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      for (const item of items) yield textOf(item);
    },
  };
}

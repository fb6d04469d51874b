// One chaos run, told by its seed: a random fleet is planned for, changed among mishaps, left half way or not, then taken back or gone on
// with, among mishaps first and without them at last. After every stage the journal's claim about each host is held against the machine.
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planFleet } from '../../src/workflows/plan-fleet.ts';
import { startFleet, type Fleet } from '../../src/lab/fleet.ts';
import type { LabClock } from '../../src/lab/lab-clock.ts';
import type { Target } from '../../src/model/target.ts';
import type { Desired } from '../../src/model/desired.ts';
import { endWithUs } from '../support/end-with-us.ts';
import { checkRestored } from './claims.ts';
import { throwDice } from './dice.ts';
import { feedMishaps } from './mishap-feed.ts';
import { relatedDeed, unrelatedDeed } from './other-operator.ts';
import { beginLife } from './process.ts';
import { randomPolicy, randomServer, randomDesired } from './random-fleet.ts';
import { check, meddle, mismatch, password, randomEnd, type Play } from './stage.ts';
import { apply, goOn, inventoryOf, takeBack } from './stages.ts';
import { count, type Tally } from './tally.ts';

const timeouts = { connectMs: 2000, operationMs: 600, requestMs: 900, hostMs: 20_000 };
const stages = 3;

/** Plays the run of `seed` and counts it. `tell` gets the story, line by line. */
export async function playRun(seed: number, tally: Tally, tell: (line: string) => void): Promise<void> {
  const dice = throwDice(seed);
  const hosts = Array.from({ length: dice.between(2, 7) }, (_, index) => `ex${String(index + 1).padStart(2, '0')}`);
  const hours = { passed: 0 };
  const labClock = clockWith(hours);
  const feeds = new Map(
    hosts.map((name) => {
      const own = dice.fork(`mishaps of ${name}`);
      return [name, feedMishaps(own, own.pick([0, 0.02, 0.06, 0.15]), stages)] as const;
    }),
  );
  const directory = await mkdtemp(join(tmpdir(), 'fencepost-chaos-'));
  const forget = endWithUs(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const listeners: Play['listeners'] = [];
  const fleet = await startFleet({
    servers: hosts.map((name) => randomServer(name, dice.fork(`server ${name}`), feeds.get(name)?.specs ?? [])),
    account: { user: 'LAB\\operator', password },
    clock: labClock,
    onRequest(server, { mishap }) {
      if (mishap !== null) count(tally.mishaps, mishap);
      for (const listener of play.listeners) listener(server);
    },
  });
  const play: Play = { seed, dice, fleet, feeds, watched: new Map(), directory, tally, tell, hours, listeners };
  tally.runs += 1;
  try {
    await playStages(play);
  } catch (thrown) {
    mismatch(play, `it ended with ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
  } finally {
    await fleet.close();
    await rm(directory, { recursive: true, force: true });
    forget();
  }
}

function clockWith(hours: { readonly passed: number }): LabClock {
  return {
    now: () => new Date().toISOString(),
    elapsedMs: () => performance.now() + hours.passed * 3_600_000,
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return () => {
        clearTimeout(timer);
      };
    },
  };
}

async function playStages(play: Play): Promise<void> {
  const { dice, fleet, tally, tell, watched } = play;
  const policy = randomPolicy(dice.fork('policy'));
  // One playbook: the same of every host, as a plan that is read has to have it.
  const desired = randomDesired(dice.fork('desired'));
  const targets = fleet.servers.map(targetOf);
  await writeFile(inventoryOf(play.directory), inventoryText(targets));
  const desiredOf = (): Desired => desired;
  const calm = beginLife(play.directory, password, null);
  const plan = await planFleet(
    {
      targets,
      desiredOf,
      policy,
      playbook: { name: 'chaos', file: 'chaos.yml', sha256: '0' },
      inventory: { files: [], sha256: '0' },
    },
    calm.seams,
  );
  for (const host of plan.hosts) {
    const server = fleet.server(host.target);
    tell(
      `${host.target} ${host.state}: ${host.steps.map((one) => one.sentence).join('; ')} ${JSON.stringify(server.spec.quirks)}`,
    );
    watched.set(host.target, {
      name: host.target,
      machine: server.machine,
      expected: structuredClone(server.machine),
      plan: host,
      isStale: false,
      isMeddledWith: false,
    });
  }
  const operator = dice.fork('other operator');
  for (const host of watched.values()) {
    if (!operator.chance(0.12)) continue;
    const deed = operator.chance(0.6) ? relatedDeed(operator) : unrelatedDeed(operator);
    const { changed } = meddle(play, host, deed);
    if (deed.isRelated && changed) watched.set(host.name, { ...host, isStale: true });
  }

  const end = randomEnd(dice.fork('end of the apply'), fleet);
  const run = await apply(play, plan, targets, end, operator);
  if (run === null) {
    tell('no run was started');
    checkRestored(play.watched, 'before any run', (what) => {
      mismatch(play, what);
    });
    return;
  }
  tally.hostRuns += plan.hosts.length;
  await check(play, run, 'apply');
  if (dice.chance(0.5)) await goOn(play, run);
  await takeBack(play, run, operator);
}

/** JSON is YAML too. */
function inventoryText(targets: readonly Target[]): string {
  const hosts = targets.map(({ name, connection: { address, port } }) => [name, { winrm: { address, port } }]);
  const winrm = { scheme: 'http', auth: 'ntlm', username: 'LAB\\operator', password: { env: 'CHAOS' } };
  return JSON.stringify({ all: { vars: { winrm }, hosts: Object.fromEntries(hosts) as unknown } });
}

function targetOf({ name, port }: Fleet['servers'][number]): Target {
  return {
    name,
    connection: {
      address: '127.0.0.1',
      port,
      scheme: 'http',
      path: '/wsman',
      auth: 'ntlm',
      username: 'LAB\\operator',
      password: { kind: 'env', name: 'CHAOS' },
      caFile: null,
      tlsServerName: null,
      timeouts,
    },
    groups: [],
    variables: {},
    origin: { file: 'chaos', line: 1, column: 1 },
  };
}

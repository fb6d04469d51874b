// I/O: a running lab with the files to reach it: inventory, password, certificate authority, in one folder.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startFleet, type Fleet } from '../../../lab/fleet.ts';
import { writeInventory } from '../../../lab/inventory-text.ts';
import { readScenario } from '../../../lab/scenario/scenario.ts';
import { describeServer } from '../../../lab/scenario/server-from-facts.ts';
import { serverSpec, type Scenario } from '../../../lab/scenario/server-spec.ts';
import { readSnapshot } from '../../../facts/read-snapshot.ts';
import { Failure } from '../../../model/failure.ts';
import { readYaml } from '../../../yaml/document.ts';
import { openPrivateFolder } from './private-folder.ts';
import { replaceFile } from '../../io/replace-file.ts';
import { openLabKerberos, withKerberos } from './lab-kerberos.ts';
import { demoScenario } from '../../demo/scenario.ts';
import { readDecodedText, readTextInput } from '../../../files/read-input.ts';

/** A snapshot has all that each host of a fleet said. */
const mostSnapshotBytes = 1024 * 1024 * 1024;

export interface Lab {
  readonly fleet: Fleet;
  readonly inventoryFile: string;
}

/** Reads a scenario file; null = the demo's. Throws Failure `scenario/invalid` with all issues. */
export async function loadScenario(file: string | null): Promise<Scenario> {
  const text = file === null ? demoScenario : await readScenarioText(file);
  const { value, issues } = readScenario(readYaml(text, file ?? 'demo scenario'));
  if (value !== null) return value;
  throw new Failure(
    'scenario/invalid',
    `the scenario has ${issues.length === 1 ? 'one error' : `${issues.length} errors`}`,
    {
      where: file,
      issues,
    },
  );
}

/** A fleet that answers as a real one did when the snapshot was taken. A host that did not answer then does not answer now. */
export async function scenarioFromSnapshot(file: string): Promise<Scenario> {
  const text = await readTextInput(file, mostSnapshotBytes).catch((thrown: unknown) => {
    throw new Failure('scenario/invalid', "the snapshot can't be read", { where: file, cause: thrown });
  });
  const read = readSnapshot(text);
  if ('errors' in read) {
    throw new Failure('scenario/invalid', "the snapshot can't be used", {
      where: file,
      hint: 'take a new one: fencepost collect --out FILE',
      issues: read.errors.map((message) => ({ file, line: 0, column: 0, message })),
    });
  }
  const servers = read.snapshot.hosts.map(({ target, facts }) => ({
    ...(facts === null ? serverSpec({ name: target, reachable: false }) : describeServer(target, facts)),
    groups: ['exchange'],
  }));
  return { servers };
}

async function readScenarioText(file: string): Promise<string> {
  return readDecodedText(file).catch((thrown: unknown) => {
    throw new Failure('scenario/invalid', "the scenario can't be read", { where: file, cause: thrown });
  });
}

export interface LabOptions {
  readonly scenario: Scenario;
  /** Where the files go; made when it isn't there. */
  readonly folder: string;
  readonly firstPort: number;
  readonly delayMs: number;
  /** A keytab with which servers take Kerberos; null: none does. */
  readonly keytabFile: string | null;
  /** Given a line for every request. */
  readonly onRequest: (line: string) => void;
}

/** Starts the fleet with a password made for it and writes the files that reach it. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { folder, firstPort, delayMs, keytabFile, onRequest } = options;
  await openPrivateFolder(folder, '--dir');
  const scenario = withKerberos(options.scenario, keytabFile !== null);
  const kerberos = keytabFile === null ? null : await openLabKerberos(keytabFile);
  const password = randomBytes(18).toString('base64url');
  const account = { user: 'LAB\\operator', password };
  const fleet = await startFleet({
    servers: scenario.servers,
    account,
    firstPort,
    delayMs,
    kerberos: kerberos?.service ?? null,
    onRequest(server, { n, operation, commandLine, status }) {
      onRequest(`${server} #${n} ${operation ?? 'handshake'} ${status ?? 'no answer'} ${commandLine ?? ''}\n`);
    },
  });
  const inventoryFile = join(folder, 'inventory.yml');
  await replaceFile(join(folder, 'password'), `${password}\n`);
  if (fleet.caPem !== null) await replaceFile(join(folder, 'ca.pem'), fleet.caPem);
  const places = {
    passwordFile: 'password',
    caFile: fleet.caPem === null ? null : 'ca.pem',
    kerberosHosts: kerberos?.hosts ?? [],
  };
  await replaceFile(inventoryFile, writeInventory(fleet, places));
  return { fleet, inventoryFile };
}

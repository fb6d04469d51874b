// Recorded exchanges with real Windows servers, and messages made comparable: what changes from run to run (ids, addresses,
// output) is taken out, everything else must be the same. Source: the recordings' own INDEX.md.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ns } from '../../src/winrm/soap/namespaces.ts';
import { readXml } from '../../src/winrm/soap/xml.ts';
import type { XmlElement } from '../../src/winrm/soap/xml.ts';

const folder = fileURLToPath(new URL('../../../shared/facts/wsman-samples/', import.meta.url));

/** Null when the samples are there, else why the test is skipped; with CI set they have to be there. */
export function missingRecordings(): string | null {
  if (existsSync(folder)) return null;
  const reason = `no recorded exchanges in ${folder}`;
  if (process.env['CI'] !== undefined) throw new Error(reason);
  console.warn(`skipped: ${reason}`);
  return reason;
}

/**
 * One sample, word for word but for one place: in test_winrs_environment.00 a variable's name comes back without its
 * backslash while its value keeps it. Whether Windows or the recorder lost it is unknown; the lab keeps it.
 */
export function sample(path: string): string {
  return readFileSync(folder + path, 'utf8').replace('Name="_-(){}[]&lt;&gt;*+-/?', 'Name="_-(){}[]&lt;&gt;*+-/\\?');
}

export interface RecordedPair {
  readonly name: string;
  readonly request: string;
  readonly response: string;
}

/** The pairs of one recording of pypsrp's, in order. */
export function recording(name: string): RecordedPair[] {
  const files = readdirSync(`${folder}pypsrp`)
    .filter((file) => file.startsWith(`${name}.`))
    .sort();
  const requests = files.filter((file) => file.includes('.request.'));
  const responses = files.filter((file) => file.includes('.response.'));
  return requests.map((file, index) => ({
    name: file.replace('.request', '').replace('.xml', ''),
    request: sample(`pypsrp/${file}`),
    response: sample(`pypsrp/${responses[index] ?? ''}`),
  }));
}

/** Text that is another in every run, or on every machine, by element name. */
const varying = [
  'MessageID',
  'RelatesTo',
  'Address',
  'ShellId',
  'CommandId',
  'Selector',
  'Owner',
  'ClientIP',
  'ExitCode',
];
const varyingAttributes = ['CommandId', 'Machine'];

/** A message as nested arrays: what Windows and the lab must agree on. */
export function shapeOf(xml: string): unknown {
  return shape(readXml(xml, { maxCharacters: 1_000_000 }));
}

function shape(element: XmlElement): unknown {
  const attributes = [...element.attributes]
    .map(([name, value]) => (varyingAttributes.includes(name) ? name : `${name}=${value}`))
    .sort();
  const isOutput = element.name === 'Stream' && element.attributes.get('End') === undefined;
  const text = varying.includes(element.name) || isOutput ? '...' : element.text.trim();
  const children = element.children.filter((one) => !isLeftOut(one)).map(shape);
  return [`{${element.namespace}}${element.name}`, attributes, text, children];
}

/** Output is compared elsewhere; an activity id is on some answers of some servers. */
function isLeftOut(element: XmlElement): boolean {
  if (element.namespace === ns.wsmanMicrosoft && element.name === 'ActivityId') return true;
  return element.namespace === ns.shell && element.name === 'Stream' && element.attributes.get('End') === undefined;
}

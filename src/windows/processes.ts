// Which program and which services a process id stands for: the question and its reader. Where a process hosts no service,
// tasklist prints its localized "N/A"; process 0 never hosts one, so its row shows what that is called here.
import type { Process } from '../model/facts.ts';
import { lineProblem, splitLines, valueWithNoise, refusal } from './cmd/lines.ts';
import type { Line, Reading } from './cmd/lines.ts';

/** CSV without a header: image name, process id, services (comma-separated). */
export const showProcesses = 'tasklist /svc /fo csv /nh';

export function readProcesses(text: string, exitCode: number): Reading<readonly Process[]> {
  if (exitCode !== 0) return refusal('tasklist', exitCode, text);
  const rows: { imageName: string; processId: number; services: string }[] = [];
  const noise: Line[] = [];
  for (const line of splitLines(text)) {
    if (line.text === '') continue;
    if (!line.text.includes('"')) {
      noise.push(line);
      continue;
    }
    const fields = readFields(line);
    if ('problem' in fields) return fields;
    const [imageName, processId, services] = fields.value;
    rows.push({ imageName, processId: Number(processId), services });
  }
  const none = rows.find((row) => row.processId === 0)?.services;
  if (none === undefined) return { problem: 'there is no row of process 0, which shows how "no services" is written' };
  const processes = rows.map(({ imageName, processId, services }) => ({
    imageName,
    processId,
    services: services === none ? [] : services.split(',').map((name) => name.trim()),
  }));
  return valueWithNoise(processes, noise);
}

/** MAX_PATH; and room for every service of a host in one process. What is longer is no row of tasklist. */
const longestName = 260;
const longestServices = 16_384;

/** Three quoted fields; a quote inside one is doubled. */
const threeFields = /^"((?:[^"]|"")*)","(\d{1,10})","((?:[^"]|"")*)"$/;

function readFields(line: Line): Reading<readonly [string, string, string]> {
  const match = threeFields.exec(line.text);
  if (match === null) return lineProblem(line, 'three quoted fields, the second a process id');
  const [, imageName = '', processId = '', services = ''] = match;
  if (imageName.length > longestName || services.length > longestServices) {
    return lineProblem(line, `a name of at most ${longestName} characters and services of at most ${longestServices}`);
  }
  return { value: [imageName.replaceAll('""', '"'), processId, services.replaceAll('""', '"')] };
}

// The fleet of a bench in as many processes as it needs: one is 95% busy while a quick client runs, and would measure itself. Their figures are
// added up; what they cost is told apart from every client's, for they are processes of their own. Pinned to cores by taskset(1) when asked.
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabReport, LabSetup } from './lab-process.ts';

export interface Lab {
  readonly processes: number;
  readonly ports: readonly number[];
  /** What `-i` is given: one file, or a folder with one for each process. */
  readonly inventory: string;
  report(): Promise<LabReport>;
  /** The same at once, while a client is at work. */
  look(): Promise<LabReport>;
  stop(): void;
}

/** `cores`: those that it may run on, as taskset writes them; null: all. Rejects when a process ends instead of being ready. */
export async function startLab(setup: LabSetup, processes = 1, cores: string | null = null): Promise<Lab> {
  const share = Math.ceil(setup.hosts / processes);
  const firsts = Array.from({ length: Math.ceil(setup.hosts / share) }, (_, index) => index * share);
  const pinned = cores === null ? {} : { execPath: 'taskset', execArgv: ['-c', cores, process.execPath] };
  const labs = firsts.map((firstHost) => {
    const part: LabSetup = {
      ...setup,
      hosts: Math.min(share, setup.hosts - firstHost),
      firstHost,
      allHosts: setup.hosts,
      ...(firsts.length === 1 ? {} : { inventory: `fleet/from-${String(firstHost + 1)}.yml` }),
    };
    return fork(fileURLToPath(new URL('./lab-process.js', import.meta.url)), [JSON.stringify(part)], pinned);
  });
  const stop = (): void => {
    // A lab that ended, for want of free ports, says so itself.
    for (const lab of labs) if (lab.connected) lab.disconnect();
  };
  const ask = async (what: 'report' | 'look'): Promise<LabReport> => {
    const next = labs.map(nextReport);
    for (const lab of labs) lab.send(what);
    return addReports(await Promise.all(next));
  };
  try {
    const ready = await Promise.all(labs.map(nextReport));
    return {
      processes: labs.length,
      ports: ready.flatMap((one) => one.ports),
      inventory: join(setup.folder, labs.length === 1 ? 'inventory.yml' : 'fleet'),
      report: () => ask('report'),
      look: () => ask('look'),
      stop,
    };
  } catch (thrown) {
    stop();
    throw thrown;
  }
}

export function addReports(reports: readonly LabReport[]): LabReport {
  const sum = (pick: (report: LabReport) => number): number => reports.reduce((total, one) => total + pick(one), 0);
  return {
    ports: reports.flatMap((one) => one.ports),
    requests: sum((one) => one.requests),
    connections: sum((one) => one.connections),
    openShells: sum((one) => one.openShells),
    commandLine: reports.find((one) => one.commandLine !== null)?.commandLine ?? null,
    cpuMs: sum((one) => one.cpuMs),
    reserved: sum((one) => one.reserved),
    untouched: sum((one) => one.untouched),
  };
}

function nextReport(lab: ChildProcess): Promise<LabReport> {
  return new Promise((done, fail) => {
    const onExit = (): void => {
      fail(new Error('the lab ended'));
    };
    lab.once('exit', onExit);
    lab.once('message', (report) => {
      lab.off('exit', onExit);
      done(report as LabReport);
    });
  });
}

// The memory of a process with all its children, where there is a /proc (Linux). Pages that forks share count once over all of them: PSS, not RSS.
// It sees only the moments at which it looks. Source: proc_pid_smaps(5), proc_tid_children(5).
import { readdirSync, readFileSync } from 'node:fs';

const everyMs = 1000;

/** Looks once a second until it is stopped; the answer is the peak in MB, 0 when nothing could be seen. */
export function watchTree(processId: number): () => number {
  let peakMb = 0;
  const look = (): void => {
    peakMb = Math.max(
      peakMb,
      treeOf(processId).reduce((sum, one) => sum + memoryMb(one), 0),
    );
  };
  const timer = setInterval(look, everyMs);
  return () => {
    clearInterval(timer);
    return peakMb;
  };
}

function treeOf(processId: number): readonly number[] {
  const children = filesOf(`/proc/${String(processId)}/task`).flatMap((thread) =>
    textOf(`/proc/${String(processId)}/task/${thread}/children`)
      .split(' ')
      .filter((one) => one.trim() !== '')
      .map(Number),
  );
  return [processId, ...children.flatMap(treeOf)];
}

function memoryMb(processId: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${String(processId)}/smaps_rollup`))?.[1];
  return Number(kilobytes ?? 0) / 1024;
}

/** A process may end while it is looked at, which is no more than that. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

// How far the reading of a long journal or a large file is, as progress with a stated end; and that the report is being made, which
// stands still until it is done. It reads nothing itself.
import { basename } from 'node:path';
import { counted } from '../../../model/text/counted.ts';
import type { RunEvent } from '../../../model/outcome.ts';
import type { Clock, SafeListener } from '../../../model/seams.ts';

export interface ReadingProgress {
  /** Of the journal that is read. */
  event(event: RunEvent): void;
  /** The same parts; `bytes`: of all of them. */
  parts(file: string, bytes: number, parts: AsyncIterable<string>): AsyncIterable<string>;
  /** All is read, and what follows is one piece of work. */
  making(hosts: number): Promise<void>;
  /** Nothing is under way any more. */
  finish(): void;
}

/** Fewer are made sooner than a view is drawn. */
const manyHosts = 1000;
/** So that the view shows what it is told last. */
const redrawMs = 100;
const megabyte = 1_000_000;

export function createReadingProgress(listener: SafeListener, { sleep }: Pick<Clock, 'sleep'>): ReadingProgress {
  /** Those of the run that have not finished yet: a host counts once, whatever a damaged journal says. */
  let left = new Set<string>();
  return {
    event(event) {
      if (event.type === 'run-started') {
        left = new Set(event.hosts.map(({ host }) => host));
        listener.progress({ host: '', doing: 'reading the journal', total: left.size });
      }
      if (event.type === 'host-finished' && left.delete(event.host)) {
        listener.progress({ host: event.host, doing: 'read', over: true });
      }
    },
    async *parts(file, bytes, parts) {
      let read = 0;
      const all = Math.max(1, Math.round(bytes / megabyte));
      for await (const part of parts) {
        read += Buffer.byteLength(part);
        const megabytes = Math.min(all, Math.floor(read / megabyte));
        listener.progress({ host: '', doing: `reading ${basename(file)}: ${megabytes} of ${all} MB` });
        yield part;
      }
    },
    async making(hosts) {
      if (hosts < manyHosts) return;
      listener.progress({ host: '', doing: 'reading', over: true });
      listener.progress({ host: '', doing: `making the report on ${counted(hosts, 'host')}` });
      await sleep(redrawMs);
    },
    finish() {
      listener.progress({ host: '', doing: 'report', over: true });
    },
  };
}

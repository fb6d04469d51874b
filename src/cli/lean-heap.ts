// Tells V8 to collect sooner. Left alone it collects late where there is memory to be had: a collect of ten thousand hosts, of which some
// 50 MB are alive at any time, took over 300 MB, and Node 24 begins with 134 MB for young objects alone. A fleet tool runs on jump hosts
// and in small CI containers, beside others. Both flags are read anew at each collection, so they can be set while the process runs
// (V8: Heap::MemoryReducer's growing factor, NewSpace::Grow); `--max-semi-space-size` and the like are read once, before the first line.
// Figures: src/ARCHITECTURE.md, "What profiling a large fleet found". Whoever gives one of these flags to Node keeps it.
import { setFlagsFromString } from 'node:v8';

/** How far the heap may grow beyond what was alive at the last full collection, in percent. V8's own: up to 300. */
const growingPercent = 100;

/** Call once, when the modules of a command are loaded: young objects keep the room that loading took, about 8 MB. */
export function keepHeapLean(): void {
  const given = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  if (!/heap[-_]growing[-_]percent/.test(given)) setFlagsFromString(`--heap-growing-percent=${growingPercent}`);
  if (!/semi[-_]space/.test(given)) setFlagsFromString('--semi-space-growth-factor=1');
}

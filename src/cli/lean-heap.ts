// Tells V8 to collect sooner. Left alone it collects late where there is memory to be had: a collect of ten thousand hosts, of which some
// 50 MB are alive at any time, took over 300 MB, and Node 24 lets the young objects alone have 134 MB. This tool runs on jump hosts and in
// small CI containers, beside others. Both flags are read anew each time V8 sets a limit (MemoryController::GrowingFactor,
// SemiSpaceNewSpace::Grow), so they can be set while the process runs; `--max-semi-space-size` is read once, before the first line of ours.
// Figures: docs/architecture.md, "Memory of 10,000 hosts". Whoever gives such a flag to Node keeps it.
import { setFlagsFromString } from 'node:v8';

/** How far the heap may grow beyond what was alive after the last full collection, in percent; by itself V8 takes up to 300. */
const growingPercent = 100;

/** Call once, when the modules of a command are loaded: young objects keep the room they have then, 8 to 17 MB. */
export function keepHeapLean(): void {
  const given = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  if (!/heap[-_]growing[-_]percent/.test(given)) setFlagsFromString(`--heap-growing-percent=${growingPercent}`);
  if (!/semi[-_]space/.test(given)) setFlagsFromString('--semi-space-growth-factor=1');
}

// Prints the ten slowest files, and the plain closing line that CI reads: `N passed, N failed, N skipped`, alone on a line. Where this is one
// of several runs, who started them all is told the counts, and prints that line (.ci/test.mjs).
import type { Reporter, TestModule } from 'vitest/node';

export default class CountReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      // A hook, or the file itself.
      if (module.state() === 'failed' && [...module.children.allTests('failed')].length === 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed' || state === 'failed' || state === 'skipped') counts[state] += 1;
      }
    }
    if (modules.length > 10) console.log(`\nThe slowest files:\n${slowestOf(modules).join('\n')}`);
    if (await tellStarter({ counts })) return;
    console.log(
      `\n${String(counts.passed)} passed, ${String(counts.failed)} failed, ${String(counts.skipped)} skipped`,
    );
  }
}

/** False: nobody asked to be told. */
function tellStarter(message: object): Promise<boolean> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve(false);
    else
      process.send(message, () => {
        resolve(true);
      });
  });
}

function slowestOf(modules: readonly TestModule[]): readonly string[] {
  const timed = modules.map((module) => ({ file: module.relativeModuleId, ms: module.diagnostic().duration }));
  return timed
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, 10)
    .map(({ file, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${file}`);
}

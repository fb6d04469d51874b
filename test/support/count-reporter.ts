// Prints the ten slowest files, what failed, and the plain closing line that CI reads: `N passed, N failed, N skipped`, alone on a line. What
// failed stands last, because of a long log only the end is kept. Where this is one of several runs, who started them all is told, and prints
// both (.ci/test.mjs).
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestModule } from 'vitest/node';

/** Enough to see what differed, and not a whole fleet's state of every test that a fault breaks. */
const shownOfFailure = 4000;

export default class CountReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const failures: string[] = [];
    for (const module of modules) {
      // A hook, or the file itself.
      const errors = [module, ...module.children.allSuites()].flatMap((one) => one.errors());
      if (errors.length > 0) failures.push(describeFailure(module.relativeModuleId, errors));
      if (module.state() === 'failed' && [...module.children.allTests('failed')].length === 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        if (state === 'passed' || state === 'failed' || state === 'skipped') counts[state] += 1;
        if (state === 'failed') failures.push(describeFailure(`${module.relativeModuleId} > ${test.fullName}`, errors));
      }
    }
    if (modules.length > 10) console.log(`\nThe slowest files:\n${slowestOf(modules).join('\n')}`);
    if (await tellStarter({ counts, failures })) return;
    for (const failure of failures) console.log(`\n${failure}`);
    console.log(
      `\n${String(counts.passed)} passed, ${String(counts.failed)} failed, ${String(counts.skipped)} skipped`,
    );
  }
}

function describeFailure(
  name: string,
  errors: readonly { readonly message: string; readonly diff?: string }[],
): string {
  const shown = errors.map(({ message, diff = '' }) => `${message}\n${diff}`.trim().slice(0, shownOfFailure));
  return stripVTControlCharacters([`FAILED ${name}`, ...shown].join('\n'));
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

// Mends that the simulator has to miss when they are undone: each a small change of a file as it was built for the simulator (types are
// gone there, the code is the source's). A change that does not fit any more is an error of this list. mutate.ts carries it out.

export interface Mutation {
  readonly name: string;
  /** Of issue 13, or the promise that it breaks. */
  readonly about: string;
  /** Below src/. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** How many nights from seed 1 it took when it was last tried. */
  readonly nights: number;
}

export const mutations: readonly Mutation[] = [
  {
    name: 'a listener that throws reaches the run',
    about: 'A2',
    file: 'run/isolated-listener.js',
    from: 'const fuse = createFuse(onCutOff);',
    to: 'if (onCutOff === undefined) return listener; const fuse = createFuse(onCutOff);',
    nights: 5,
  },
  {
    name: 'the undo goes back to the plan, whoever made the change',
    about: 'A3',
    file: 'run/steps/exclusion-step.js',
    from: 'const goal = presenceWithout(found, ownership);',
    to: 'const goal = step.before;',
    nights: 288,
  },
  {
    name: "what was there when its step came is the run's",
    about: 'A3',
    file: 'model/rules/ownership.js',
    from: 'observe(valuesAfter(step, event.look));',
    to: `{
                    observe(valuesAfter(step, event.look));
                    if (event.result === 'not-needed' && event.direction === 'do' && step.kind === 'exclusion')
                        for (const [key, part] of makeKeys(step))
                            values.set(key, { seen: step.after[part], claim: { before: step.before[part], certainty: 'sure' } });
                }`,
    nights: 57,
  },
  {
    name: 'a change by somebody else since is rolled back too',
    about: 'A3',
    file: 'plan/rollback-plan.js',
    from: 'if (isAsLeft(found, ownership))',
    to: 'if (true)',
    nights: 107,
  },
  {
    name: 'a rollback deletes what came while it was under way',
    about: 'A3',
    file: 'run/steps/exclusion-step.js',
    from: "if (direction === 'do' && step.undoes && isChangedAgain(step, found, context))",
    to: 'if (false)',
    nights: 104,
  },
  {
    name: 'a run that broke off says 1 after a change',
    about: 'A6',
    file: 'cli/exit-codes.js',
    from: "return effect === 'unknown' ? exitCodes.someFailed : exitCodes.nothingDone;",
    to: 'return exitCodes.nothingDone;',
    nights: 69,
  },
  {
    name: 'a run that broke off forgets what it sent',
    about: 'A6',
    file: 'workflows/execute-run.js',
    from: "effect: isAnythingSent ? 'unknown' : 'none',",
    to: "effect: 'none',",
    nights: 69,
  },
  {
    name: 'exit code 4 with changes left',
    about: 'A6',
    file: 'cli/exit-codes.js',
    from: "if (isRolledBack && !has(['changed']))",
    to: 'if (isRolledBack)',
    nights: 323,
  },
  {
    name: 'a run that was rolled back in part is resumed',
    about: 'B8',
    file: 'workflows/resume/dead-run.js',
    from: 'if (standing.unfinishedBy !== null)',
    to: 'if (false)',
    nights: 187,
  },
  {
    name: 'a rollback that failed counts as done',
    about: 'B8',
    file: 'workflows/after-rollbacks.js',
    from: 'if (verdict !== undefined && isBack({ verdict }))',
    to: 'if (verdict !== undefined)',
    nights: 45,
  },
  {
    name: 'a resumed run forgets what it did before',
    about: 'B8',
    file: 'workflows/resume/resumed-host.js',
    from: 'const doneBefore = left.map(',
    to: 'const doneBefore = [].map(',
    nights: 10,
  },
  {
    name: 'a resumed run leaves stopped what it stopped',
    about: 'no service down that ran',
    file: 'workflows/resume/resumed-host.js',
    from: "if (starts.length === 0 || plan.state === 'blocked')",
    to: 'if (true)',
    nights: 10,
  },
  {
    name: 'a host that was changed before is called by its plan',
    about: 'the verdict is true',
    file: 'run/hosts/resumed-host.js',
    from: 'if (job.doneBefore?.some((one) => isOurs(one.ownership)) !== true)',
    to: 'if (true)',
    nights: 77,
  },
  {
    name: 'an intent is acknowledged before it is flushed',
    about: 'intent before effect',
    file: 'journal/append.js',
    from: 'await handle.datasync();',
    to: 'await Promise.resolve();',
    nights: 3,
  },
  {
    name: 'a command is sent while its intent is being written',
    about: 'intent before effect',
    file: 'run/steps/send.js',
    from: "await context.recorder.record({ type: 'command-planned'",
    to: "void context.recorder.record({ type: 'command-planned'",
    nights: 3,
  },
  {
    name: 'a stale plan is applied',
    about: 'exactly what was signed off',
    file: 'run/hosts/compare-with-plan.js',
    from: 'if (fingerprintFacts(facts, plan.desired) === plan.fingerprint)',
    to: 'if (true)',
    nights: 67,
  },
  {
    name: 'a lost answer counts as a command that never ran',
    about: 'the verdict is true',
    file: 'run/steps/exclusion-step.js',
    from: "if (lost.effect === 'none')",
    to: "if (lost.code !== 'step/unread')",
    nights: 25,
  },
  {
    name: 'a failed host is never undone and said to be',
    about: 'the verdict is true',
    file: 'run/hosts/after-failure.js',
    from: 'if (!world.ownership.hasClaims())',
    to: 'if (true)',
    nights: 3,
  },
  {
    name: 'nobody verifies',
    about: 'the verdict is true',
    file: 'run/hosts/change-host.js',
    from: 'let { findings, problem, facts } = await verifyHost(job, session, world, signal);',
    to: 'let { findings, problem, facts } = { ...(await verifyHost(job, session, world, signal)), problem: null };',
    nights: 288,
  },
  {
    name: 'the undo leaves services stopped',
    about: 'no service down that ran',
    file: 'run/steps/undo.js',
    from: "const services = await undoEach(order.filter((one) => one.step.kind === 'service' && isTheRuns(one)), context, untold);",
    to: 'const services = [];',
    nights: 288,
  },
  {
    name: 'netsh is believed',
    about: 'the verdict is true',
    file: 'run/steps/exclusion-step.js',
    from: 'found = answer.seen.state.presence;',
    to: 'found = answer.seen.exitCode === 0 ? goal : answer.seen.state.presence;',
    nights: 4,
  },
  {
    name: 'half an answer is taken for a whole one',
    about: 'the verdict is true',
    file: 'windows/cmd/script.js',
    from: 'if (parts.length < count)',
    to: 'while (parts.length < count) parts.push({ text: "", exitCode: 0 });\n    if (false)',
    nights: 57,
  },
];

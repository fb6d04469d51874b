// The scheduled tasks of a simulated machine as plain data: what each does and when it falls due. It reads no XML (tasks/task-xml.ts) and
// runs nothing (tasks/run-due-tasks.ts). Source: MS-TSCH 2.5; learn.microsoft.com, IRegistrationTrigger and IBootTrigger (facts: windows.md section 9).

/** One <Exec>: a program started without cmd. */
export interface TaskAction {
  readonly command: string;
  readonly rawArguments: string;
}

export interface TaskDefinition {
  /** After the task was registered or updated; the delay is lost when the machine restarts during it. Null: no such trigger. */
  readonly registrationDelayMs: number | null;
  /** After each start of Windows. */
  readonly bootDelayMs: number | null;
  /** 72 hours when the XML says nothing; null (PT0S): none. */
  readonly timeLimitMs: number | null;
  /** The settings that refuse to start on a UPS, and stop when the machine changes to one: on when the XML says nothing. */
  readonly needsMains: boolean;
  readonly enabled: boolean;
  readonly runsAsSystem: boolean;
  readonly actions: readonly TaskAction[];
}

export interface ScheduledTask {
  /** `\Fencepost\name`, as it was written when it was created. */
  readonly path: string;
  readonly xml: string;
  readonly definition: TaskDefinition;
  /** When it starts next, on the machine's clock; null: nothing is due. */
  dueAtMs: number | null;
  /** Since when an action of it hangs; null: none. */
  hangsSinceMs: number | null;
}

export function findTask(tasks: readonly ScheduledTask[], path: string): ScheduledTask | undefined {
  return tasks.find((one) => normalizePath(one.path) === normalizePath(path));
}

/** Registered, or updated: its triggers count from now. */
export function createTask(path: string, xml: string, definition: TaskDefinition, nowMs: number): ScheduledTask {
  const { registrationDelayMs: delayMs, enabled } = definition;
  return {
    path: path.startsWith('\\') ? path : `\\${path}`,
    xml,
    definition,
    dueAtMs: delayMs === null || !enabled ? null : nowMs + delayMs,
    hangsSinceMs: null,
  };
}

/** Windows starts again: what was due by registration is lost, what is due by the boot counts from now. */
export function restartTasks(tasks: readonly ScheduledTask[], nowMs: number): void {
  for (const task of tasks) {
    const { bootDelayMs: delayMs, enabled } = task.definition;
    task.dueAtMs = delayMs === null || !enabled ? null : nowMs + delayMs;
    task.hangsSinceMs = null;
  }
}

/** When the next task starts, or is ended by its time limit; null: nothing is due. */
export function findNextDueMs(tasks: readonly ScheduledTask[]): number | null {
  const times = tasks.flatMap(({ dueAtMs, hangsSinceMs, definition }) => [
    ...(dueAtMs === null ? [] : [dueAtMs]),
    ...(hangsSinceMs === null || definition.timeLimitMs === null ? [] : [hangsSinceMs + definition.timeLimitMs]),
  ]);
  return times.length === 0 ? null : Math.min(...times);
}

function normalizePath(path: string): string {
  return `\\${path.replace(/^\\+/, '')}`.toLowerCase();
}

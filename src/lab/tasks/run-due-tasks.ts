// The task scheduler at work: brings a machine to a time and starts what fell due until then, as SYSTEM, one action after the other,
// each by its path and without cmd. It keeps no clock: whoever has one says what time it is.
// Source: MS-TSCH; facts windows.md section 9 (arguments that hang, batteries, the time limit).
import { runAsSystem } from '../cmd/console.ts';
import type { Machine } from '../machine/machine.ts';
import { findNextDueMs, type ScheduledTask } from '../machine/scheduled-task.ts';

/** Longer ones hang for ever on 2012 and older (TaskScheduler #36). */
const longestOldArguments = 259;

/** Moves the machine's clock to `nowMs`; never backwards. */
export function runDueTasks(machine: Machine, nowMs: number): void {
  for (;;) {
    const dueMs = findNextDueMs(machine.tasks);
    if (dueMs === null || dueMs > nowMs) break;
    machine.nowMs = Math.max(machine.nowMs, dueMs);
    for (const task of [...machine.tasks]) {
      endHanging(machine, task);
      if (task.dueAtMs !== null && task.dueAtMs <= machine.nowMs) runTask(machine, task);
    }
  }
  machine.nowMs = Math.max(machine.nowMs, nowMs);
}

/** The time limit ends the action that hangs, and those behind it never start. */
function endHanging(machine: Machine, task: ScheduledTask): void {
  const { timeLimitMs } = task.definition;
  if (task.hangsSinceMs === null || timeLimitMs === null) return;
  if (task.hangsSinceMs + timeLimitMs <= machine.nowMs) task.hangsSinceMs = null;
}

function runTask(machine: Machine, task: ScheduledTask): void {
  const { actions, needsMains } = task.definition;
  task.dueAtMs = null;
  if (needsMains && machine.quirks.onBattery) return;
  for (const { command, rawArguments } of actions) {
    const isOld = machine.release === '2008r2' || machine.release === '2012';
    if (isOld && rawArguments.length > longestOldArguments) {
      task.hangsSinceMs = machine.nowMs;
      return;
    }
    // An action that cannot be started ends the task; one that fails does not.
    if (runAsSystem(machine, command, rawArguments) === null) return;
  }
}

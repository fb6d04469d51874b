// I/O: who holds a lock, and whether that process lives. A process id means something only within one boot and one pid namespace: there
// the system is asked. Anybody else (another machine, another container) shows that it lives by its heartbeat alone.
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { readErrnoCode } from '../model/failures/errno-code.ts';

export interface LockHolder {
  readonly run: string;
  /** What is locked, in words: a host's name, or `run 20261124-...`. */
  readonly label: string;
  readonly user: string;
  readonly machine: string;
  readonly processId: number;
  /** When the process began, as the system tells it; null where it can't be known. A recycled process id is told apart by it. */
  readonly processStart: string | null;
  /** Of the kernel's present life, and of the world in which the process id counts; null where the platform has none. */
  readonly bootId?: string | null;
  readonly pidNamespace?: string | null;
  /** ISO 8601. */
  readonly since: string;
  /** Whose runner it is; left out: of none. */
  readonly site?: string;
}

export type ProcessIdentity = Pick<LockHolder, 'machine' | 'processId' | 'processStart' | 'bootId' | 'pidNamespace'>;

/** A holder that can't be asked gives a sign of life so often, and counts as dead without one for so long: several beats may be late. */
export const beatMs = 20_000;
export const deadAfterMs = 300_000;

/** This process. */
export function identifyProcess(): ProcessIdentity {
  return {
    machine: hostname(),
    processId: process.pid,
    processStart: processStart(process.pid),
    bootId: readOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: readOr(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** `lives` and `dead` are the system's word; `beats` and `silent` are all that can be known of others. */
export type Life = 'lives' | 'dead' | 'beats' | 'silent';

/** `silentMs`: since its last heartbeat, by one and the same clock. */
export function judgeLife(holder: LockHolder, silentMs: number, self: ProcessIdentity): Life {
  if (!canBeAsked(holder, self)) return silentMs > deadAfterMs ? 'silent' : 'beats';
  try {
    process.kill(holder.processId, 0);
  } catch (thrown) {
    if (readErrnoCode(thrown) !== 'EPERM') return 'dead';
  }
  const start = processStart(holder.processId);
  if (start !== null && holder.processStart !== null) return start === holder.processStart ? 'lives' : 'dead';
  // Nothing tells a process id that was given out again (Windows, macOS), but who holds a lock gives signs of life.
  return silentMs > deadAfterMs ? 'silent' : 'lives';
}

/** Two containers often have one hostname, or one machine two: where there are boot and namespace, they decide. */
function canBeAsked(holder: LockHolder, self: ProcessIdentity): boolean {
  const [theirs, ours] = [holder.bootId ?? null, self.bootId ?? null];
  if (theirs === null || ours === null) return theirs === ours && holder.machine === self.machine;
  return theirs === ours && holder.pidNamespace === self.pidNamespace;
}

/** Field 22 of /proc/PID/stat (proc(5)); null where there is no /proc, and for a zombie, which holds nothing any more. */
function processStart(processId: number): string | null {
  const text = readOr(() => readFileSync(`/proc/${processId}/stat`, 'utf8'));
  if (text === null) return null;
  const fields = text.replace(/^.*\) /s, '').split(' ');
  return fields[0] === 'Z' ? 'zombie' : (fields[19] ?? null);
}

function readOr(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}

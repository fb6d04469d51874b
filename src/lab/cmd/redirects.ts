// Where cmd reads from and writes to: `<`, `>`, `>>`, `2>&1` and NUL.
import { findWording } from '../phrases/wordings.ts';
import { readTextFile, writeTextFile } from './files.ts';
import type { Redirect } from './line-grammar.ts';
import { fail, type CmdState, type Streams } from './state.ts';

/** Null: what is to be read is not there. */
export function readInput(shell: CmdState, redirects: readonly Redirect[], stdin: string): string | null {
  const source = redirects.find((redirect) => redirect.from === 0)?.to;
  if (typeof source !== 'string') return stdin;
  return isNul(source) ? '' : readTextFile(shell, source);
}

function isNul(name: string): boolean {
  return /^(?:.*\\)?nul:?$/i.test(name);
}

export function redirectOutput(shell: CmdState, redirects: readonly Redirect[], result: Streams): Streams {
  if (redirects.length === 0) return { stdout: result.stdout, stderr: result.stderr };
  // Where each stream goes, read from left to right as cmd does: `>x 2>&1` sends both to x, `2>&1 >x` doesn't.
  const sinks: Record<1 | 2, string> = { 1: '&1', 2: '&2' };
  const opened = new Set<string>();
  let isDenied = false;
  for (const { from, to, appends = false } of redirects) {
    if (from !== 0) sinks[from] = typeof to === 'string' ? to : sinks[to];
    if (from === 0 || typeof to !== 'string' || isNul(to) || opened.has(to)) continue;
    // The file is there, and empty unless it is added to, before anything is written.
    if (!writeTextFile(shell, to, '', appends)) isDenied = true;
    opened.add(to);
  }
  if (isDenied) return fail(shell, findWording(shell.machine).system.accessDenied);
  const out = { stdout: '', stderr: '' };
  for (const stream of [1, 2] as const) {
    const text = stream === 1 ? result.stdout : result.stderr;
    const sink = sinks[stream];
    if (sink === '&1') out.stdout += text;
    else if (sink === '&2') out.stderr += text;
    else if (!isNul(sink)) writeTextFile(shell, sink, text, true);
  }
  return out;
}

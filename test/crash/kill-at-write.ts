// A preload for the command line (`node --import`): the process kills itself at the n-th write of one kind, or finds the disk full. It
// patches Node's FileHandle, not the product, which knows nothing of it.

type WriteCall = 'appendFile' | 'datasync' | 'writeFile' | 'sync';

/** At the n-th call. `half`: of its bytes are written; `full`: from then on there is no room, and half of the bytes are written. */
export interface WriteDeath {
  readonly call: WriteCall;
  readonly n: number;
  readonly side: 'before' | 'half' | 'after' | 'full';
}

/** For NODE_OPTIONS. The text of `patch` below is what the process loads, so that it needs no file that Node can't read. */
export function preloadOf({ call, n, side }: WriteDeath): string {
  const text = `await (${patch.toString()})(${JSON.stringify(call)}, ${n}, ${JSON.stringify(side)});`;
  return `--import data:text/javascript,${encodeURIComponent(text)}`;
}

/** Runs in the other process: it may use nothing but its arguments and Node's globals. */
async function patch(call: WriteCall, n: number, side: WriteDeath['side']): Promise<void> {
  /** A plan comes in parts. */
  type Write = (this: unknown, text?: string | Iterable<string>) => Promise<unknown>;
  const { open } = process.getBuiltinModule('node:fs/promises');
  const handle = await open(process.execPath);
  const prototype = Object.getPrototypeOf(handle) as Record<WriteCall, Write>;
  await handle.close();
  const original = prototype[call];
  const die = (): Promise<never> => {
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => undefined);
  };
  let calls = 0;
  prototype[call] = async function (...given) {
    calls += 1;
    const [data = ''] = given;
    const text = typeof data === 'string' ? data : [...data].join('');
    const half = text.slice(0, text.length / 2);
    if (side === 'full' && calls >= n) {
      await original.call(this, half);
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
    if (calls !== n) return original.apply(this, given);
    if (side === 'half') await original.call(this, half);
    if (side === 'after') await original.apply(this, given);
    return die();
  };
}

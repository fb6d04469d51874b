// Loaded before the command line (`node --import`): the process kills itself at the n-th write of one kind, before or after it. It
// patches Node's FileHandle, not the product, which knows nothing of it. KILL_AT: `datasync 3 before`, `appendFile 2 half`, `full 2`.
import { open } from 'node:fs/promises';

const [method = '', count = '0', when = ''] = (process.env.KILL_AT ?? '').split(' ');
const handle = await open(process.execPath);
const prototype = Object.getPrototypeOf(handle);
await handle.close();
let calls = 0;

const die = () => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};

/** As a disk that is full from the n-th record on: half of it is written. */
const fill = async (file, original, text) => {
  await original.call(file, text.slice(0, text.length / 2));
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};

if (method in prototype) {
  const original = prototype[method];
  prototype[method] = async function (...given) {
    calls += 1;
    if (when === 'full' && calls >= Number(count)) return fill(this, original, given[0]);
    if (calls !== Number(count)) return original.apply(this, given);
    if (when === 'before') return die();
    if (when === 'half') await original.call(this, given[0].slice(0, given[0].length / 2));
    else await original.apply(this, given);
    return die();
  };
}

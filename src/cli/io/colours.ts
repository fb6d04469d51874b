// I/O: whether a stream is painted. NO_COLOR, FORCE_COLOR and "is it a terminal" are Node's own rules in styleText.
import { styleText } from 'node:util';
import type { Paint } from '../../report/text/colour.ts';

const styles = { good: 'green', bad: 'red', attention: 'yellow', quiet: 'dim', strong: 'bold' } as const;

export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (as, text) => styleText(styles[as], text, { validateStream: true, stream });
}

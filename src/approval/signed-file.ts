// The text of a signed file (an approval, the signed head of a journal) -> what is in it, judged whole by its form. Who signed is another
// matter. Pure.
import type * as z from 'zod';
import { faultOf } from '../forms/fault.ts';

/** More is none. */
export const mostSignedFileBytes = 64 * 1024;

/** `what`: what it should be, for the problem: `no approval`. */
export function readSignedFile<S extends z.ZodType>(
  form: S,
  text: string,
  what: string,
): { readonly content: z.infer<S> } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'its file is truncated or not JSON' };
  }
  const read = form.safeParse(value);
  return read.success
    ? { content: read.data }
    : { problem: `its file is ${what} of this Fencepost: ${faultOf(read.error)}` };
}

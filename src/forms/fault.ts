// The first thing that a form finds wrong, as one line for a person. It may quote what stands in a file from anywhere, so signs that a
// terminal would obey are written out, and it is cut.
import type * as z from 'zod';

const mostLetters = 300;

/** `steps.0.service: expected the short name of a service` */
export function faultOf(error: z.ZodError): string {
  const [first] = error.issues;
  if (first === undefined) return 'it does not conform';
  const path = first.path.map(String).join('.');
  const said = `${path === '' ? '' : `${path}: `}${first.message}`;
  const visible = said.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return visible.length > mostLetters ? `${visible.slice(0, mostLetters)}...` : visible;
}

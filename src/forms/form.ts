// Ties a zod form to the type it describes, in both directions: a key, a choice or a null that only one of them knows is an error of
// the compiler. Types at heart; at run time a form is what it was.
import type * as z from 'zod';

/** The same data with every part read-only and intersections melted, so that two ways to write one shape become one. */
export type Plain<T> = T extends readonly (infer One)[]
  ? readonly Plain<One>[]
  : T extends object
    ? { readonly [K in keyof T]: Plain<T[K]> }
    : T;

/** Two conditional types are one only if what they test for is identical: assignable is not enough, for it lets optional keys pass. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the parameter stands for any type there is
type Same<A, B> = (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;

/** `formOf<HostFacts>()(form)`: the form, if what it lets through is exactly a HostFacts. */
export function formOf<T>() {
  return <S extends z.ZodType>(
    form: S & (Same<z.infer<S>, T> extends true ? unknown : 'the form is not that of the type'),
  ): S => form;
}

// One C function as a call, at once or on another thread. What the arguments point to is kept alive until the call has ended.
// Sources: koffi's documentation; RFC 2744 section 3.9 (the two statuses of GSS-API).
import type { LibraryHandle } from 'koffi';

let callsUnderWay = 0;

/** How many calls wait on another thread right now. They can't be stopped. */
export function countCallsUnderWay(): number {
  return callsUnderWay;
}

function typeOf(letter: string): string {
  return letter === 'p' ? 'void *' : letter === 'u' ? 'uint32' : 'int';
}

export type Argument = Uint8Array | bigint | number | null;

/** A function that returns 32 bits without a sign. */
export interface NativeCall {
  (...args: readonly Argument[]): number;
  async(...args: readonly Argument[]): Promise<number>;
}

/** `signature`: one letter for each argument. p: pointer, u: 32 bits without a sign, i: int. */
export function declareNative(library: LibraryHandle, name: string, signature: string): NativeCall {
  const native = library.func(name, 'uint32', Array.from(signature, typeOf));
  const call = (...args: readonly Argument[]) => native(...args) as number;
  return Object.assign(call, {
    async: (...args: readonly Argument[]) =>
      new Promise<number>((resolve, reject) => {
        callsUnderWay += 1;
        native.async(...args, (error: unknown, result: number) => {
          callsUnderWay -= 1;
          // `args` is named here, so its memory outlives the call.
          if (error instanceof Error) reject(error);
          else resolve(args.length >= 0 ? result : 0);
        });
      }),
  });
}

/** A function of GSS-API: a major status, and a pointer to the minor one as the first argument. */
export interface Call {
  (...args: readonly Argument[]): { readonly major: number; readonly minor: number };
  async(...args: readonly Argument[]): Promise<{ readonly major: number; readonly minor: number }>;
}

/** `signature`: as for `declareNative`, without the pointer to the minor status. */
export function declareCall(library: LibraryHandle, name: string, signature: string): Call {
  const native = declareNative(library, name, `p${signature}`);
  const call = (...args: readonly Argument[]) => {
    const minor = Buffer.alloc(4);
    const major = native(minor, ...args);
    return { major, minor: minor.readUInt32LE() };
  };
  return Object.assign(call, {
    async: async (...args: readonly Argument[]) => {
      const minor = Buffer.alloc(4);
      const major = await native.async(minor, ...args);
      return { major, minor: minor.readUInt32LE() };
    },
  });
}

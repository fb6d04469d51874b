// One C function of GSS-API as a call, at once or on another thread. All of them return a major status and take a pointer to the minor one
// first (RFC 2744 section 3.9). What the arguments point to is kept alive until the call has ended.
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

/** `minor` is always the first argument and is added here. */
export interface Call {
  (...args: readonly Argument[]): { readonly major: number; readonly minor: number };
  async(...args: readonly Argument[]): Promise<{ readonly major: number; readonly minor: number }>;
}

/** `signature`: one letter for each argument behind `minor`. p: pointer, u: 32 bits without a sign, i: int. */
export function declareCall(library: LibraryHandle, name: string, signature: string): Call {
  const native = library.func(name, 'uint32', ['void *', ...Array.from(signature, typeOf)]);
  const call = (...args: readonly Argument[]) => {
    const minor = Buffer.alloc(4);
    const major = native(minor, ...args) as number;
    return { major, minor: minor.readUInt32LE() };
  };
  return Object.assign(call, {
    async: (...args: readonly Argument[]) => {
      const minor = Buffer.alloc(4);
      return new Promise<{ readonly major: number; readonly minor: number }>((resolve, reject) => {
        callsUnderWay += 1;
        native.async(minor, ...args, (error: unknown, major: number) => {
          callsUnderWay -= 1;
          // `args` and `minor` are named here, so their memory outlives the call.
          if (error instanceof Error) reject(error);
          else resolve({ major, minor: args.length === 0 ? 0 : minor.readUInt32LE() });
        });
      });
    },
  });
}

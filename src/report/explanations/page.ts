// The shape of a page of `explain`. Types only.

/** Where to run a command: on the machine Fencepost runs on, or on the Windows server. */
type Place = 'here' | 'server';

export interface Cure {
  /** What it does, or when to use it: a short phrase. */
  readonly what: string;
  readonly on: Place;
  /** As it is typed; replace the words in CAPITALS. Null: an action that is no command. */
  readonly command: string | null;
}

export interface Page {
  /** One or two sentences. */
  readonly meaning: string;
  /** The likeliest first. */
  readonly causes: readonly string[];
  readonly cures: readonly Cure[];
  /** Codes whose pages say more. */
  readonly see: readonly string[];
}

/** A command to run on the jump host. */
export function here(what: string, command: string): Cure {
  return { what, on: 'here', command };
}

/** A command to run on the server, in an elevated prompt. */
export function server(what: string, command: string): Cure {
  return { what, on: 'server', command };
}

/** An action that is no command. */
export function act(what: string): Cure {
  return { what, on: 'here', command: null };
}

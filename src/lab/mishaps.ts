// Scripted trouble: decides which request meets which mishap, counts, and keeps no other memory. It carries nothing out;
// http-handler.ts and fleet.ts do, each at the place the mishap's name says. Source: the scenario (server-spec.ts).
import type { MishapAct, mishapOperations, MishapSpec } from './scenario/server-spec.ts';

export type SoapOperation = Exclude<(typeof mishapOperations)[number], 'any'>;

/** One request as far as a mishap can see it. */
interface RequestSummary {
  /** Null: no SOAP in it (a leg of the authentication, or a request that was refused). */
  readonly operation: SoapOperation | null;
  /** The command line it starts or belongs to. */
  readonly commandLine: string | null;
  /** 1, 2, 3, ... over all HTTP requests to this server. */
  readonly requestNumber: number;
}

export interface MishapDeck {
  /** Whether connection number `connection` (from 1) is to be reset as soon as it is there. */
  refusesConnection(connection: number): boolean;
  /** What is to happen to this request; null: nothing. Each call counts, so it is called once per request. */
  next(sight: RequestSummary): MishapAct | null;
}

export function createMishapDeck(specs: readonly MishapSpec[]): MishapDeck {
  const cards = specs.map((spec) => ({ spec, met: 0, left: spec.times }));

  return {
    refusesConnection(connection) {
      const card = cards.find(
        ({ spec, left }) => left > 0 && isConnectionMishap(spec) && connection >= (spec.on.nth ?? 1),
      );
      if (card === undefined) return false;
      card.left -= 1;
      return true;
    },
    next(sight) {
      let act: MishapAct | null = null;
      for (const card of cards) {
        if (isConnectionMishap(card.spec) || !isTriggered(card.spec, sight)) continue;
        card.met += 1;
        if (act !== null || card.left === 0 || card.met < (card.spec.on.nth ?? 1)) continue;
        card.left -= 1;
        act = card.spec.act;
      }
      return act;
    },
  };
}

/** `refuse` without a request to wait for concerns the connection itself. */
function isConnectionMishap({ act, on }: MishapSpec): boolean {
  return act.kind === 'refuse' && on.operation === 'any' && on.line === null && on.request === null;
}

function isTriggered({ on }: MishapSpec, sight: RequestSummary): boolean {
  if (on.request !== null && on.request !== sight.requestNumber) return false;
  if (on.line !== null && !isIn(on.line, sight.commandLine)) return false;
  if (on.operation !== 'any') return on.operation === sight.operation;
  return on.request !== null || sight.operation !== null;
}

/** Part of the line as it was sent, or as a person would type it: `sc stop` is in `%SystemRoot%\\System32\\sc.exe stop`. */
function isIn(part: string, commandLine: string | null): boolean {
  if (commandLine === null) return false;
  return commandLine.includes(part) || commandLine.replaceAll(/[%\w:]+\\System32\\(\w+)\.exe/gi, '$1').includes(part);
}

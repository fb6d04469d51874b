// What the page's script reads: a row for each host, and the pieces of their details, each piece kept once however many hosts share it.
// Five thousand servers that were changed alike are told apart by their times only, so the file stays small. Its text is written row by row.
import { visibleText } from '../../model/text/visible-text.ts';
import { exchangeQuestion } from '../../model/rules/unread-answers.ts';
import { separated } from '../../model/lists/separated.ts';
import { worstFirst, type FleetView, type HostView } from '../view/fleet-view.ts';
import { renderHostDetail } from './host-detail.ts';
import type { DrawnPorts } from './host-ports.ts';
import { jsonForScript } from './markup.ts';

/** `places`: index into `pieces`, in order. */
export interface PageRow {
  readonly name: string;
  readonly tone: string;
  readonly words: string;
  readonly standing: string;
  readonly detail: string;
  readonly system: string;
  readonly groups: readonly string[];
  readonly places: readonly number[];
}

export interface PageData {
  /** Worst first. */
  readonly rows: readonly PageRow[];
  /** HTML. */
  readonly pieces: readonly string[];
}

/** A PageData as JSON for a script, in parts: of ten thousand hosts only the pieces are in memory, which they share. */
export function* writePageData(view: FleetView): Generator<string> {
  const numbers = new Map<string, number>();
  const drawn: DrawnPorts = new Map();
  yield '{"rows":[';
  yield* separated(
    texts(worstFirst(view.hosts), (host) => buildRow(host, numbers, drawn)),
    ',',
  );
  yield '],"pieces":[';
  yield* separated(
    texts(numbers.keys(), (piece) => piece),
    ',',
  );
  yield ']}';
}

function* texts<T>(items: Iterable<T>, valueOf: (item: T) => unknown): Generator<string> {
  for (const item of items) yield jsonForScript(valueOf(item)).text;
}

/** `numbers`: of the pieces so far; new ones are added. */
function buildRow(host: HostView, numbers: Map<string, number>, drawn: DrawnPorts): PageRow {
  return {
    // The script sets these as text of an element, past `html`.
    name: visibleText(host.host),
    tone: host.tone,
    words: host.words,
    standing: host.standing,
    detail: visibleText(host.detail),
    system: describeSystem(host),
    groups: listFilterGroups(host).map(visibleText),
    places: renderHostDetail(host, drawn).flatMap(({ text }) => {
      if (text === '') return [];
      const number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      return [number];
    }),
  };
}

/** The inventory's groups and the batch, as the filter offers them. */
export function listFilterGroups({ groups, batch }: HostView): readonly string[] {
  return batch === null ? groups : [...groups, `batch ${batch}`];
}

export function describeSystem({ windows, exchange, gaps }: HostView): string {
  const short = (name: string): string => name.replace(/^(Windows|Exchange) Server /, '$1 ');
  if (windows === null) return '';
  const isUnread = gaps.some((one) => one.question === exchangeQuestion);
  const none = isUnread ? 'Exchange unknown' : 'no Exchange';
  return `${short(windows)}, ${exchange === null ? none : short(exchange)}`;
}

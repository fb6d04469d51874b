// What the page's script reads: a row for each host, and the pieces of their details, each piece kept once however many hosts share it.
// Five thousand servers that were changed alike are told apart by their times only, so the file stays small.
import { visibleText } from '../../model/text/visible-text.ts';
import { exchangeQuestion } from '../../model/rules/unread-answers.ts';
import { worstFirst, type FleetView, type HostView } from '../view/fleet-view.ts';
import { renderHostDetail } from './host-detail.ts';
import type { DrawnPorts } from './host-ports.ts';

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

export function buildPageData(view: FleetView): PageData {
  const numbers = new Map<string, number>();
  const drawn: DrawnPorts = new Map();
  const rows = worstFirst(view.hosts).map((host) => ({
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
  }));
  return { rows, pieces: [...numbers.keys()] };
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

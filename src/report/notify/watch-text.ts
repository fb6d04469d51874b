// What `watch` prints: runs that died with the command to type next, and what became of the notifications of each channel.
import { counted } from '../../model/text/counted.ts';
import { renderTable, wrapText } from '../text/table.ts';

interface DeadRun {
  readonly run: string;
  readonly lastAt: string;
  /** Whose it was; null: not known. */
  readonly holder: string | null;
  readonly next: string | null;
}

interface ChannelDelivery {
  readonly channel: string;
  readonly sent: number;
  readonly left: number;
  readonly problem: string | null;
}

export interface ChannelTest {
  readonly channel: string;
  readonly kind: string;
  readonly isDelivered: boolean;
  readonly problem: string | null;
}

export interface WatchLook {
  readonly dead: readonly DeadRun[];
  /** Why not all runs could be looked at; null: all were. */
  readonly problem: string | null;
  readonly channels: readonly ChannelDelivery[];
}

export function renderWatch({ dead, problem, channels }: WatchLook): string {
  const runs = dead.map(({ run, lastAt, holder, next }) => {
    const who = holder === null ? '' : `, ran as ${holder}`;
    const line = wrapText(`Run ${run} is not finished: last sign of life ${lastAt}${who}`, '', '  ');
    return `${line}\n${next === null ? '' : `  ${next}\n`}`;
  });
  const none = problem === null ? 'No run died.\n' : '';
  const rest = problem === null ? '' : `${wrapText(`Not known of all runs: ${problem}`, '', '  ')}\n`;
  const head = `${dead.length === 0 ? none : runs.join('')}${rest}`;
  const rows = channels.map(({ channel, sent, left, problem }) => [channel, String(sent), String(left), problem ?? '']);
  return `${head}${renderTable([['CHANNEL', 'SENT', 'WAITING', ''], ...rows])}`;
}

export function renderChannelTests(tests: readonly ChannelTest[]): string {
  const rows = tests.map((one) => [
    one.channel,
    one.kind,
    one.isDelivered ? 'delivered' : `NOT DELIVERED: ${one.problem ?? ''}`,
  ]);
  const failed = tests.filter((one) => !one.isDelivered).length;
  const end =
    failed === 0
      ? 'All channels took the test; whether it is seen there, look.'
      : `${counted(failed, 'channel')} of ${tests.length} failed.`;
  return `${renderTable([['CHANNEL', 'KIND', ''], ...rows])}${end}\n`;
}

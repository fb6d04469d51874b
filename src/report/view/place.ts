// Where something failed, said once: a Failure's message never holds its place, so each renderer puts it in front. Pure.
import type { FailureRecord } from '../../model/failure.ts';

/**
 * `10.1.2.3:5985: the connection was refused`. `text`: what to say instead of the message. The place is left out where a reader sees it
 * already: beside the name of `host`.
 */
export function atPlace(
  { where, message }: Pick<FailureRecord, 'where' | 'message'>,
  host: string | null = null,
  text = message,
): string {
  return where === null || where === host ? text : `${where}: ${text}`;
}

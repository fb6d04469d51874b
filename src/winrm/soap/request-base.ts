// What every request to one host has in its header, beside what it asks for.
import type { RequestBase } from './request-header.ts';

/** What native clients ask for; the server takes the smaller of this and its own limit, and a Pull must repeat it (wsman.md 2.3, 7.1). */
const maxEnvelopeBytes = 512_000;

export interface RequestParts {
  /** `http://ex01:5985/wsman` */
  readonly url: string;
  readonly operationMs: number;
  /** `uuid:` and a new upper-case GUID. */
  readonly newId: () => string;
}

/** With an id of its own. */
export function createRequestBase({ url, operationMs, newId }: RequestParts): RequestBase {
  return {
    url,
    messageId: newId(),
    sessionId: null,
    operationTimeoutMs: operationMs,
    maxEnvelopeBytes,
    locale: 'en-US',
  };
}

// CIM over WS-Management as calls: Get, Enumerate with its Pulls, methods, and Identify. No shell is opened for them. What changes nothing
// is asked again after a lost connection; a method is sent at most once. Sources: DSP0226 sections 7-9; MS-WSMV 4.1; wsman.md section 7.
import type { CimObject } from '../../model/cim.ts';
import type { SoapChannel } from '../channel/reconnecting-channel.ts';
import { createRequestBase } from '../soap/request-base.ts';
import type { RequestParts } from '../soap/request-base.ts';
import { callSoapUnlessNothingYet, callSoap } from '../channel/soap-call.ts';
import type { MessageOptions, SoapCall } from '../channel/soap-call.ts';
import { retry } from '../retries.ts';
import type { Tries } from '../retries.ts';
import { createCimFaultFailure } from '../soap/cim-fault.ts';
import {
  writeEnumerateRequest,
  writeGetRequest,
  writeInvokeRequest,
  writePullRequest,
  writeReleaseRequest,
} from '../soap/cim-requests.ts';
import type { InvokeInput } from '../soap/cim-requests.ts';
import {
  readEnumerateResponse,
  readGetResponse,
  readInvokeResponse,
  readPullResponse,
  readReleaseResponse,
} from '../soap/cim-responses.ts';
import { isEnumerationTimeout } from '../soap/fault.ts';
import type { NamedValue, RequestBase } from '../soap/request-header.ts';
import { writeIdentifyRequest } from '../soap/requests.ts';
import { readIdentifyResponse } from '../soap/responses.ts';
import type { Identity } from '../soap/responses.ts';

/** MaxBatchItems of current servers; the envelope's size is what really ends an answer (wsman.md sections 2.10 and 7.1). */
export const defaultMaxElements = 32_000;
/** Giving up an enumeration that is no longer needed is a courtesy, and costs no longer than this. */
const releaseMs = 3000;

export interface CimParts extends RequestParts {
  readonly channel: SoapChannel;
  readonly newTries: () => Tries;
}

export interface Resource {
  readonly resourceUri: string;
  readonly selectors: readonly NamedValue[];
}

export class CimMessages {
  readonly #parts: CimParts;

  constructor(parts: CimParts) {
    this.#parts = parts;
  }

  async get(resource: Resource, signal?: AbortSignal): Promise<CimObject> {
    return await this.#ask(
      { what: 'get', write: (base) => writeGetRequest({ ...base, ...resource }), read: readGetResponse },
      signal,
    );
  }

  async identify(signal?: AbortSignal): Promise<Identity> {
    return await this.#ask({ what: 'identify', write: writeIdentifyRequest, read: readIdentifyResponse }, signal);
  }

  /**
   * The instances as they come: the next Pull is sent when the last one's are used up. Whoever stops early has the enumeration given
   * up on the host. Throws Failure; after the first answer a lost connection ends it, for a place in an enumeration can't be found again.
   */
  async *enumerate(
    resource: Resource,
    { wql, maxElements }: { readonly wql: string | null; readonly maxElements: number },
    signal?: AbortSignal,
  ): AsyncGenerator<CimObject, void, undefined> {
    const { channel } = this.#parts;
    const write = (base: RequestBase): string => writeEnumerateRequest({ ...base, ...resource, wql, maxElements });
    let part = await this.#ask({ what: 'enumerate', write, read: readEnumerateResponse }, signal);
    let isOpen = part.context !== null;
    try {
      for (;;) {
        yield* part.items;
        const { context } = part;
        if (context === null) return;
        isOpen = false;
        const request = writePullRequest({ ...createRequestBase(this.#parts), ...resource, context, maxElements });
        const call: SoapCall<typeof part> = {
          what: 'pull',
          request,
          read: (envelope) => readPullResponse(envelope, context),
          failureOf: createCimFaultFailure,
        };
        // "Nothing within this time": the enumeration is still good [DSP0226 8.4; wsmerror 2150858780].
        part = (await callSoapUnlessNothingYet(channel, call, isEnumerationTimeout, { signal })) ?? {
          items: [],
          context,
        };
        isOpen = part.context !== null;
      }
    } finally {
      if (isOpen && part.context !== null && signal?.aborted !== true) await this.#release(resource, part.context);
    }
  }

  /** All of an enumeration; it starts again when the connection breaks in the middle. */
  async list(resource: Resource, wql: string, signal?: AbortSignal): Promise<readonly CimObject[]> {
    const all = async (): Promise<readonly CimObject[]> => {
      const items: CimObject[] = [];
      const what = { wql, maxElements: defaultMaxElements };
      for await (const item of this.enumerate(resource, what, signal)) items.push(item);
      return items;
    };
    return await retry(all, { tries: this.#parts.newTries(), signal });
  }

  /** A method, sent at most once: `effect` of the Failure says whether it may have run. */
  async invoke(
    resource: Resource,
    { method, parameters }: Pick<InvokeInput, 'method' | 'parameters'>,
    signal?: AbortSignal,
  ): Promise<CimObject> {
    const request = writeInvokeRequest({ ...createRequestBase(this.#parts), ...resource, method, parameters });
    const read: SoapCall<CimObject>['read'] = (envelope) => readInvokeResponse(envelope, method);
    const call = { what: 'invoke', request, read, failureOf: createCimFaultFailure } as const;
    return await callSoap(this.#parts.channel, call, { signal, careful: true });
  }

  async #release(resource: Resource, context: string): Promise<void> {
    const request = writeReleaseRequest({ ...createRequestBase(this.#parts), ...resource, context });
    const options: MessageOptions = { signal: AbortSignal.timeout(releaseMs), note: 'abandoned' };
    const call: SoapCall<void> = { what: 'release', request, read: readReleaseResponse };
    await callSoap(this.#parts.channel, call, options).catch(() => undefined);
  }

  async #ask<T>(
    { what, write, read }: Pick<SoapCall<T>, 'what' | 'read'> & { readonly write: (base: RequestBase) => string },
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { channel, newTries } = this.#parts;
    const send = async (note: string | null): Promise<T> => {
      const call = { what, request: write(createRequestBase(this.#parts)), read, failureOf: createCimFaultFailure };
      return await callSoap(channel, call, { signal, note });
    };
    return await retry(send, { tries: newTries(), signal });
  }
}

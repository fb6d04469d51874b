// CIM as a user of the library asks for it: classes by name, namespaces, selectors as plain objects. It puts these into resource URIs and
// lists; what is sent, and what is asked again, is cim-messages.ts's.
import type { CimObject } from '../../model/cim.ts';
import { asFailure, Failure } from '../../model/failure.ts';
import { defaultMaxElements } from './cim-messages.ts';
import type { CimMessages, Resource } from './cim-messages.ts';
import { writeClassUri } from '../soap/cim-requests.ts';

export interface QueryOptions {
  /** Default `root/cimv2`. */
  readonly namespace?: string;
  /** Instances in one answer, at most. Default 32000: as many as fit one message. */
  readonly maxElements?: number;
  readonly signal?: AbortSignal;
}

export interface ResourceOptions {
  /** Default `root/cimv2`. Not looked at when the resource is a whole URI. */
  readonly namespace?: string;
  /** The key properties of one instance: `{ Name: 'Spooler' }`. */
  readonly selectors?: Readonly<Record<string, string | number | boolean>>;
  readonly signal?: AbortSignal;
}

export type EnumerateOptions = ResourceOptions & Pick<QueryOptions, 'maxElements'>;
export type InvokeOptions = ResourceOptions;

/** Parameters of a method, in the order of its signature. */
export type CimInput = Readonly<
  Record<string, string | number | boolean | null | readonly (string | number | boolean)[]>
>;

export class CimClient {
  readonly #messages: (signal: AbortSignal | undefined) => Promise<CimMessages>;

  constructor(messages: (signal: AbortSignal | undefined) => Promise<CimMessages>) {
    this.#messages = messages;
  }

  async get(resource: string, options: ResourceOptions = {}): Promise<CimObject> {
    return await this.#call(options.signal, (cim) => cim.get(toResource(resource, options), options.signal));
  }

  async *enumerate(resource: string, options: EnumerateOptions = {}): AsyncGenerator<CimObject, void, undefined> {
    yield* this.#enumerate(toResource(resource, options), null, options);
  }

  async *query(wql: string, options: QueryOptions = {}): AsyncGenerator<CimObject, void, undefined> {
    yield* this.#enumerate(toResource('*', options), wql, options);
  }

  async invoke(
    resource: string,
    method: string,
    input: CimInput = {},
    options: ResourceOptions = {},
  ): Promise<CimObject> {
    const { signal } = options;
    const names = [method, ...Object.keys(input)];
    const bad = names.find((name) => !/^[A-Za-z_][\w.-]*$/.test(name));
    if (bad !== undefined) {
      throw new Failure('usage/invalid', `expected the name of a method or parameter, got ${JSON.stringify(bad)}`);
    }
    const parameters = Object.entries(input).map(([name, value]) => [name, toText(value)] as const);
    return await this.#call(signal, (cim) => cim.invoke(toResource(resource, options), { method, parameters }, signal));
  }

  async *#enumerate(
    resource: Resource,
    wql: string | null,
    { maxElements = defaultMaxElements, signal }: QueryOptions,
  ): AsyncGenerator<CimObject, void, undefined> {
    if (!Number.isInteger(maxElements) || maxElements < 1) {
      throw new Failure('usage/invalid', `maxElements: expected a whole number of at least 1, got ${maxElements}`);
    }
    const cim = await this.#messages(signal);
    yield* cim.enumerate(resource, { wql, maxElements }, signal);
  }

  async #call<T>(signal: AbortSignal | undefined, work: (cim: CimMessages) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#messages(signal));
    } catch (thrown) {
      throw asFailure(thrown);
    }
  }
}

function toText(value: CimInput[string]): string | null | readonly string[] {
  if (value === null) return null;
  return Array.isArray(value) ? value.map(String) : String(value);
}

function toResource(resource: string, { namespace = 'root/cimv2', selectors = {} }: ResourceOptions): Resource {
  return {
    resourceUri: /^https?:\/\//i.test(resource) ? resource : writeClassUri(namespace, resource),
    selectors: Object.entries(selectors).map(([name, value]) => [name, String(value)]),
  };
}

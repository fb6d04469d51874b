// Events, progress and requests -> spans: run > batch > host > connect/collect/step > request. Pure: time comes with each call. It serves
// the live exporter and the export of a journal alike; a journal has neither progress nor requests, so its spans have fewer children.
import type { EventOf, RunEvent } from '../../model/outcome.ts';
import type { Step } from '../../model/plan.ts';
import type { Progress } from '../../model/seams.ts';
import {
  describeHost,
  describeRun,
  describeRunEnd,
  describeStep,
  describeVerdict,
  errorOfVerdict,
  nameStep,
} from './span-attributes.ts';
import type { Attributes, SpanEnd, SpanSink, SpanStart } from './span.ts';

/** One HTTP request, as winrm/ traces it. */
export interface RequestTrace {
  readonly target: string;
  /** When the answer came. */
  readonly at: string;
  readonly what: string;
  readonly status: number | null;
  readonly requestBytes: number;
  readonly answerBytes: number;
  readonly durationMs: number;
}

export interface SpanFollower {
  event(event: RunEvent): void;
  progress(progress: Progress, atMs: number): void;
  request(request: RequestTrace): void;
  /** Ends what is still open: `error` says why, or null. */
  finish(atMs: number, error: string | null): void;
}

interface OpenHost {
  readonly id: string;
  started: EventOf<'host-started'> | undefined;
  phase: { readonly id: string; readonly name: string } | null;
  /** By step and direction, the last one last. */
  readonly steps: Map<string, string>;
}

/** `root`: the span that all others are below, which the caller starts and ends; null: the run is the root. */
export function createSpanFollower(sink: SpanSink, root: string | null): SpanFollower {
  const hosts = new Map<string, OpenHost>();
  /** For what a host is asked after its end: closing its session. */
  const endedHosts = new Map<string, string>();
  let spans = 0;
  let run: string | null = null;
  let stage: string | null = null;
  let batch: string | null = null;
  let lastMs = 0;

  function start(span: Omit<SpanStart, 'id' | 'kind'> & { readonly kind?: SpanStart['kind'] }): string {
    spans += 1;
    const id = `span ${spans}`;
    sink.start({ id, kind: 'internal', ...span });
    return id;
  }

  function openHost(host: string, atMs: number): OpenHost {
    const known = hosts.get(host);
    if (known !== undefined) return known;
    const parent = batch ?? run ?? stage ?? root;
    const id = start({ parent, name: 'host', atMs, attributes: describeHost(host) });
    const opened: OpenHost = { id, started: undefined, phase: null, steps: new Map() };
    hosts.set(host, opened);
    return opened;
  }

  function endPhase(host: OpenHost, end: SpanEnd): void {
    if (host.phase !== null) sink.end(host.phase.id, end);
    host.phase = null;
  }

  function endHost(name: string, end: SpanEnd): void {
    const host = hosts.get(name);
    if (host === undefined) return;
    const inner: SpanEnd = { atMs: end.atMs, error: end.error };
    endPhase(host, inner);
    for (const id of host.steps.values()) sink.end(id, inner);
    sink.end(host.id, end);
    hosts.delete(name);
    endedHosts.set(name, host.id);
  }

  function endBatch(end: SpanEnd): void {
    if (batch !== null) sink.end(batch, end);
    batch = null;
  }

  function endHosts(end: SpanEnd): void {
    for (const name of [...hosts.keys()]) endHost(name, end);
  }

  function openStep({ host, step: number, direction }: StepEvent, atMs: number): string {
    const open = openHost(host, atMs);
    const key = `${direction} ${number}`;
    const known = open.steps.get(key);
    if (known !== undefined) return known;
    endPhase(open, { atMs, error: null });
    const step: Step | undefined = open.started?.steps.find((one) => one.number === number);
    const attributes: Attributes = {
      ...describeStep(step, number, open.started),
      'fencepost.step.direction': direction,
    };
    const id = start({ parent: open.id, name: nameStep(step, direction), atMs, attributes });
    open.steps.set(key, id);
    return id;
  }

  function endStep(event: EventOf<'step-finished'>, atMs: number): void {
    const id = openStep(event, atMs);
    const { result, failure } = event;
    const failed = result === 'failed' || result === 'in-doubt';
    sink.end(id, {
      atMs,
      attributes: { 'fencepost.step.result': result },
      error: failed ? (failure?.code ?? result) : null,
    });
    hosts.get(event.host)?.steps.delete(`${event.direction} ${event.step}`);
  }

  return {
    event(event) {
      const atMs = Date.parse(event.at);
      switch (event.type) {
        case 'run-started':
          run = start({ parent: root, name: `run ${event.kind}`, atMs, attributes: describeRun(event) });
          break;
        case 'run-resumed':
          // What was open died with the process before this one, at its last sign of life.
          endHosts({ atMs: lastMs, error: 'interrupted' });
          endBatch({ atMs: lastMs, error: 'interrupted' });
          run ??= start({ parent: root, name: 'run apply', atMs, attributes: { 'fencepost.run.resumed': true } });
          break;
        case 'batch-started': {
          const { batch: number, of, hosts: named } = event;
          const attributes = {
            'fencepost.batch.number': number,
            'fencepost.batch.of': of,
            'fencepost.batch.hosts': named.length,
          };
          endBatch({ atMs, error: null });
          batch = start({ parent: run ?? root, name: 'batch', atMs, attributes });
          break;
        }
        case 'host-started':
          openHost(event.host, atMs).started = event;
          break;
        case 'command-planned':
          openStep(event, atMs);
          break;
        case 'step-finished':
          endStep(event, atMs);
          break;
        case 'host-finished':
          openHost(event.host, atMs);
          endHost(event.host, { atMs, attributes: describeVerdict(event), error: errorOfVerdict(event) });
          break;
        case 'batch-finished':
          endBatch({
            atMs,
            attributes: { 'fencepost.batch.failed': event.failed },
            error: event.failed > 0 ? 'hosts_failed' : null,
          });
          break;
        case 'run-finished': {
          endHosts({ atMs, error: null });
          endBatch({ atMs, error: null });
          const { attributes, failed } = describeRunEnd(event.counts);
          if (run !== null) sink.end(run, { atMs, attributes, error: failed ? 'hosts_failed' : null });
          run = null;
          break;
        }
        default:
          break;
      }
      lastMs = Math.max(lastMs, atMs);
    },
    progress({ host, doing, over = false, total, phase }, atMs) {
      if (host === '') {
        if (stage !== null && (over || total !== undefined)) {
          sink.end(stage, { atMs, error: null });
          stage = null;
        }
        if (!over && total !== undefined) {
          stage = start({ parent: run ?? root, name: 'survey', atMs, attributes: { 'fencepost.survey.hosts': total } });
        }
        return;
      }
      // The end of a host that is changed is an event.
      if (over && batch === null) endHost(host, { atMs, error: doing === 'failed' ? 'host_failed' : null });
      if (over) return;
      const open = openHost(host, atMs);
      if (open.phase?.name === phase) return;
      endPhase(open, { atMs, error: null });
      if (phase !== undefined)
        open.phase = { id: start({ parent: open.id, name: phase, atMs, attributes: {} }), name: phase };
    },
    request({ target, at, what, status, requestBytes, answerBytes, durationMs }) {
      const atMs = Date.parse(at);
      const host = hosts.get(target);
      const parent =
        host === undefined
          ? (endedHosts.get(target) ?? root)
          : ([...host.steps.values()].at(-1) ?? host.phase?.id ?? host.id);
      const attributes: Attributes = {
        ...describeHost(target),
        'http.request.method': 'POST',
        'fencepost.request': what,
        'fencepost.request.bytes': requestBytes,
        'fencepost.response.bytes': answerBytes,
        ...(status === null ? {} : { 'http.response.status_code': status }),
      };
      const id = start({ parent, name: `POST ${what}`, kind: 'client', atMs: atMs - durationMs, attributes });
      // 401 is half of a handshake, and the first half of it is no error.
      const isChallenge = status === 401 && what.startsWith('type1');
      const error = status === null ? 'no_answer' : status >= 400 && !isChallenge ? String(status) : null;
      sink.end(id, { atMs, error });
    },
    finish(atMs, error) {
      const end: SpanEnd = { atMs, error };
      endHosts(end);
      endBatch(end);
      if (stage !== null) sink.end(stage, end);
      if (run !== null)
        sink.end(run, { ...end, attributes: { 'cicd.pipeline.result': error === null ? 'success' : 'error' } });
      [stage, run] = [null, null];
    },
  };
}

type StepEvent = Pick<EventOf<'step-finished'>, 'host' | 'step' | 'direction'>;

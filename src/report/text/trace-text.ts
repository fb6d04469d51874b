// One HTTP request as a line of `--trace`.

export interface TracedRequest {
  readonly target: string;
  readonly n: number;
  readonly what: string;
  readonly status: number | null;
  readonly requestBytes: number;
  readonly answerBytes: number;
  readonly durationMs: number;
  readonly note: string | null;
}

export function renderTrace(one: TracedRequest): string {
  const note = one.note === null ? '' : `  (${one.note})`;
  return `trace ${one.target} #${one.n} ${one.what}: ${one.status ?? 'no answer'}, ${one.requestBytes} -> ${one.answerBytes} bytes, ${one.durationMs} ms${note}\n`;
}

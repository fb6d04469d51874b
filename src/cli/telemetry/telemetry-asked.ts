// Which telemetry the environment asks for, by OpenTelemetry's own variables (SDK and OTLP exporter environment variables). Pure, and loads
// nothing: without them a command pays only for this.

export interface AskedTelemetry {
  readonly traces: boolean;
  readonly metrics: boolean;
  /** What is asked for and not supported, in words; nothing is sent for it. */
  readonly problems: readonly string[];
}

type Signal = 'TRACES' | 'METRICS';

export function readAskedTelemetry(env: NodeJS.ProcessEnv): AskedTelemetry {
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return { traces: false, metrics: false, problems: [] };
  const traces = readSignal(env, 'TRACES');
  const metrics = readSignal(env, 'METRICS');
  const problems = [traces, metrics].flatMap((one) => (typeof one === 'string' ? [one] : []));
  return { traces: traces === true, metrics: metrics === true, problems: [...new Set(problems)] };
}

/** Whether it is asked for; a text when it is, in a way that is not supported. */
function readSignal(env: NodeJS.ProcessEnv, signal: Signal): boolean | string {
  const name = `OTEL_${signal}_EXPORTER`;
  const exporters = given(env, name)
    ?.split(',')
    .map((one) => one.trim().toLowerCase());
  const endpoint = given(env, `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) ?? given(env, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  if (exporters === undefined && endpoint === undefined) return false;
  if (exporters?.includes('none') === true) return false;
  if (exporters?.includes('otlp') === false) return `${name}: only otlp and none are supported`;
  const protocol = given(env, `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`) ?? given(env, 'OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol?.startsWith('http/') === false) return 'OTEL_EXPORTER_OTLP_PROTOCOL: only http/protobuf is supported';
  if (endpoint !== undefined && !(/^https?:/i.test(endpoint) && URL.canParse(endpoint))) {
    return 'OTEL_EXPORTER_OTLP_ENDPOINT: expected an http or https URL';
  }

  return true;
}

/** An empty variable is as good as none. */
function given(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

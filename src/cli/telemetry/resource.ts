// Who sends telemetry: the tool and its version, and what OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say. Not the machine, the user
// or the command line.
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';

export function describeProcess(env: NodeJS.ProcessEnv, toolVersion: string): Resource {
  const own = resourceFromAttributes({ 'service.name': 'fencepost', 'service.version': toolVersion });
  const named = env['OTEL_SERVICE_NAME'] ?? env['OTEL_RESOURCE_ATTRIBUTES'];
  const resource = defaultResource().merge(own);
  return named === undefined ? resource : resource.merge(detectResources({ detectors: [envDetector] }));
}

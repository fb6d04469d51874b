// The written form of a lab scenario: a parsed YAML value in, servers out, or every mistake at once. Pure; it opens nothing.
export type { MishapSpec, Scenario, ServerSpec } from './server-spec.ts';

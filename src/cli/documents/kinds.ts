// The documents that `--json` prints and the other data the tool leaves behind, by name, with the version of each. A version is raised
// when something is taken away or changes its meaning; what is added stays within it (docs/ci.md). Data only: it is loaded by --help.

/** Documents on stdout: `"schema": "fencepost/KIND", "version": N` stand first in each. */
export const documentVersions = {
  facts: 1,
  plan: 1,
  'sign-off': 1,
  rehearsal: 1,
  verify: 1,
  approval: 1,
  run: 1,
  runs: 1,
  'run-history': 2,
  'run-proof': 1,
  unlock: 1,
  confirm: 1,
  guards: 1,
  'run-status': 1,
  'host-history': 1,
  state: 1,
  'state-copy': 1,
  'state-sites': 1,
  runner: 1,
  'state-prune': 1,
  discovery: 1,
  watch: 1,
  'channel-test': 1,
  inventory: 1,
  'inventory-host': 1,
  doctor: 1,
  report: 1,
  explanation: 1,
  explanations: 1,
  init: 1,
  schemas: 1,
  completion: 1,
  lab: 1,
  demo: 1,
  error: 1,
} as const;
export type DocumentKind = keyof typeof documentVersions;
export const documentKinds = Object.keys(documentVersions) as readonly DocumentKind[];

/** One line of `--events`. */
export const eventLineVersion = 2;

/** What a generic webhook gets. */
export const notificationVersion = 1;

/** Files and lines that are no document of `--json`. */
const recordKinds = [
  'plan-file',
  'approval-file',
  'snapshot-file',
  'journal-line',
  'event-line',
  'notification',
] as const;
export type RecordKind = (typeof recordKinds)[number];

/** Files that people write. */
export const inputKinds = ['inventory', 'playbook', 'policy', 'scenario'] as const;
export type InputKind = (typeof inputKinds)[number];

/** What `fencepost schema` prints: `output-plan` is the form of the document fencepost/plan. */
export type SchemaName = InputKind | RecordKind | `output-${DocumentKind}`;
export const schemaNames: readonly SchemaName[] = [
  ...inputKinds,
  ...recordKinds,
  ...documentKinds.map((kind): SchemaName => `output-${kind}`),
];

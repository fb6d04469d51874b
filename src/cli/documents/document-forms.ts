// The form of every document that `--json` prints, without the two keys that all start with (json.ts). Small ones are written here, the
// large ones are in the files beside. Whoever prints a document is held to its form by the compiler.
import * as z from 'zod';
import type { RecordedAnswer } from '../../facts/collect.ts';
import { languages, windowsReleases } from '../../lab/machine/releases.ts';
import { crossCheckResults, type CrossCheck } from '../../model/cross-check.ts';
import type { Issue } from '../../model/failure.ts';
import type { Explanation } from '../../report/explanations/explanations.ts';
import type { Cure } from '../../report/explanations/page.ts';
import type { ShownHost } from '../../report/text/inventory-text.ts';
import { checkNames, type Check } from '../../run/survey/check.ts';
import type { NotReady } from '../../workflows/check-plan.ts';
import { approvalClaim } from '../../forms/approval-forms.ts';
import { formOf } from '../../forms/form.ts';
import { hostNews } from '../../forms/history-forms.ts';
import { discoveredServer, discovery } from './discovery-form.ts';
import { planHeadline } from './headline-form.ts';
import { inventoryConnection } from './inventory-forms.ts';
import type { DocumentKind } from './kinds.ts';
import { count, text } from '../../forms/value-forms.ts';
import { facts, failure, failureCode, finding, findingCode, fleetPlan, origin } from '../../forms/plan-forms.ts';
import { rehearsal } from './rehearsal-form.ts';
import { fleetView } from './report-form.ts';
import { signOff } from './sign-off-form.ts';
import { runForms } from './run-document-forms.ts';
import { siteForms } from './site-forms.ts';
import { watchForms } from './watch-forms.ts';

const issue = formOf<Issue>()(
  z
    .strictObject({ file: text, line: count, column: count, message: text })
    .meta({ id: 'Issue', description: 'Counted from 1; 0 = the file as a whole' }),
);

const answer = formOf<RecordedAnswer>()(
  z
    .strictObject({ question: text, line: text, exitCode: z.int(), text })
    .meta({ id: 'Answer', description: 'Word for word, as Windows printed it' }),
);

const crossCheck = formOf<CrossCheck>()(
  z
    .strictObject({
      agreed: z.array(text),
      findings: z.array(
        z.strictObject({ result: z.enum(crossCheckResults), about: text, sentence: text, hint: text.nullable() }),
      ),
    })
    .meta({ id: 'CrossCheck', description: 'What CIM said beside netsh and sc; null without --cross-check' }),
);

const cure = formOf<Cure>()(
  z.strictObject({ what: text, on: z.enum(['here', 'server']), command: text.nullable() }).meta({ id: 'Cure' }),
);

/** Grows as `failureCode` does. */
export const checkName = z.enum(checkNames);

const checkShape = {
  name: checkName,
  state: z.enum(['ok', 'warning', 'failed', 'not-needed', 'skipped']),
  detail: text,
  evidence: text.nullable(),
  cure: text.nullable(),
  code: z.union([failureCode, findingCode]).nullable(),
};
const check = formOf<Check & { readonly commands: readonly Cure[] }>()(
  z.strictObject({ ...checkShape, commands: z.array(cure) }),
);

const page = formOf<Explanation>()(
  z
    .strictObject({
      code: text,
      kind: z.enum(['failure', 'finding', 'verdict']),
      meaning: text,
      causes: z.array(text),
      cures: z.array(cure),
      see: z.array(text),
    })
    .meta({ id: 'Page' }),
);

const shownHost = formOf<ShownHost>()(
  z
    .strictObject({
      host: text,
      origin,
      groups: z.array(text),
      site: text.exactOptional(),
      connection: inventoryConnection,
      variables: z.record(text, z.unknown()),
      valuesFrom: z
        .strictObject({ connection: z.record(text, origin), variables: z.record(text, origin) })
        .nullable()
        .describe(
          'Where each value is written; a setting that is not listed is a default. Null: an untrusted inventory',
        ),
    })
    .meta({ id: 'InventoryHost' }),
);

const notReady = formOf<NotReady>()(
  z.strictObject({
    host: text,
    state: z.enum(['stale', 'unreadable', 'unreachable']),
    detail: text,
    failure: failure.nullable(),
  }),
);
const plan = fleetPlan.extend({
  digest: text,
  headline: planHeadline.exactOptional().describe('What it comes to; left out where nothing is to be applied'),
  notReady: z
    .array(notReady)
    .exactOptional()
    .describe('apply PLAN --dry-run: hosts that no longer match the plan and would be skipped'),
});

export const documentForms = {
  facts: z
    .strictObject({
      hosts: z.array(
        z.strictObject({
          host: text,
          facts: facts.nullable(),
          failure: failure.nullable(),
          answers: z.array(answer),
          findings: z
            .array(finding)
            .describe('About the desired ports (elsewhere, unknown, outside the dynamic range), and guards of runs'),
          crossCheck: crossCheck.nullable(),
        }),
      ),
    })
    .describe('fencepost collect --json'),
  plan: plan.describe('fencepost plan --json, and what apply --dry-run and rollback --dry-run would do'),
  'sign-off': signOff.describe('fencepost show PLAN --format json'),
  rehearsal: rehearsal.describe('fencepost rehearse PLAN --json'),
  verify: plan
    .extend({
      sinceLastTime: z
        .array(hostNews)
        .nullable()
        .exactOptional()
        .describe('Against the history of each host; null: it could not be read'),
      notInInventory: z
        .array(discoveredServer)
        .exactOptional()
        .describe('--discover: servers of the directory that are in no inventory'),
    })
    .describe('fencepost verify --json: a plan in which every change is drift'),
  approval: z
    .strictObject({
      file: text.nullable().describe('Beside the plan; null: it has none there'),
      state: text.nullable().describe('The database that has it; null: none'),
      key: text,
      approval: approvalClaim.nullable().describe('Null: it was withdrawn, from there'),
    })
    .describe('fencepost approve PLAN --json'),
  ...runForms,
  discovery: discovery.describe('fencepost discover --json'),
  ...siteForms,
  ...watchForms,
  inventory: z
    .strictObject({
      files: z.array(text),
      sha256: text,
      hosts: z.array(shownHost),
      groups: z.array(z.strictObject({ name: text, hosts: z.array(text) })),
      leftOut: z.array(z.strictObject({ host: text, reason: text })),
      warnings: z.array(issue),
    })
    .describe('fencepost inventory --json'),
  'inventory-host': shownHost.describe('fencepost inventory --host HOST --json'),
  doctor: z
    .strictObject({
      hosts: z.array(z.strictObject({ host: text, inOrder: z.boolean(), checks: z.array(check) })),
    })
    .describe('fencepost doctor --json'),
  report: fleetView.describe('fencepost report SUBJECT --format json'),
  explanation: page.describe('fencepost explain CODE --json'),
  explanations: z.strictObject({ pages: z.array(page) }).describe('fencepost explain --json'),
  init: z
    .strictObject({
      directory: text,
      files: z.array(z.strictObject({ path: text, written: z.boolean() })),
      domain: z
        .strictObject({ realm: text, from: text, account: text.nullable() })
        .nullable()
        .exactOptional()
        .describe('The domain of this machine, which the inventory names; null: nothing says it'),
    })
    .describe('fencepost init --json'),
  schemas: z.strictObject({ schemas: z.record(text, z.unknown()) }).describe('fencepost schema --json'),
  completion: z
    .strictObject({
      shell: z.enum(['bash', 'zsh', 'fish', 'powershell']),
      script: text,
      files: z
        .array(z.strictObject({ path: text, change: z.enum(['written', 'unchanged', 'removed', 'not-there']) }))
        .exactOptional()
        .describe('With --install or --uninstall'),
    })
    .describe('fencepost completion --json'),
  lab: z
    .strictObject({
      inventory: text,
      servers: z.array(
        z.strictObject({
          name: text,
          url: text,
          windows: z.enum(windowsReleases),
          language: z.enum(languages),
          reachable: z.boolean(),
        }),
      ),
    })
    .describe('fencepost lab --json'),
  demo: z
    .strictObject({
      good: z.boolean(),
      commands: z.array(z.strictObject({ command: text, exitCode: z.int(), expected: z.int() })),
      notAsFound: z.array(text),
      report: text.nullable().exactOptional().describe('The page it left on this machine; null: none'),
    })
    .describe('fencepost demo --json'),
  error: z
    .strictObject({
      error: z.strictObject({
        code: failureCode,
        message: text,
        where: text.nullable(),
        hint: text.nullable(),
        issues: z.array(issue),
      }),
    })
    .describe('Any command with --json that could do nothing: exit code 1 or 130'),
} as const satisfies Readonly<Record<DocumentKind, z.ZodObject>>;

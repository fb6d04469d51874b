// The order of the files of a project: those that are known to take long first, so that no worker is left with one at the end while the
// others have nothing to do. Vitest's own order is by size of the file, which says little of a test that starts processes.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The slowest files of a quiet run, slowest first (each run prints ten); worth a look when that list looks unlike this one. */
const slowest: readonly string[] = [
  'interop/postgres/joined',
  'interop/postgres/commands',
  'interop/ways-in',
  'interop/winrm-client',
  'interop/report-page',
  'interop/inventory',
  'interop/postgres/state',
  'interop/release',
  'interop/package',
  'interop/kerberos',
  'interop/postgres/joined-chaos',
  'interop/wine/cli',
  'interop/lab-clients',
  'interop/page-kinds',
  'interop/binary',
  'interop/postgres/joined-run',
  'interop/discover-samba',
  'interop/wine/cmd',
  'interop/discover-openldap',
  'interop/lab-kerberos',
  'interop/postgres/joined-outage',
  'interop/postgres/joined-group-down',
  'interop/postgres/outbox',
  'interop/postgres/approvals',
  'interop/approvals',
  'interop/wine/sspi',
  'interop/samba-kdc',
  'interop/signed-journal',
  'interop/vault',
  'cli/streams',
  'cli/late-change',
  'chaos/chaos',
  'cli/apply',
  'cli/group-down',
  'cli/notify/notifications',
  'cli/orphaned-shells',
  'crash/killed-at-request',
  'cli/lab',
  'cli/interrupted',
  'cli/output-schemas',
  'cli/hangup',
  'cli/bad-input',
  'cli/runs',
  'cli/killed',
  'cli/help',
  'crash/unwritable-state',
  'crash/killed-at-write',
  'cli/ci/shipped-jobs',
  'cli/outage',
  'cli/bounded',
  'run/crash-matrix',
  'run/matrix/counted-matrix',
  'winrm/moods',
  'journal/forged-fields',
  'workflows/rehearse/large-rehearsal',
  'workflows/resume-undoing',
  'winrm/bad-framing',
  'plan/one-verdict',
  'plan/account-rights',
];
const rankOf = new Map(slowest.map((name, index) => [`test/${name}.test.ts`, index]));

export default class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification): number =>
      rankOf.get(moduleId.slice(project.config.root.length + 1)) ?? slowest.length;
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

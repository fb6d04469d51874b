// What `npm audit --json` printed, as a verdict. A registry that serves no advisories is no failure, and no clean bill of health either.

export type AuditVerdict =
  | { readonly kind: 'clean' }
  | { readonly kind: 'unsafe'; readonly packages: readonly string[] }
  | { readonly kind: 'not-checked'; readonly reason: string };

/** Advisories of these severities stop a submission. */
const severe: ReadonlySet<unknown> = new Set(['high', 'critical']);

export function judgeAudit(stdout: string): AuditVerdict {
  let report: unknown;
  try {
    report = JSON.parse(stdout);
  } catch {
    return { kind: 'not-checked', reason: 'npm audit printed no report' };
  }
  if (!isObject(report) || !isObject(report['vulnerabilities']) || report['auditReportVersion'] !== 2) {
    const said = isObject(report) && typeof report['message'] === 'string' ? report['message'] : 'no report';
    return { kind: 'not-checked', reason: said };
  }
  const packages = Object.entries(report['vulnerabilities'])
    .filter(([, one]) => !isObject(one) || severe.has(one['severity']))
    .map(([name]) => name);
  return packages.length === 0 ? { kind: 'clean' } : { kind: 'unsafe', packages };
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

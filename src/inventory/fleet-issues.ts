// Issues of many hosts, said once each: two hundred hosts that share a wrong line make one Issue, not two hundred.
import type { Issue } from '../model/failure.ts';
import { issueAtKey } from './variables.ts';
import type { DocumentPlace } from './variables.ts';

export interface FleetIssues {
  issue(issue: Issue): void;
  /** An Issue of one place that holds for some hosts; their names are put behind it. */
  hostIssue(issue: Issue, host: string): void;
  warning(issue: Issue): void;
  /** A setting that a host must have and has not. */
  missing(setting: string, host: string, place: DocumentPlace): void;
  issues(): readonly Issue[];
  warnings(): readonly Issue[];
}

export function createFleetIssues(): FleetIssues {
  const issues = new Map<string, { readonly issue: Issue; readonly hosts: string[] }>();
  const warnings = new Map<string, Issue>();
  const missing = new Map<string, { readonly place: DocumentPlace; readonly hosts: string[] }>();
  const add = (issue: Issue, host: string | null): void => {
    const known = issues.get(writeKey(issue)) ?? { issue, hosts: [] };
    if (host !== null) known.hosts.push(host);
    issues.set(writeKey(issue), known);
  };
  return {
    issue: (issue) => {
      add(issue, null);
    },
    hostIssue: add,
    warning: (issue) => {
      warnings.set(writeKey(issue), issue);
    },
    missing: (setting, host, place) => {
      const known = missing.get(setting) ?? { place, hosts: [] };
      known.hosts.push(host);
      missing.set(setting, known);
    },
    issues: () => [
      ...[...issues.values()].map(({ issue, hosts }) => {
        return hosts.length === 0 ? issue : { ...issue, message: `${issue.message} (${nameHosts(hosts)})` };
      }),
      ...[...missing].map(([setting, { place, hosts }]) => {
        const { howToSet } = place.document;
        const fix =
          howToSet === undefined
            ? `write winrm: { ${setting}: ... } here or in a group above`
            : `write it ${howToSet}, as winrm: { ${setting}: ... }`;
        return issueAtKey(place, `no ${setting} for ${nameHosts(hosts)}; ${fix}`);
      }),
    ],
    warnings: () => [...warnings.values()],
  };
}

function writeKey(issue: Issue): string {
  return `${issue.file}:${issue.line}:${issue.column}:${issue.message}`;
}

function nameHosts(hosts: readonly string[]): string {
  const [first = '', second = ''] = hosts;
  if (hosts.length <= 2) return hosts.length === 2 ? `${first} and ${second}` : first;
  return `${first} and ${hosts.length - 1} more hosts`;
}

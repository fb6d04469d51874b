// Which settings without an effect (idle-settings.ts) are told, and how. One that is written for a host itself, or in the block that also says
// what makes it idle, contradicts what stands beside it: an error, or a warning where it is Ansible's variable, which Ansible takes in silence.
// One in a group whose hosts leave all to defaults is a warning: a forgotten `scheme: https`. Anything else is inherited, in a fleet that
// may be mixed: nothing is said, and never where the very same line counts for another host.
import type { FleetIssues } from '../fleet-issues.ts';
import type { WinrmKey } from '../schema.ts';
import { issueAt, type DocumentPlace } from '../variables.ts';
import type { IdleSetting } from './idle-settings.ts';

/** One setting of one host. */
export interface JudgedSetting {
  readonly place: DocumentPlace;
  /** A key of a `winrm:` block, no variable of Ansible's. */
  readonly isNative: boolean;
  /** Null: it counts. */
  readonly idle: IdleSetting | null;
}

export interface IdleSettings {
  /** `placeOf`: of any setting of this host; `isOwn`: whether a place is of the host itself, and of no group. */
  add(
    host: string,
    setting: JudgedSetting,
    of: {
      readonly placeOf: (key: WinrmKey) => DocumentPlace | null;
      readonly isOwn: (place: DocumentPlace) => boolean;
    },
  ): void;
  /** When all hosts have been added. */
  report(to: FleetIssues): void;
}

export function createIdleSettings(): IdleSettings {
  const counting = new Set<DocumentPlace>();
  const contradictions: { readonly host: string; readonly place: DocumentPlace; readonly text: string }[] = [];
  /** The place of a group's setting is one object for all its hosts. */
  const doubts = new Map<DocumentPlace, Set<string>>();
  return {
    add(host, { place, isNative, idle }, { placeOf, isOwn }) {
      if (idle === null) {
        counting.add(place);
        return;
      }
      const causes = idle.because.map(placeOf).filter((one) => one !== null);
      const isOfHost = isOwn(place);
      if (!isOfHost && !causes.every((one) => writeBlock(one) === writeBlock(place))) return;
      // How Ansible's variables would be written otherwise depends on more than one of them.
      const text = isNative ? `${idle.message}; ${idle.fix}` : idle.message;
      if (isNative && (isOfHost || causes.length > 0)) contradictions.push({ host, place, text });
      else doubts.set(place, (doubts.get(place) ?? new Set()).add(text));
    },
    report(to) {
      if (contradictions.length === 0 && doubts.size === 0) return;
      const used = new Set([...counting].map(writePlace));
      for (const { host, place, text } of contradictions) {
        if (!used.has(writePlace(place))) to.hostIssue(issueAt(place, text), host);
      }
      for (const [place, texts] of doubts) {
        if (!used.has(writePlace(place))) for (const text of texts) to.warning(issueAt(place, text));
      }
    },
  };
}

/** A host of a range, or an alias of an anchor, has the line in common with others; what a program printed has no lines. */
function writePlace({ document, path }: DocumentPlace): string {
  const { line, column } = document.at(path);
  return JSON.stringify([document.file, ...(line === 0 ? path : [line, column])]);
}

/** The variables of one group or host in one file, a `winrm:` block being a part of them. */
function writeBlock({ document, path }: DocumentPlace): string {
  const above = path.slice(0, -1);
  return JSON.stringify([document.file, ...(above.at(-1) === 'winrm' ? above.slice(0, -1) : above)]);
}

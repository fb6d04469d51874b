// A directory that can be searched, page by page, over an open connection. What it is asked and what the entries mean is not known here.
// A server that refers elsewhere is never followed: the password would go where a directory says. It is named. Source: RFC 4511, RFC 2696.
import { Failure } from '../model/failure.ts';
import type { LdapConnection } from './connection.ts';
import { createResultFailure, resultCodes } from './failures.ts';
import { writeSearch, type Entry, type SearchQuestion } from './messages.ts';

interface SearchAnswer {
  readonly entries: readonly Entry[];
  /** Where the rest is, as LDAP URLs; empty: this is all. */
  readonly references: readonly string[];
}

/** The seam: a test fills it in memory. */
export interface Directory {
  /** `dc01.corp.example:636` */
  readonly where: string;
  /**
   * Every entry; none when the base does not exist. `onPage` is told how many there are so far: a directory does not say how many come.
   * Rejects with Failure `directory/...` or `connect/lost`.
   */
  search(question: SearchQuestion, onPage?: (entries: number) => void): Promise<SearchAnswer>;
  close(): void;
}

/** Active Directory gives out 1000 at most. */
const pageSize = 500;
/** Half a million entries; a server that gives the same page for ever has an end too. */
const mostPages = 1000;

export function createDirectory(connection: LdapConnection, where: string, timeoutMs: number): Directory {
  const timeLimitS = Math.max(1, Math.ceil(timeoutMs / 1000));
  return {
    where,
    async search(question, onPage) {
      const entries: Entry[] = [];
      const references: string[] = [];
      let cookie: Uint8Array = new Uint8Array();
      for (let pages = 0; pages < mostPages; pages += 1) {
        const page = question.scope === 'base' ? null : { size: pageSize, cookie };
        const { answers, result } = await connection.ask((id) => writeSearch(id, question, page, timeLimitS));
        if (result.code === resultCodes.noSuchObject) return { entries: [], references: [] };
        if (result.code === resultCodes.referral) return { entries, references: [...references, ...result.referrals] };
        if (result.code !== resultCodes.success) throw createResultFailure(result, where, 'the search');
        for (const one of answers) {
          if (one.kind === 'entry') entries.push(one.entry);
          if (one.kind === 'reference') references.push(...one.uris);
        }
        ({ cookie } = result);
        onPage?.(entries.length);
        if (cookie.length === 0) return { entries, references };
      }
      throw new Failure('directory/unread', `a search of more than ${mostPages} pages`, { where });
    },
    close() {
      connection.close();
    },
  };
}

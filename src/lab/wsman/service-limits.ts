// What a WinRM service allows, by the Windows it belongs to: defaults of winrm/config that a client can run into. Data.
// Source: facts wsman.md sections 2.10 and 8, item 13; MS-WSMV 2.2.4.34 and its notes 8 and 118.
import type { Language, WindowsRelease } from '../machine/releases.ts';

export interface ServiceLimits {
  /** MaxEnvelopeSizekb, in bytes: the largest request, and the largest answer. */
  readonly maxEnvelopeBytes: number;
  readonly maxShellsPerUser: number;
  /** MaxConcurrentOperationsPerUser: commands started and not given back before their shell is deleted. */
  readonly maxOperationsPerUser: number;
  /** MaxTimeoutms: the longest a request may wait on the server. */
  readonly maxTimeoutMs: number;
  /** IdleTimeout of a shell that asked for none. */
  readonly idleTimeoutMs: number;
  /** The protocol stack as Identify names it. */
  readonly stack: '2.0' | '3.0';
}

const winRm2: ServiceLimits = {
  maxEnvelopeBytes: 150 * 1024,
  maxShellsPerUser: 5,
  maxOperationsPerUser: 15,
  maxTimeoutMs: 60_000,
  idleTimeoutMs: 7_200_000,
  stack: '2.0',
};

const winRm3: ServiceLimits = {
  ...winRm2,
  maxEnvelopeBytes: 500 * 1024,
  maxShellsPerUser: 30,
  maxOperationsPerUser: 1500,
  stack: '3.0',
};

export function chooseLimits(release: WindowsRelease): ServiceLimits {
  return release === '2008r2' ? winRm2 : winRm3;
}

/** The OEM code page of each language's Windows: what a shell speaks that was opened without WINRS_CODEPAGE. */
export const oemCodePages: Readonly<Record<Language, number>> = {
  en: 437,
  de: 850,
  fr: 850,
  es: 850,
  it: 850,
  'pt-BR': 850,
  ru: 866,
  ja: 932,
  ko: 949,
  'zh-CN': 936,
  'zh-TW': 950,
};

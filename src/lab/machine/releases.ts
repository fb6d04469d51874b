// Windows and Exchange releases the lab can pretend to be, with their numbers. Data only.
// Builds: windows.md section 5 (6.2.9200, 6.3.9600, 26100: general knowledge). Exchange: windows.md section 4.
import type { ExchangeVersion, WindowsVersion } from '../../model/facts.ts';

export const languages = ['en', 'de', 'fr', 'es', 'ru', 'ja', 'zh-CN', 'zh-TW', 'ko', 'pt-BR', 'it'] as const;
export type Language = (typeof languages)[number];

export const windowsReleases = ['2008r2', '2012', '2012r2', '2016', '2019', '2022', '2025'] as const;
export type WindowsRelease = (typeof windowsReleases)[number];

interface WindowsNumbers {
  readonly version: WindowsVersion;
  readonly productName: string;
}

const serverVersion = (major: number, minor: number, build: number, revision: number | null): WindowsVersion => ({
  major,
  minor,
  build,
  revision,
});

/** `ver` of 6.x prints three numbers (WindowsVersion.revision null), 10.0 four (netsh-samples/ver-lines-1). */
export const windowsNumbers: Readonly<Record<WindowsRelease, WindowsNumbers>> = {
  '2008r2': { version: serverVersion(6, 1, 7601, null), productName: 'Windows Server 2008 R2 Standard' },
  '2012': { version: serverVersion(6, 2, 9200, null), productName: 'Windows Server 2012 Standard' },
  '2012r2': { version: serverVersion(6, 3, 9600, null), productName: 'Windows Server 2012 R2 Standard' },
  '2016': { version: serverVersion(10, 0, 14393, 7428), productName: 'Windows Server 2016 Standard' },
  '2019': { version: serverVersion(10, 0, 17763, 7558), productName: 'Windows Server 2019 Standard' },
  '2022': { version: serverVersion(10, 0, 20348, 3932), productName: 'Windows Server 2022 Standard' },
  '2025': { version: serverVersion(10, 0, 26100, 4652), productName: 'Windows Server 2025 Standard' },
};

export const exchangeReleases = ['2013', '2016', '2019', 'se'] as const;
export type ExchangeRelease = (typeof exchangeReleases)[number];

/** 15.0 = 2013, 15.1 = 2016, 15.2 below build 2562 = 2019, from 2562 on = SE (windows.md section 4, version detection). */
export const exchangeVersions: Readonly<Record<ExchangeRelease, ExchangeVersion>> = {
  '2013': { major: 15, minor: 0, build: 1497, revision: 2 },
  '2016': { major: 15, minor: 1, build: 2507, revision: 6 },
  '2019': { major: 15, minor: 2, build: 1544, revision: 4 },
  se: { major: 15, minor: 2, build: 2562, revision: 17 },
};

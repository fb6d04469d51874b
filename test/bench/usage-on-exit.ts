// Loaded before a Node program that is measured: when it ends, what it used goes to the file named in the environment.
import { writeFileSync } from 'node:fs';

export interface Usage {
  readonly cpuMs: number;
  readonly peakMemoryMb: number;
}

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage: Usage = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMemoryMb: maxRSS / 1024 };
  writeFileSync(process.env['BENCH_USAGE_FILE'] ?? '', JSON.stringify(usage));
});

// The dynamic port range: the question and its reader, and the command that sets it. netsh prints start and COUNT here, never an end: 6005 / 59530 is
// 6005-65534 (netsh-samples/dyn-tcp-en-2-exchange2010).
import type { Family, Protocol } from '../model/host-state.ts';
import { portRange } from '../model/port-range.ts';
import type { PortRange } from '../model/port-range.ts';
import { valueWithNoise, refusal } from './cmd/lines.ts';
import type { Reading } from './cmd/lines.ts';
import { readLabelledNumbers } from './table.ts';

/** `netsh interface ipv4 show dynamicportrange protocol=tcp` */
export function showDynamicRange(family: Family, protocol: Protocol): string {
  return `netsh interface ${family} show dynamicportrange protocol=${protocol}`;
}

/** In the default store, as Exchange setup does (facts: windows.md section 8). */
export function setDynamicRange(family: Family, protocol: Protocol, { firstPort, portCount }: PortRange): string {
  return `netsh interface ${family} set dynamicportrange protocol=${protocol} startport=${firstPort} numberofports=${portCount}`;
}

export function readDynamicRange(text: string, exitCode: number): Reading<PortRange> {
  if (exitCode !== 0) return refusal('netsh', exitCode, text);
  const numbers = readLabelledNumbers(text);
  if ('problem' in numbers) return numbers;
  const [firstPort, portCount, ...others] = numbers.value;
  if (firstPort === undefined || portCount === undefined || others.length > 0) {
    return { problem: `expected two numbers, start and count, got ${numbers.value.length}` };
  }
  try {
    return valueWithNoise(portRange(firstPort, portCount), numbers.noise ?? []);
  } catch (thrown) {
    if (thrown instanceof RangeError) return { problem: thrown.message };
    throw thrown;
  }
}

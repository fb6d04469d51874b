// Ranges of ports: a start and a COUNT, the end computed. The only arithmetic on ranges in the house.
// netsh prints start and count for the dynamic range, but start and end for exclusions (facts: windows.md section 1).

/** A range of ports. `lastPort(range)` = `firstPort + portCount - 1`; it is never stored. */
export interface PortRange {
  readonly firstPort: number;
  readonly portCount: number;
}

export const highestPort = 65535;

/** True for a whole number from 1 to 65535. */
export function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= highestPort;
}

/** A range from its start and count. Throws RangeError when it doesn't lie within 1-65535. */
export function portRange(firstPort: number, portCount = 1): PortRange {
  if (!isPort(firstPort)) throw new RangeError(`expected a port from 1 to ${highestPort}, got ${firstPort}`);
  if (!Number.isInteger(portCount) || portCount < 1)
    throw new RangeError(`expected a count of at least 1, got ${portCount}`);
  const range = { firstPort, portCount };
  if (lastPort(range) > highestPort) {
    throw new RangeError(
      `a range from ${firstPort} with ${portCount} ports ends at ${lastPort(range)}, above ${highestPort}`,
    );
  }
  return range;
}

/** A range from its first and last port, as exclusion tables print it. Throws RangeError like `portRange`. */
export function portRangeFromEnds(firstPort: number, last: number): PortRange {
  return portRange(firstPort, last - firstPort + 1);
}

export function lastPort(range: PortRange): number {
  return range.firstPort + range.portCount - 1;
}

/** Every port of the range, ascending. */
export function listPorts(range: PortRange): readonly number[] {
  return Array.from({ length: range.portCount }, (_, index) => range.firstPort + index);
}

export function containsPort(range: PortRange, port: number): boolean {
  return port >= range.firstPort && port <= lastPort(range);
}

/** True when every port of `inner` lies in `outer`. */
export function covers(outer: PortRange, inner: PortRange): boolean {
  return outer.firstPort <= inner.firstPort && lastPort(outer) >= lastPort(inner);
}

export function overlaps(a: PortRange, b: PortRange): boolean {
  return a.firstPort <= lastPort(b) && b.firstPort <= lastPort(a);
}

/** Same start and same count. netsh deletes only what matches in both (netsh-samples/help-delete-es-1). */
export function sameRange(a: PortRange, b: PortRange): boolean {
  return a.firstPort === b.firstPort && a.portCount === b.portCount;
}

/** `9933` for one port, `9900-9999` for more. */
export function formatRange(range: PortRange): string {
  return range.portCount === 1 ? String(range.firstPort) : `${range.firstPort}-${lastPort(range)}`;
}

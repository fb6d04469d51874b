// The forms of single values, of which the others are made. Source: model/, to which the compiler holds them.
import * as z from 'zod';
import { families, protocols } from '../model/host-state.ts';
import { highestPort, lastPort, type PortRange } from '../model/port-range.ts';
import { formOf } from './form.ts';

export const text = z.string();
export const count = z.int().nonnegative();
export const moment = z.iso.datetime().describe('ISO 8601, UTC');
export const family = z.enum(families);
export const protocol = z.enum(protocols);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const version = z.strictObject({ major: count, minor: count, build: count, revision: count.nullable() });
export const exchangeVersion = z.strictObject({ major: count, minor: count, build: count, revision: count });

export const port = z.int().min(1).max(highestPort);
export const range = formOf<PortRange>()(
  z
    .strictObject({ firstPort: port, portCount: port })
    .refine((one) => lastPort(one) <= highestPort, `expected a range that ends at ${highestPort} or below`)
    .meta({ id: 'PortRange' }),
);

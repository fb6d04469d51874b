// The version of this build, from the package that ships it.
import { readOwnVersion } from './shipped-files.ts';

export const toolVersion = readOwnVersion();

// The version of this build, from the package that ships it.
import { readShippedFile } from './shipped-files.ts';

const manifest = JSON.parse(readShippedFile('package.json')) as { version: string };

export const toolVersion = manifest.version;

import { readFile } from 'node:fs/promises';

/** The certificate that a setting names: a file on hosts, PEM itself in functions, which have none. */
export async function authorityFrom(setting: string | undefined): Promise<string | undefined> {
  return setting && !setting.startsWith('-----BEGIN') ? readFile(setting, 'utf8') : setting;
}

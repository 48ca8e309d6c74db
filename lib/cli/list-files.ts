import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'

export type Listed = { readonly file: string } | { readonly file: string; readonly problem: string }

/**
 * Files of these paths, folders with everything below them, in the order of their names; a path that cannot be read is named
 * with its problem. Links to files are followed, links to folders are not, so that no circle is walked.
 */
export async function* listFiles(paths: readonly string[]): AsyncGenerator<Listed> {
  for (const given of paths) yield* listPath(given)
}

async function* listPath(file: string): AsyncGenerator<Listed> {
  try {
    const found = await stat(file)
    if (found.isDirectory()) yield* listFolder(file)
    else if (found.isFile()) yield { file }
    else yield { file, problem: 'neither a file nor a folder' }
  } catch (error) {
    yield { file, problem: problemOf(error) }
  }
}

async function* listFolder(folder: string): AsyncGenerator<Listed> {
  const entries = await readdir(folder, { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) yield* listFolder(file)
    else if (entry.isFile()) yield { file }
    else if (entry.isSymbolicLink() && (await isFile(file))) yield { file }
  }
}

const isFile = (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isFile(),
    () => false,
  )

/** An error of the file system in a few words. */
export function problemOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'may not be read',
    Z_BUF_ERROR: 'the compressed data are cut off',
    Z_DATA_ERROR: 'the compressed data are broken',
  }
  return words[code] ?? (error instanceof Error ? error.message : String(error))
}

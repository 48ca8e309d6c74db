import { env } from '@/lib/env'
import { isAppError } from '@/lib/errors'
import { importFiles } from './import-files'
import { IMPORT_USAGE, readImportOptions } from './import-options'
import { exitCode, type FileReport, fileLines, summaryLines } from './report'

/** `npm run postern -- import|backup|restore …`. Exit code 2: the command is wrong. */
async function main([command, ...args]: readonly string[]): Promise<number> {
  if (command === 'import' && !args.includes('--help')) return importAll(args)
  const isHelp = command === '--help' || args.includes('--help')
  if (command === 'import') return usage(IMPORT_USAGE, isHelp)
  // Loaded when asked for: it brings the database's drivers.
  const { BACKUP_USAGE, runBackupCommand } = await import('@/lib/server/backup-command')
  if (command !== 'backup' && command !== 'restore') return usage(`${IMPORT_USAGE}\n\n${BACKUP_USAGE}`, isHelp)
  return isHelp ? usage(BACKUP_USAGE, isHelp) : runBackupCommand(command, args)
}

function usage(text: string, isHelp: boolean): number {
  console.log(text)
  return isHelp ? 0 : 2
}

async function importAll(args: readonly string[]): Promise<number> {
  const { PORT: port, POSTERN_TOKEN: token } = env()
  const options = readImportOptions(args, { port, ...(token && { token }) })
  const reports: FileReport[] = []
  for await (const report of importFiles(options)) {
    reports.push(report)
    for (const line of fileLines(report, options)) console.log(line)
  }
  for (const line of summaryLines(reports, options)) console.log(line)
  return exitCode(reports)
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error))
    if (isAppError(error)) console.error(`\n${IMPORT_USAGE}`)
    process.exitCode = 2
  },
)

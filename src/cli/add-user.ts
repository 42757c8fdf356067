/**
 * `scripts/add_user`: writes users into the XML directory, one file each. It never changes a file that is there,
 * never touches the dialplan, and says which expression the dialplan would need.
 * The output is that of FreeSWITCH's tool of the same name, so that scripts around it go on working.
 */
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { type AddUserOptions, parseAddUserArguments, usage } from './add-user-arguments.ts'
import { digitRegex } from './digit-regex.ts'

/** Where the tool writes: lines for the screen and lines for whoever must look at them. */
export interface Terminal {
  out(text: string): void
  warn(text: string): void
}

/** Runs the tool; the number is the exit status. `confPath` is the configuration when none is named. */
function addUsers(args: readonly string[], confPath: string, terminal: Terminal): number {
  try {
    const options = parseAddUserArguments(args)
    if (options === 'help') {
      terminal.out(usage)
      return 0
    }
    return add(options, userFolder(options.confPath ?? confPath, options.domain), terminal)
  } catch (thrown) {
    if (!(thrown instanceof SwitchError)) throw thrown
    terminal.warn(thrown.message)
    return 1
  }
}

function add(options: AddUserOptions, folder: string, terminal: Terminal): number {
  const current = existingUsers(folder)
  const added: string[] = []
  let failures = 0
  terminal.out('')
  for (const id of options.ids) {
    const path = join(folder, `${id}.xml`)
    if (current.has(id)) {
      terminal.warn(`User id ${id} already exists, skipping...`)
      continue
    }
    try {
      // wx: fails where there is a file, also one that came a moment ago.
      writeFileSync(path, userXml(id, options), { flag: 'wx' })
    } catch (thrown) {
      if (isFileExists(thrown)) terminal.warn(`${path} exists, skipping...`)
      else {
        failures++
        terminal.warn(`Unable to write '${path}': ${reasonOf(thrown)}`)
      }
      continue
    }
    added.push(id)
    terminal.out(`Added ${id} in file ${path} `)
  }
  terminal.out('')
  for (const line of summary(added, current)) terminal.out(line)
  return failures === 0 ? 0 : 1
}

function summary(added: readonly string[], current: ReadonlySet<string>): string[] {
  if (added.length === 0) return ['Operation complete. No users added.']
  return [
    `Operation complete. ${added.length} user${added.length === 1 ? '' : 's'} added.`,
    'Be sure to reloadxml.',
    '',
    'Regular expression information:',
    '',
    `            Sample regex for all new users: ${digitRegex(added)}`,
    `Sample regex for all new AND current users: ${digitRegex([...current, ...added])}`,
    '',
    "In the default configuration you can modify the expression in the condition for 'Local_Extension'.",
  ]
}

/** The folder that holds the domain's user files, checked from the top so that the message names what is missing. */
function userFolder(confPath: string, domain: string): string {
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory()
  if (!isFolder(confPath)) {
    throw new SwitchError('ADD_USER_NO_CONF', `Configuration path '${confPath}' does not exist.`)
  }
  const directory = join(confPath, 'directory')
  if (!isFolder(directory)) {
    throw new SwitchError('ADD_USER_NO_DIRECTORY', `Directory path '${directory}' does not exist.`)
  }
  const folder = join(directory, domain)
  if (!isFolder(folder)) {
    throw new SwitchError(
      'ADD_USER_NO_DOMAIN',
      `Full path to directory and domain '${folder}' does not exist.`,
    )
  }
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    throw new SwitchError(
      'ADD_USER_NOT_WRITABLE',
      `This user does not have write access to '${folder}'.`,
    )
  }
  return folder
}

/** Every numeric id and number-alias in the domain's files, the file beside the folder included. */
function existingUsers(folder: string): Set<string> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.xml'))
    .map((name) => join(folder, name))
  if (existsSync(`${folder}.xml`)) files.push(`${folder}.xml`)
  const found = new Set<string>()
  for (const file of files) {
    const text = readFileSync(file, 'utf8').replace(/<!--[\s\S]*?-->/g, '')
    for (const [tag] of text.matchAll(/<user\s[^>]*>/g)) {
      // A pointer only puts a user that is written elsewhere into a group.
      if (/\stype\s*=\s*["']pointer["']/.test(tag)) continue
      for (const [, id = ''] of tag.matchAll(/\s(?:id|number-alias)\s*=\s*["'](\d+)["']/g)) {
        found.add(id)
      }
    }
  }
  return found
}

function userXml(id: string, options: AddUserOptions): string {
  const password =
    options.password === undefined ? '$${default_password}' : escapeXml(options.password)
  const { voicemailPin } = options
  // Without one the user chooses it, at his own phone.
  const pin =
    voicemailPin === undefined ? '' : `\n      <param name="vm-password" value="${voicemailPin}"/>`
  return `<include>
  <user id="${id}">
    <params>
      <param name="password" value="${password}"/>${pin}
    </params>
    <variables>
      <variable name="toll_allow" value="domestic,international,local"/>
      <variable name="accountcode" value="${id}"/>
      <variable name="user_context" value="default"/>
      <variable name="effective_caller_id_name" value="Extension ${id}"/>
      <variable name="effective_caller_id_number" value="${id}"/>
      <variable name="outbound_caller_id_name" value="$\${outbound_caller_name}"/>
      <variable name="outbound_caller_id_number" value="$\${outbound_caller_id}"/>
      <variable name="callgroup" value="techsupport"/>
    </variables>
  </user>
</include>
`
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

function isFileExists(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST'
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = addUsers(
    process.argv.slice(2),
    // From .build/src/cli, where the compiled file lies.
    fileURLToPath(new URL('../../../conf', import.meta.url)),
    {
      out: (text) => void process.stdout.write(`${text}\n`),
      warn: (text) => void process.stderr.write(`${text}\n`),
    },
  )
}

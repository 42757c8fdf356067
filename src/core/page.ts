/** Page: an announcement in a file is played to many parties, so many at a time (`page`, the command and the application). */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { untilHungUp } from './attend.ts'
import { enterpriseParts, takeEnterpriseVariables } from './originate/dial-string.ts'
import { originate } from './originate/originate.ts'
import type { Switch } from './switch.ts'
import { transfer } from './transfer.ts'
import { Variables } from './variables.ts'

const log = logger('core/page')

const usualChunk = 10

export interface PageRequest {
  /** The announcement. */
  readonly path: string
  /** `<a=b>party:_:party…`: each is called by itself. */
  readonly parties: string
  readonly variables?: Variables | undefined
  /** How many are called at a time; default 10. */
  readonly chunkSize?: number | undefined
  /** Where a party that answers goes; default: it hears the file and is hung up. */
  readonly extension?: string | undefined
  readonly dialplan?: string | undefined
  readonly context?: string | undefined
  /** The file is of no use afterwards. */
  readonly removesFile: boolean
}

/** The settings of a page as variables give them. */
export function pageSettings(
  get: (name: string) => string | undefined,
): Pick<PageRequest, 'chunkSize' | 'extension' | 'dialplan' | 'context'> {
  const chunk = Number.parseInt(get('page_chunk_size') ?? '', 10)
  return {
    chunkSize: chunk > 0 ? chunk : undefined,
    extension: get('page_exten'),
    dialplan: get('page_dp'),
    context: get('page_context'),
  }
}

/** Calls everybody. Resolves when the last one has heard it; what goes wrong with one party is logged. */
export async function page(sw: Switch, request: PageRequest): Promise<void> {
  const variables = request.variables?.copy() ?? new Variables()
  const rest = takeEnterpriseVariables(request.parties, variables)
  const parties = rest ? [...enterpriseParts(rest)] : []
  try {
    if (!existsSync(request.path)) return log.err(`page: there is no file ${request.path}`)
    if (parties.length === 0) return log.err(`page: nobody to call in ${request.parties}`)
    // So many callers, each of which takes the next party when its own has gone.
    const size = Math.min(request.chunkSize ?? usualChunk, parties.length)
    await Promise.all(
      Array.from({ length: size }, async () => {
        for (let party = parties.shift(); party !== undefined; party = parties.shift())
          await callOne(sw, request, party, variables)
      }),
    )
  } finally {
    if (request.removesFile) {
      await rm(request.path, { force: true }).catch((thrown: unknown) =>
        log.warning(`${request.path}: ${reasonOf(thrown)}`),
      )
    }
  }
}

async function callOne(
  sw: Switch,
  request: PageRequest,
  dialString: string,
  variables: Variables,
): Promise<void> {
  const { channel, cause } = await originate(sw, { dialString, variables })
  if (!channel) return log.warning(`page: ${dialString} was not reached: ${cause}`)
  channel.variables.set('page_file', request.path)
  const gone = untilHungUp(channel)
  transfer(channel, {
    extension: request.extension || `playback:${request.path}`,
    dialplan: request.dialplan || 'inline',
    context: request.context,
  })
  await gone
}
